"""Links to other data sets: linksets and SSSOM tables, names matched with ours, identifiers looked up."""
