"""Pooled studies as a reader meets them: on the terminal, as a page, as JSON."""
