"""Several models on one cohort, for people: page, tables, figures, files."""
