"""Centre and spread of covariates, as sums over runs of rows.

The sums of squares are those about the mean of the run, and pool as those of groups do: nothing
is lost where the mean is large beside the spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.streamed.sorted_rows import Rows, Scaling


@dataclass(frozen=True, slots=True, eq=False)
class Centring:
    """Rows counted, and their covariates.

    Attributes
    ----------
    events : int
        Events of a weight above 0.
    mass : float
        Weight of the rows.
    centre, squares : array, shape (p,)
        Weighted means, and sums of squares about them.
    """

    events: int
    mass: float
    centre: FloatArray
    squares: FloatArray

    @property
    def scale(self) -> FloatArray:
        """Spread of each covariate; 1 for a constant."""
        spread = np.sqrt(self.squares / self.mass) if self.mass > 0 else 0.0 * self.squares
        return np.where(spread > 0, spread, 1.0)

    @property
    def scaling(self) -> Scaling:
        """Centre and scale."""
        return Scaling(self.centre, self.scale)


def centring(rows: Rows) -> Centring:
    """Of some rows."""
    columns = rows.columns
    weights = None if rows.weights is None else np.maximum(rows.weights, 0.0)
    mass = float(rows.size if weights is None else weights.sum())
    share = np.full(rows.size, 1.0 / rows.size) if mass <= 0 or weights is None else weights / mass
    centre = share @ columns
    centred = columns - centre
    squares = mass * (share @ np.square(centred, out=centred))
    return Centring(int(rows.event.sum()), mass, centre, squares)


def pooled(one: Centring, other: Centring) -> Centring:
    """Of two runs of rows."""
    mass = one.mass + other.mass
    share = other.mass / mass if mass > 0 else 0.5
    gap = other.centre - one.centre
    squares = one.squares + other.squares + one.mass * share * gap**2
    return Centring(one.events + other.events, mass, one.centre + share * gap, squares)
