"""Publishes releases of the data set, and compares two releases: by resource, as an RDF Patch, or as JSON."""
