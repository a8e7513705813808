"""Tests of ``processes/``."""
