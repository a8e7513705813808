"""RDF as text: terms, lines of N-Triples, Turtle, prefixes, and reading and writing files in any format."""
