"""Tests of ``fulltext/``."""
