"""The logistic model: data and formula in, a fitted model out."""
