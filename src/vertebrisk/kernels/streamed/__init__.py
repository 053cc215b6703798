"""Sums over one chunk of patients, and how the sums of two chunks are added."""
