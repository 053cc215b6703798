"""Backward elimination of logistic models, each step by refits."""
