"""Tests of ``web/site/``."""
