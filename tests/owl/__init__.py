"""Tests of ``owl/``."""
