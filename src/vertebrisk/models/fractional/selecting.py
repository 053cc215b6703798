"""The search for powers: a closed test for each variable, in cycles over all of them.

References
----------
Royston and Altman 1994, doi:10.2307/2986270. Ambler and Royston 2001,
doi:10.1080/00949650108812083. Sauerbrei and Royston 1999, doi:10.1111/1467-985X.00122.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.powers import LINEAR, SHAPES
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.models.firth.likelihoods import FirthBinary, FirthPartial
from vertebrisk.models.fractional.shapes import IN, Shapes
from vertebrisk.models.fractional.visiting import Compared, Visit
from vertebrisk.models.likelihoods import Likelihood

CYCLES = 20  # as R's mfp


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Shapes that a search chose.

    Attributes
    ----------
    states : int array, shape (replicates, terms)
        See `Shapes`.
    settled : bool array, shape (replicates,)
        False where the shapes still changed in the last cycle.
    compared : mapping of term to Compared
        The last comparison of each polynomial; empty where there was more than one replicate.
    """

    states: IntArray
    settled: BoolArray
    compared: dict[int, Compared]


def find_shapes(shapes: Shapes, likelihood: Likelihood, weights: FloatArray) -> Found:
    """Search for the powers of every polynomial in each replicate.

    Variables are visited in the order of their significance among straight lines. Each is
    tested, the others as they stand, in its most complex shape against none (where terms may
    leave), then against the straight line, then against one power; cycles are repeated until
    nothing changes.
    """
    asked = searched(likelihood)
    states = np.repeat(shapes.straight[None], weights.shape[0], axis=0)
    visits = _order(shapes, asked, weights)
    moving = np.arange(weights.shape[0])
    compared: dict[int, Compared] = {}
    seen = np.full((weights.shape[0], *[shapes.degrees.size] * 2), -1)  # the others, by visit
    for _ in range(CYCLES):
        before = states[moving]
        for place in range(visits.shape[1]):
            for term in np.unique(visits[moving, place]).tolist():
                rows = moving[visits[moving, place] == term]
                others = states[rows].copy()
                others[:, term] = 0
                rows = rows[(seen[rows, term] != others).any(axis=1)]
                if rows.size == 0:
                    continue
                seen[rows, term] = states[rows]
                seen[rows, term, term] = 0
                states[rows, term] = _visited(
                    shapes, asked, weights[rows], states[rows], term, compared
                )
        moving = moving[(states[moving] != before).any(axis=1)]
        if moving.size == 0:
            break
    settled = np.ones(weights.shape[0], dtype=np.bool_)
    settled[moving] = False
    return Found(states, settled, compared)


def searched(likelihood: Likelihood) -> Likelihood:
    """What the search compares shapes by.

    Where Firth's likelihood is asked for separated patients only, the plain one: it has a
    limit there, too, and all shapes are compared by one measure.
    """
    if isinstance(likelihood, FirthBinary | FirthPartial) and likelihood.asked.only_separated:
        return likelihood.plain
    return likelihood


def _order(shapes: Shapes, likelihood: Likelihood, weights: FloatArray) -> IntArray:
    """Terms in the order of their visits, shape (replicates, visits)."""
    terms = np.arange(shapes.degrees.size) if shapes.stay < 1 else shapes.polynomials
    if terms.size == 1:
        return np.repeat(terms[None], weights.shape[0], axis=0)
    use = shapes.mask(shapes.straight[None])[0]
    columns = np.flatnonzero(use)
    matrix = shapes.matrix[:, columns]
    full = likelihood.fit(matrix, weights).fits.log_likelihood
    p_values = np.empty((weights.shape[0], terms.size))
    for place, term in enumerate(terms):
        part = shapes.slices[term]
        drop = (columns >= part.start) & (columns < part.stop)
        without = likelihood.without(matrix, weights, drop).log_likelihood
        gain = np.maximum(2.0 * (full - without), 0.0)
        p_values[:, place] = chi2_upper(gain, int(drop.sum()))
    return np.asarray(terms[np.argsort(p_values, axis=1, kind="stable")])


def _visited(
    shapes: Shapes,
    likelihood: Likelihood,
    weights: FloatArray,
    states: IntArray,
    term: int,
    compared: dict[int, Compared],
) -> IntArray:
    """New state of one term in each replicate, the other terms as they stand."""
    others = shapes.mask(states)
    others[:, shapes.slices[term]] = False
    visit = Visit(shapes, likelihood, weights, others, term)
    degree = int(shapes.degrees[term])
    if degree == 0:
        width = shapes.slices[term].stop - shapes.slices[term].start
        gain = visit.gains(np.full(weights.shape[0], IN))
        return np.where(chi2_upper(gain, width) > shapes.stay, 0, IN)
    found = visit.compared(degree, needed_null=shapes.stay < 1)
    if weights.shape[0] == 1:
        compared[term] = found
    return closed_test(found, degree, shapes.alpha, shapes.stay)


def closed_test(found: Compared, degree: int, alpha: float, stay: float) -> IntArray:
    """The shape that the tests leave, shape (replicates,)."""
    p_null, p_linear, p_one = p_values(found, degree)
    simpler = found.one if degree == 1 else np.where(p_one > alpha, found.one, found.two)
    bent = np.where(p_linear > alpha, LINEAR, simpler)
    return np.where(p_null > stay, 0, bent) if stay < 1 else bent


def p_values(found: Compared, degree: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """P of the most complex shape against none, the straight line, and one power (or 1)."""
    most = found.gain_one if degree == 1 else found.gain_two

    def over(simpler: FloatArray | float, df: int) -> FloatArray:
        return chi2_upper(np.maximum(most - simpler, 0.0), df)

    nothing = np.ones_like(most)
    against_one = nothing if degree == 1 else over(found.gain_one, 2)
    return over(0.0, 2 * degree), over(found.gain_linear, 2 * degree - 1), against_one


def shape_name(shape: int) -> str:
    """Powers of a shape as people write them."""
    return ", ".join(f"{power:g}" for power in SHAPES[shape])
