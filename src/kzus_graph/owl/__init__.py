"""Reasoning by OWL 2 RL: compile an ontology to rules, compute the closure, compare with owlrl, explain derivations."""
