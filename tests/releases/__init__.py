"""Tests of ``releases/``."""
