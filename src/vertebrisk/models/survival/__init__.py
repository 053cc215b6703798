"""Cox models: from times and a formula to a fitted model."""
