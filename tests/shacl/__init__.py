"""Tests of ``shacl/``."""
