"""An external validation for people: page, tables, figures, files."""
