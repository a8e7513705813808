"""What all pages share: their queries, labels, languages, dates, and the way they are answered."""
