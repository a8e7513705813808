"""What changed between two releases: their statements compared, told by thing, written as a patch and as a record."""
