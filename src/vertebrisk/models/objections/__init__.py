"""Findings about an analysis: what a reviewer would object to, said first, with a way out."""
