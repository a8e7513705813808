"""Downloads: dumps, slices (parts of the graph), the description of the data set, and the changes in each release."""
