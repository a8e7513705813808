"""Web pages and RDF documents about each resource, at addresses made from its IRI."""
