"""Names that others give to our things: reconciliation, data extension, look-up."""
