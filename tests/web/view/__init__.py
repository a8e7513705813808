"""Tests of ``web/view/``."""
