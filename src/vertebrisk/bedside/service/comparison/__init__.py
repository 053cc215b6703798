"""Several models on one patient, on a page."""
