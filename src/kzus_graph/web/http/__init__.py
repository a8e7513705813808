"""HTTP itself: negotiation, codings, ranges, bodies, problems, metrics."""
