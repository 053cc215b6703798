"""Patients arranged, by exchanging values inside a group, until a model gives its print.

Two patients of one group who exchange their values of one variable leave every count,
mean and SD of the group as it was, and change how the variables go together. So a search
over exchanges moves a regression's coefficients and standard errors while all margins
stay exact. Of many exchanges drawn at random, one that one Newton step predicts to be
among the best is tried, and kept if the model, fitted anew, is nearer to the print. Now
and then a step back is kept, too, ever more rarely (simulated annealing), so that the
search gets past places where every step is a step back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.evidence.reconstruction.likelihoods import Likelihood, Moves, inverse, maximum
from vertebrisk.evidence.reconstruction.terms import Columns, Wanted

_HOTTEST = 300.0
_COLDEST = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Arranged:
    """Values of the model's variables (n, v), the fit to them, and how far it is off."""

    values: FloatArray
    estimate: FloatArray
    std_error: FloatArray
    distance: float


def arrange(
    values: FloatArray,
    group: IntArray,
    columns: Columns,
    likelihood: Likelihood,
    wanted: Wanted,
    rng: np.random.Generator,
    rounds: int,
) -> Arranged:
    """Exchange values inside groups until the fit is as wanted, or no exchange helps.

    Parameters
    ----------
    values : array, shape (n, v)
        Numbers, or positions of levels, of the model's variables.
    group : int array, shape (n,)
        Patients exchange with others of the same group only.
    columns : Columns
        How values become the model's columns.
    likelihood : Likelihood
        The model.
    wanted : Wanted
        Targets of the model's columns, the constant's first where it has one.
    rng : numpy Generator
        Source of the exchanges that are tried.
    rounds : int
        At most so many exchanges are made.

    Returns
    -------
    Arranged
    """
    design = likelihood.columns(columns.design(values))
    beta, covariance = maximum(likelihood, design)
    now = float(_distance(wanted, beta, covariance)) + likelihood.area_off(design, beta)
    best = Arranged(values, beta, _errors(covariance), now)
    values = values.copy()
    movable = _movable(values, group)
    temperatures = np.geomspace(_HOTTEST, _COLDEST, max(rounds, 1))
    for turn in range(rounds if len(movable) else 0):
        if best.distance == 0.0:
            break
        moves = _drawn(values, movable, likelihood.batch, rng)
        if len(moves.first) == 0:
            continue
        rows = likelihood.columns(columns.design(_exchanged(values, moves)))
        score, information = likelihood.predicted(design, beta, moves, rows)
        covariances = inverse(information)
        estimate = beta + np.einsum("bij,bj->bi", covariances, score)
        expected = _distance(wanted, estimate, covariances)
        expected = expected + likelihood.predicted_area_off(design, estimate, moves, rows)
        heat = temperatures[turn] * rng.gumbel(size=len(estimate))
        chosen = int(np.argmin(expected - heat))
        pair = [int(moves.first[chosen]), int(moves.second[chosen])]
        tried = design.copy()
        tried[pair] = rows[chosen]
        new_beta, new_covariance = maximum(likelihood, tried, beta)
        distance = float(_distance(wanted, new_beta, new_covariance))
        distance += likelihood.area_off(tried, new_beta)
        if distance - now < temperatures[turn] * rng.exponential():
            variable = moves.variable[chosen]
            values[pair, variable] = values[pair[::-1], variable]
            design, beta, covariance, now = tried, new_beta, new_covariance, distance
        if now < best.distance:
            best = Arranged(values.copy(), beta, _errors(covariance), now)
    return best


def _errors(covariance: FloatArray) -> FloatArray:
    return np.sqrt(np.maximum(np.diag(covariance), 0.0))


def _distance(wanted: Wanted, beta: FloatArray, covariance: FloatArray) -> FloatArray:
    variance = np.maximum(np.diagonal(covariance, axis1=-2, axis2=-1), 1e-300)
    return wanted.distance(beta, np.sqrt(variance))


def _movable(values: FloatArray, group: IntArray) -> list[tuple[int, IntArray]]:
    """Variable and members of each group that has more than one value of it."""
    return [
        (variable, members)
        for members in (np.flatnonzero(group == each) for each in np.unique(group))
        for variable in range(values.shape[1])
        if len(np.unique(values[members, variable])) > 1
    ]


def _drawn(
    values: FloatArray,
    movable: list[tuple[int, IntArray]],
    size: int,
    rng: np.random.Generator,
) -> Moves:
    """Random exchanges between patients whose values differ."""
    which = rng.integers(len(movable), size=size)
    first, second = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    variable = np.array([movable[each][0] for each in which], dtype=np.int64)
    for each in np.unique(which):
        at, members = which == each, movable[each][1]
        first[at] = rng.choice(members, int(at.sum()))
        second[at] = rng.choice(members, int(at.sum()))
    differ = values[first, variable] != values[second, variable]
    return Moves(first[differ], second[differ], variable[differ])


def _exchanged(values: FloatArray, moves: Moves) -> FloatArray:
    """The two patients' values after each move, shape (b, 2, v)."""
    place = np.arange(len(moves.first))
    rows = np.stack([values[moves.first], values[moves.second]], axis=1)
    rows[place, 0, moves.variable] = values[moves.second, moves.variable]
    rows[place, 1, moves.variable] = values[moves.first, moves.variable]
    return rows
