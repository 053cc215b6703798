"""A model from elsewhere, or from before, fitted to the patients of here and now."""
