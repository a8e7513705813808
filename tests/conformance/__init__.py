"""The W3C's tests of SPARQL services, run over HTTP against a server that runs."""
