"""Releases as they are published, and what changed between two: by thing, as a patch, as a record."""
