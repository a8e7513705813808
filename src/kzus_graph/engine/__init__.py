"""Runs SPARQL queries on a graph in memory, in worker processes that can open no file or connection."""
