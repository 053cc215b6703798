"""Is there a direction without end within a step that is one but for a little?

What an event lacks along a step may be imprecision; or, beside a row far off, it may be a step to
a maximum among the others. Those who stay near the events tell: along a direction without end they
stay where the events are, so it is one in which none of their differences from events leads. The
part of the step that is such a direction is looked at.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.steps import RANK_TOLERANCE

SAME = 1e-3  # a proof is a direction to about this precision
EXACT = 1e-9  # what an event lacks along a direction of which no more is to be known
NEAR = (0.5, 0.25, 0.75)  # how far from the events a row stays with them, between lack and all


class Followed(Protocol):
    """One replicate's patients along a step."""

    def ties(self, near: float) -> FloatArray:
        """Differences from events, shape (p, k), of those who stay so near to one."""
        ...

    def shortfall(self, direction: FloatArray) -> tuple[float, float]:
        """What an event lacks at most along a direction, and how far others fall behind."""
        ...


def leads_on(followed: Followed, step: FloatArray, worst: float, largest: float) -> bool:
    """Whether every event is highest along a part of a step, and some of them by far.

    Parameters
    ----------
    step : array, shape (p,)
        Of the columns in use.
    worst, largest : float
        What an event lacks along the step, above 0, and how far others fall behind.
    """
    for near in worst * (largest / worst) ** np.array(NEAR):
        direction = _across(followed.ties(near), step)
        lack, width = followed.shortfall(direction)
        if width > 0.5 * largest and lack <= min(SAME * near, EXACT * width):
            return True
    return False


def _across(ties: FloatArray, step: FloatArray) -> FloatArray:
    """The part of a step along which none of the differences, shape (p, k), leads."""
    products = ties @ ties.T
    diagonal = np.diag(products)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(products / np.outer(scale, scale))
    free = vectors[:, values <= RANK_TOLERANCE]
    return np.asarray(free @ (free.T @ (scale * step)) / scale)
