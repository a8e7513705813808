"""A thing by its IRI: which document stands for it, and its page."""
