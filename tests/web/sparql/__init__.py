"""Tests of ``web/sparql/``."""
