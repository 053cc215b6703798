"""Internal validation: which patients a model leaves out, and how it does on them."""
