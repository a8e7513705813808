"""Drawings: the timeline of events, the network of meetings, the map of places, the class diagram of the ontology."""
