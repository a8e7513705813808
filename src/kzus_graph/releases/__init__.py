"""Publishes releases, and compares two of them: by thing, as a patch, as a record of changes."""
