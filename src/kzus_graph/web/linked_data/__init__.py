"""Pages and data documents about each thing, found by its IRI."""
