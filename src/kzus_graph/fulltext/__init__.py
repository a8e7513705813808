"""Full text: the index of all names in a release, with which the search page and its suggestions find things."""
