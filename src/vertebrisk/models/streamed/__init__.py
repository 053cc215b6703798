"""Models of patients that need not fit into memory, made in passes over a scan."""
