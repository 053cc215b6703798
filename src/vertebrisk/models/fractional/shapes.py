"""Candidate shapes of every term: the columns that any of them needs, and which needs which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.build import with_marks
from vertebrisk.design.design import Design
from vertebrisk.design.factors import Factor, Term
from vertebrisk.design.powers import LINEAR, SHAPE_COLUMNS, SHAPES, candidate_columns

IN = 1  # state of a term that is no fractional polynomial, and is in the model


@dataclass(frozen=True, eq=False)
class Shapes:
    """Terms of a model, some of them fractional polynomials whose powers are to be found.

    A state gives each term a number: of a polynomial its place in `SHAPES`, 0 for none; of any
    other term 1 where it is in the model.

    Attributes
    ----------
    design : Design
        As asked: polynomials have their degree, shift and scale, and no powers yet.
    matrix : array, shape (n, columns)
        Of each term in turn the columns of all its shapes.
    alpha : float
        Level of the tests between shapes.
    stay : float
        Level at which a term stays in the model; 1 keeps all of them.
    """

    design: Design
    matrix: FloatArray
    alpha: float
    stay: float

    @classmethod
    def of(
        cls, design: Design, codes: Mapping[str, FloatArray], alpha: float, stay: float
    ) -> Shapes:
        """The shapes of a design's terms for patients with these codes."""
        columns = [
            candidate_columns(codes[factor.variable], factor.shift, factor.scale)
            if factor.kind == "fp"
            else term.columns(codes)
            for term in design.terms
            for factor in term.factors[:1]
        ]
        return cls(design, np.hstack(columns), alpha, stay)

    @cached_property
    def degrees(self) -> IntArray:
        """Greatest degree of each term; 0 of one that is no fractional polynomial."""
        return np.array([term.factors[0].degree for term in self.design.terms], dtype=np.int64)

    @cached_property
    def polynomials(self) -> IntArray:
        """Positions of the fractional polynomials among the terms."""
        return np.flatnonzero(self.degrees)

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """Columns of each term."""
        widths = [
            SHAPE_COLUMNS.shape[1] if degree else len(term.column_levels)
            for term, degree in zip(self.design.terms, self.degrees, strict=True)
        ]
        ends = np.cumsum(widths).tolist()
        return tuple(slice(end - width, end) for end, width in zip(ends, widths, strict=True))

    @property
    def parameters(self) -> int:
        """Parameters that the search spends: two for each degree of a polynomial."""
        others = [
            len(term.column_levels)
            for term, degree in zip(self.design.terms, self.degrees, strict=True)
            if not degree
        ]
        return int(2 * self.degrees.sum()) + sum(others)

    @property
    def straight(self) -> IntArray:
        """The state in which every term is in the model and every polynomial a straight line."""
        return np.where(self.degrees > 0, LINEAR, IN)

    def mask(self, states: IntArray) -> BoolArray:
        """Columns in use, (replicates, terms) to (replicates, columns)."""
        found = np.zeros((states.shape[0], self.matrix.shape[1]), dtype=np.bool_)
        for place, part in enumerate(self.slices):
            state = states[:, place]
            found[:, part] = SHAPE_COLUMNS[state] if self.degrees[place] else state[:, None] > 0
        return found

    def columns_of(self, state: IntArray, terms: BoolArray) -> IntArray:
        """Columns of the marked terms in one state, in the order of `decided`'s columns."""
        positions = [np.empty(0, dtype=np.int64)]
        for place in np.flatnonzero(terms):
            part = self.slices[place]
            own = np.arange(part.start, part.stop)
            if self.degrees[place]:
                own = own[SHAPE_COLUMNS[state[place] or LINEAR]]
            positions.append(own)
        return np.concatenate(positions)

    def decided(self, state: IntArray) -> Design:
        """The design in one state; a polynomial that is not in the model is a straight line."""
        terms = tuple(
            Term((_decided(term.factors[0], int(shape)),)) if degree else term
            for term, degree, shape in zip(self.design.terms, self.degrees, state, strict=True)
        )
        return with_marks(replace(self.design, terms=terms))


def _decided(factor: Factor, shape: int) -> Factor:
    """A polynomial of known powers; the first power alone is the variable as it is."""
    if shape in (0, LINEAR):
        return Factor(factor.variable, "plain")
    return replace(factor, kind="powers", powers=SHAPES[shape], degree=0)
