"""The calculator that travels as one file: what a page needs of a model, and its arithmetic."""
