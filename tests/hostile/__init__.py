"""What a hostile client tries."""
