"""The end of a Cox fit whose columns are centred far from the rows that events are expected of.

So it is where a code far off has left: its row, of which no event is expected any more, makes
centre and scale of its column, and the other rows are one number in it but for the last digits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.kernels.narrow import NARROW
from vertebrisk.kernels.survival.maximum import Maximum

if TYPE_CHECKING:
    from vertebrisk.kernels.survival.cox import CoxProblem


def recentred(problem: CoxProblem, state: Maximum) -> FloatArray:
    """Information of each replicate, shape (replicates, p, p), with all its digits.

    Where digits are lost, columns count from the mean of those of whom events are expected.
    """
    information = problem.derivatives(state.eta)[1]
    ended = state.converged & ~state.separated
    for replicate in np.flatnonzero(ended & loses_digits(problem, information)):
        own, at = problem.take(np.array([replicate])), state.eta[[replicate]]
        expected = own.hazards(own.hazard(at))[1][0]
        centre = own.columns @ expected / expected.sum()
        moved = replace(own, columns=own.columns - centre[:, None], products=None)
        information[replicate] = moved.derivatives(at)[1][0]
    return information


def loses_digits(problem: CoxProblem, information: FloatArray) -> BoolArray:
    """Replicates with a column that hardly varies where events are expected."""
    events = problem.weights[:, problem.risk_sets.deaths].sum(axis=1, keepdims=True)
    narrow = problem.mask & (np.einsum("rpp->rp", information) < NARROW * events)
    return np.asarray(narrow.any(axis=1))
