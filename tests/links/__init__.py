"""Tests of ``links/``."""
