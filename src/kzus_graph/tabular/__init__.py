"""Import of tables: converts CSV files, described by CSVW metadata, to RDF in TriG."""
