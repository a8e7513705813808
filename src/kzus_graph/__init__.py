"""Kazakhstan–United States relations as linked data: from Turtle files to a SPARQL endpoint."""

__version__ = "3.0.0"
