"""Validate large graphs with SHACL: queries find the nodes that may not conform, and pyshacl checks only these."""
