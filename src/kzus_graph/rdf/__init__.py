"""Read and write RDF: terms, N-Triples lines, Turtle, prefixes, query files, and files in every supported format."""
