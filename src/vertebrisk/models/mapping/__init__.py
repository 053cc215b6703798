"""Columns and values of a file in the terms of a model: read, applied, proposed."""
