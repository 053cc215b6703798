"""Conditional logistic regression of matched sets, for many weightings of the sets at once."""
