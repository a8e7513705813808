"""HTTP: content negotiation, content coding, byte ranges, message bodies, problem documents, log and metrics."""
