"""How much the models of other samples would differ, and how performance grows with patients."""
