"""Checks of what the text says: performance, claims, numbers printed twice, other papers."""
