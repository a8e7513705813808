"""Pages about the whole data set: home, years, search, documentation, types of problems, and lists of addresses."""
