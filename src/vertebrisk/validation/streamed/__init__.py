"""Measures of patients that are read in pieces: the numbers of those in memory."""
