"""What a model does with an input that is missing: models of each input given the others."""
