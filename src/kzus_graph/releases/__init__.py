"""Publishes releases of the data set, and compares two: thing by thing, as an RDF Patch, or as a JSON record."""
