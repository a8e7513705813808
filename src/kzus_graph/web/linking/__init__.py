"""Matches external names and identifiers with things of this graph: reconciliation, data extension, look-up."""
