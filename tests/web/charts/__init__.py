"""Tests of ``web/charts/``."""
