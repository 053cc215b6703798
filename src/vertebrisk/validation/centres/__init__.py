"""Validation centre by centre: each measured by a model of the others, then pooled."""
