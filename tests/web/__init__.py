"""Tests of ``web/``."""
