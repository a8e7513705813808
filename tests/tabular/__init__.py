"""Tests of ``tabular/``."""
