"""Downloads: dumps, slices, the description of the data set, and the changes between releases."""
