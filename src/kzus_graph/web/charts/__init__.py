"""Drawings: the timeline, the network, the map, and the class diagram of the ontology."""
