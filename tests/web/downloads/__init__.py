"""Tests of ``web/downloads/``."""
