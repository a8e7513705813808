"""Reason with OWL 2 RL: compile an ontology to rules, compute the closure of a graph, explain how triples follow."""
