"""Processes: work done side by side, and children that end with their parent."""
