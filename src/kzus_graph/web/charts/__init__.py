"""Drawings: timeline, network, map, classes of the ontology."""
