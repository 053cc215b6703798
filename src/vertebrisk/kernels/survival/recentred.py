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

if TYPE_CHECKING:
    from vertebrisk.kernels.survival.cox import CoxProblem


def recentre(
    problem: CoxProblem, information: FloatArray, eta: FloatArray, which: BoolArray
) -> None:
    """Give informations their digits back, in place.

    Columns count from the mean of those of whom events are expected.
    """
    events = problem.weights[:, problem.risk_sets.deaths].sum(axis=1, keepdims=True)
    narrow = problem.mask & (np.einsum("rpp->rp", information) < NARROW * events)
    for replicate in np.flatnonzero(which & narrow.any(axis=1)):
        own, at = problem.take(np.array([replicate])), eta[[replicate]]
        expected = own.hazards(own.hazard(at))[1][0]
        centre = own.columns @ expected / expected.sum()
        moved = replace(own, columns=own.columns - centre[:, None], products=None)
        information[replicate] = moved.derivatives(at)[1][0]
