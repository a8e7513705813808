"""Tests of ``web/linking/``."""
