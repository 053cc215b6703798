"""Table 1 of patients that are read in pieces."""
