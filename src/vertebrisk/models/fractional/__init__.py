"""Fractional polynomials whose powers the data find, with the choice repeated in validation."""
