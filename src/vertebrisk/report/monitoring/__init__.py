"""A model over calendar time, as a page."""
