"""Checks of regression tables: rows, directions, the fit that they can be, the nomogram."""
