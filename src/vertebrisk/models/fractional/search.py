"""A search for powers as part of a development: once for all patients, then in each resample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.models.fractional.selecting import Found, find_shapes
from vertebrisk.models.fractional.shapes import Shapes
from vertebrisk.models.likelihoods import Likelihood


@dataclass(frozen=True, slots=True, eq=False)
class ShapeSearch:
    """Shapes to choose from, and what all patients chose.

    Attributes
    ----------
    shapes : Shapes
    found : Found or None
        Of all patients; None before the search.
    """

    shapes: Shapes
    found: Found | None = None

    @property
    def state(self) -> IntArray:
        """Shapes of the final model, one a term; straight lines before the search."""
        return self.shapes.straight if self.found is None else self.found.states[0]

    @property
    def design(self) -> Design:
        """The terms in the shapes of the final model."""
        return self.shapes.decided(self.state)

    def of_all_patients(self, likelihood: Likelihood) -> ShapeSearch:
        """With the shapes that all patients give."""
        everyone = np.ones((1, self.shapes.matrix.shape[0]))
        return replace(self, found=find_shapes(self.shapes, likelihood, everyone))

    def repeated(self, likelihood: Likelihood, weights: FloatArray) -> IntArray:
        """States that each replicate gives, shape (replicates, terms)."""
        return find_shapes(self.shapes, likelihood, weights).states

    def of_polynomials(self, states: IntArray) -> IntArray:
        """States of the fractional polynomials alone, in the order of the terms."""
        return states[:, self.shapes.polynomials]

    def columns_of(self, terms: BoolArray) -> IntArray:
        """Columns of the marked terms in the shapes of the final model."""
        return self.shapes.columns_of(self.state, terms)

    @property
    def final_shapes(self) -> tuple[tuple[str, int], ...]:
        """Variables whose powers are found, with the final shape of each."""
        return tuple(
            (self.shapes.design.terms[place].variables[0], int(self.state[place]))
            for place in self.shapes.polynomials
        )


def asked_search(
    design: Design, codes: Mapping[str, FloatArray], alpha: float, stay: float
) -> ShapeSearch | None:
    """The search that a design asks for; None where no power of it is to be found."""
    if any(factor.kind == "fp" for term in design.terms for factor in term.factors):
        return ShapeSearch(Shapes.of(design, codes, alpha, stay))
    return None
