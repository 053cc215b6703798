"""Every table of a report: made once as cells that keep their numbers, drawn many times."""
