"""RDF as text: terms, lines of N-Triples, Turtle, the prefixes, and files in any format read and written."""
