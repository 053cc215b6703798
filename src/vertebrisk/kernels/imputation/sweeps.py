"""Draws of a patient's missing inputs given the known ones, the same for everybody everywhere.

All draws move together through Gibbs sweeps: each missing input is drawn given the known ones
and the others' last draws. In place of random numbers stands one fixed table of whole numbers
(explicit inversive congruential points; Eichenauer-Herrmann 1993, Mathematics of Computation
60:375): in every step the draws have the places 0 to 1018 in another order, so that one missing
input is covered evenly, and a browser finds the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from scipy import special

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.distributions import normal_quantile

Kind = Literal["normal", "levels", "ordered"]

DRAWS = 1019  # a prime; 2.5 % of it is far from a whole number, where a quantile would be none
SWEEPS = 12  # with one missing input the first is exact
PLACE = 0.5000217  # of a draw in its share of the unit; off the middle, where no simple share is
_STRIDES = (13, 389, 617)


@dataclass(frozen=True, slots=True, eq=False)
class Conditional:
    """How one input is drawn given the columns of all others.

    Attributes
    ----------
    kind : {"normal", "levels", "ordered"}
    constants : array
        normal: one. levels: of each level after the first. ordered: the thresholds.
    slopes : array, shape (normal and ordered: 1, levels: levels - 1; columns of all inputs)
        Zero in its own columns.
    columns : slice
        Its own columns.
    sd : float
        Of a normal one.
    bounds : (float, float)
        Of a normal one's column.
    contents : array, shape (levels, own columns)
        Its columns by level; None for a normal one.
    start : array, shape (own columns,)
        Its columns before it is drawn for the first time.
    """

    kind: Kind
    constants: FloatArray
    slopes: FloatArray
    columns: slice
    start: FloatArray
    sd: float = 0.0
    bounds: tuple[float, float] = (-np.inf, np.inf)
    contents: FloatArray | None = None


def missing_draws(
    conditionals: Sequence[Conditional], known: FloatArray, missing: Sequence[int]
) -> Mapping[int, FloatArray]:
    """Draws of the missing inputs of patients who all miss the same.

    Parameters
    ----------
    conditionals : sequence of Conditional
    known : array, shape (n, columns)
        Columns of all inputs; 0 in those of the missing ones.
    missing : sequence of int
        Places of the missing inputs, in order.

    Returns
    -------
    mapping of place to array, shape (n, DRAWS)
        The column of a normal input; the level's code of any other.
    """
    state = {
        place: (known[:, conditionals[place].columns] + conditionals[place].start).T[:, :, None]
        for place in missing
    }
    drawn: dict[int, FloatArray] = {}
    step = 0
    for _ in range(SWEEPS if len(missing) > 1 else 1):
        for place in missing:
            own = conditionals[place]
            linear = (own.slopes @ known.T)[:, :, None]
            for other in missing:
                if other != place:
                    part = own.slopes[:, conditionals[other].columns]
                    for slopes, column in zip(part.T, state[other], strict=True):
                        linear = linear + slopes[:, None, None] * column
            drawn[place] = _drawn(own, linear, points(step))
            state[place] = (
                drawn[place][None]
                if own.contents is None
                else own.contents.T[:, drawn[place].astype(np.int64)]
            )
            step += 1
    return drawn


def _drawn(own: Conditional, linear: FloatArray, places: IntArray) -> FloatArray:
    """Column or code, shape (n, DRAWS), from linear predictors without constants (rows, n, .)."""
    n = linear.shape[1]
    if own.kind == "normal":
        values = own.constants[0] + linear[0] + own.sd * normals()[places]
        return np.asarray(np.clip(values, *own.bounds))
    constants, share = own.constants[:, None, None], shares()[places]
    if own.kind == "ordered":
        passed = (special.expit(constants - linear) < share).sum(axis=0)
        return np.asarray(np.broadcast_to(passed, (n, DRAWS)), dtype=np.float64)
    whole = np.zeros((own.constants.size + 1, *linear.shape[1:]))
    whole[1:] = constants + linear
    odds = np.exp(whole - whole.max(axis=0))
    below = np.cumsum(odds, axis=0)[:-1] / odds.sum(axis=0)
    passed = (below < share).sum(axis=0)
    return np.asarray(np.broadcast_to(passed, (n, DRAWS)), dtype=np.float64)


@cache
def shares() -> FloatArray:
    """Of the unit, by place, shape (DRAWS,)."""
    return (np.arange(DRAWS) + PLACE) / DRAWS


@cache
def normals() -> FloatArray:
    """Standard normal values by place, shape (DRAWS,)."""
    return normal_quantile(shares())


def points(step: int) -> IntArray:
    """Place of every draw in one step, each place once, shape (DRAWS,)."""
    first, second, third = (stride * step % DRAWS for stride in _STRIDES)
    shifted = (np.arange(DRAWS) + second) % DRAWS
    return np.asarray(((first % (DRAWS - 1) + 1) * _inverses()[shifted] + third) % DRAWS)


@cache
def _inverses() -> IntArray:
    """Of 0 to DRAWS - 1 modulo DRAWS; that of 0 is 0."""
    found = np.zeros(DRAWS, dtype=np.int64)
    found[1] = 1
    for each in range(2, DRAWS):
        found[each] = (DRAWS - DRAWS // each) * found[DRAWS % each] % DRAWS
    return found
