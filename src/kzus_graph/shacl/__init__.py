"""SHACL at scale: queries find the nodes that may not conform, and pyshacl judges these alone."""
