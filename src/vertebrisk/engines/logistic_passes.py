"""Sums of a logistic regression over columns of any length, one pass each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.engines.columns import Columns
from vertebrisk.engines.engine import Chunk, Engine, added
from vertebrisk.kernels.scaling import Scaling
from vertebrisk.kernels.steps import ranks, solve_steps
from vertebrisk.kernels.streamed.logistic import curvature, greater, movement, slopes
from vertebrisk.kernels.streamed.rows import Look, Rows, complete

VARIES = 1e-12  # spread of a column, relative to its size, below which it is a constant

RowsOf = Callable[[Chunk], Rows]


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """What is fitted, and where.

    Attributes
    ----------
    engine : Engine
    columns : Columns
    names : sequence of str
        Columns that are read.
    rows_of : callable
        The rows of a chunk: columns of the design, target, weights, offset.
    """

    engine: Engine
    columns: Columns
    names: Sequence[str]
    rows_of: RowsOf


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Coefficients of the scaled columns, and the sums there."""

    beta: FloatArray
    log_likelihood: float
    gradient: FloatArray
    information: FloatArray

    @property
    def size(self) -> float:
        """By which differences of log-likelihoods are judged."""
        return 1.0 + abs(self.log_likelihood)


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """Passes over the columns, which are taken in spreads about their means.

    Attributes
    ----------
    regression : Regression
    seen : Look
        What the first pass told.
    centre : array, shape (p,)
    scale : array, shape (1 + p,)
        The intercept's 1, and the spreads.
    rank : int
        Of the columns with the intercept.
    """

    regression: Regression
    seen: Look
    centre: FloatArray
    scale: FloatArray
    rank: int

    @classmethod
    def of(cls, regression: Regression, seen: Look) -> Self:
        """Centre, spread and rank of the columns, as the first pass told them."""
        spread = seen.spread
        varies = spread > VARIES * np.abs(seen.mean)
        scale = np.concatenate([[1.0], np.where(varies, spread, 1.0)])
        centre = np.where(varies, seen.mean, 0.0)
        gram = np.zeros((scale.size, scale.size))
        gram[0, 0] = seen.weight
        gram[1:, 1:] = seen.cross + seen.weight * np.outer(seen.mean - centre, seen.mean - centre)
        gram[0, 1:] = gram[1:, 0] = seen.weight * (seen.mean - centre)
        rank = int(ranks((gram / np.outer(scale, scale))[None])[0])
        return cls(regression, seen, centre, scale, rank)

    @property
    def full(self) -> bool:
        """True where no column depends on the others."""
        return self.rank == self.scale.size

    @property
    def away(self) -> float:
        """Spreads of the farthest mean from zero."""
        return float((np.abs(self.centre) / self.scale[1:]).max(initial=0.0))

    @property
    def scaling(self) -> Scaling:
        """Of the columns with the intercept's ones before them."""
        return Scaling(np.concatenate([[0.0], self.centre]), self.scale, 0)

    @property
    def extent(self) -> FloatArray:
        """No smaller than any row's value of each scaled column."""
        reach = np.maximum(self.seen.greatest - self.centre, self.centre - self.seen.lowest)
        return np.concatenate([[1.0], np.maximum(reach, 0.0)]) / self.scale

    def sums(
        self, work: Callable[[Rows], tuple[FloatArray, ...]], step: str, *, largest: bool = False
    ) -> tuple[FloatArray, ...]:
        """One pass: sums over all complete rows, or the greatest of them."""
        rows_of = self.regression.rows_of

        def one(chunk: Chunk) -> tuple[FloatArray, ...]:
            return work(complete(rows_of(chunk))[0])

        combine = greater if largest else added
        columns, names = self.regression.columns, self.regression.names
        return self.regression.engine.reduce(columns, names, one, combine, step)

    def slope(self, beta: FloatArray, information: FloatArray) -> Point:
        """The likelihood and its slope, beside an information of elsewhere."""
        work = partial(slopes, centre=self.centre, beta=beta / self.scale, away=self.away)
        value, gradient = self.sums(work, "slope")
        return Point(beta, float(value), gradient / self.scale, information)

    def point(self, beta: FloatArray) -> Point:
        """The likelihood with slope and curvature."""
        work = partial(curvature, centre=self.centre, beta=beta / self.scale, away=self.away)
        value, gradient, information = self.sums(work, "curvature")
        scaled = information / np.outer(self.scale, self.scale)
        return Point(beta, float(value), gradient / self.scale, scaled)

    def moved(self, step: FloatArray) -> tuple[float, float]:
        """See `movement`."""
        work = partial(movement, centre=self.centre, step=step / self.scale)
        farthest, wrong = self.sums(work, "movement", largest=True)
        return float(farthest), float(wrong)

    def step_from(self, point: Point) -> FloatArray:
        """Newton's step."""
        full = np.array([self.full])
        return np.asarray(solve_steps(point.information[None], point.gradient[None], full)[0])
