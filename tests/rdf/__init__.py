"""Tests of ``rdf/``."""
