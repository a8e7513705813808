"""Code that all pages share: their queries, labels, languages, dates, and HTTP responses."""
