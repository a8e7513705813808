"""Links to other data sets: linksets made of SSSOM tables, names matched with our things, identifiers looked up."""
