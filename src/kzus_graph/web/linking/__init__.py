"""Matching of others' names and identifiers with our things: reconciliation, data extension, look-up."""
