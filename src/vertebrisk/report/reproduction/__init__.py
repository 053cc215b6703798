"""The R script that computes a report's numbers anew, piece by piece."""
