"""Checks of comparisons: counts, percentages, tests, means of whole numbers."""
