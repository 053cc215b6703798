"""Models that were fitted by other programs, or are known by their coefficients alone."""
