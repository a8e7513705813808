"""HTTP: content negotiation and coding, byte ranges, bodies, problem documents, log and metrics."""
