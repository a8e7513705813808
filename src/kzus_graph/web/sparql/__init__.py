"""The endpoint: a query from its request to its answer, and the page to write queries on."""
