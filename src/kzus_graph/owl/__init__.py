"""What follows by OWL 2 RL: an ontology compiled to rules, their closure, owlrl as the reference, and derivations."""
