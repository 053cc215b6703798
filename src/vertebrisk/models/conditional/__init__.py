"""Conditional logistic regression of cases matched with controls."""
