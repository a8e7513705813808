"""The SPARQL endpoint (request, evaluation, response), the query editor, and the W3C test results."""
