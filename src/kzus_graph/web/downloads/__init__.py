"""Files to take along: dumps, slices, the description of the data set, what changed between releases."""
