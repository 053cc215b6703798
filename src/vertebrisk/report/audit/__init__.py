"""An audit as a reader meets it: on the terminal, as a page, as JSON."""
