"""Tests of ``web/http/``."""
