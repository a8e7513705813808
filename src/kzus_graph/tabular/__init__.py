"""Tables as facts: CSV files, described by CSVW metadata, become TriG."""
