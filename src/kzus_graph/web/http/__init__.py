"""HTTP: negotiation, codings, ranges, bodies, problems, metrics; nothing here knows of RDF."""
