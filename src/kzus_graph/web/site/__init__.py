"""Pages about the data set as a whole: home, years, search, documentation, and the addresses there are."""
