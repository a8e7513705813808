"""Tests of ``web/linked_data/``."""
