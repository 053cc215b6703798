"""Rows of one chunk as a model reads them, and what a first pass learns of all rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.products import product

RUN = 64  # neighbouring rows of a part: to take them apart costs more than to copy them
BLOCK = 4096  # rows worked on at once: their columns stay in the cache


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows of a regression.

    Attributes
    ----------
    columns : tuple of arrays, each of shape (m,)
        Columns of the design, without the intercept's ones; NaN where a value is missing.
    target : array, shape (m,)
        1 for the event, 0 for none; fractions are allowed, NaN where it is not known.
    weights : array, shape (m,), optional
        How often each row counts.
    offset : array, shape (m,), optional
        Added to the linear predictor.
    whole : bool
        True where it is known that nothing is missing, and that every row counts.
    table : array, shape (p, m), optional
        The columns as one array, where they lie at equal distances: it is read at once.
    """

    columns: tuple[FloatArray, ...]
    target: FloatArray
    weights: FloatArray | None = None
    offset: FloatArray | None = None
    whole: bool = False
    table: FloatArray | None = None

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.target.size

    def take(self, which: slice | IntArray | BoolArray) -> Rows:
        """Some of the rows."""
        table = None if self.table is None else self.table[:, which]
        return Rows(
            tuple(column[which] for column in self.columns) if table is None else tuple(table),
            self.target[which],
            None if self.weights is None else self.weights[which],
            None if self.offset is None else self.offset[which],
            self.whole,
            table,
        )

    def linear(self, intercept: float, beta: FloatArray) -> FloatArray:
        """Linear predictors, shape (m,), without the offset."""
        linear = np.full(self.size, intercept)
        for column, each in zip(self.columns, beta, strict=True):
            linear += column * each
        return linear

    def without_columns(self) -> Rows:
        """The rows with no column of a design."""
        return replace(self, columns=(), table=None)

    def copy(self) -> Rows:
        """The rows in memory of their own."""
        table = None if self.table is None else self.table.copy()
        return Rows(
            tuple(each.copy() for each in self.columns) if table is None else tuple(table),
            self.target.copy(),
            None if self.weights is None else self.weights.copy(),
            None if self.offset is None else self.offset.copy(),
            self.whole,
            table,
        )


def complete(rows: Rows) -> tuple[Rows, int, int]:
    """Rows without missing values, and how many lack the outcome, and a predictor only.

    Rows that count no times are left out and not counted.
    """
    if rows.whole:
        return rows, 0, 0
    unknown = np.isnan(rows.target)
    lacking = unknown.copy()
    for each in (*rows.columns, rows.weights, rows.offset):
        if each is not None:
            lacking |= np.isnan(each)
    without_outcome = int(unknown.sum())
    without_predictor = int(lacking.sum()) - without_outcome
    kept = ~lacking if rows.weights is None else ~lacking & (rows.weights != 0.0)
    whole = replace(rows if kept.all() else rows.take(kept), whole=True)
    return whole, without_outcome, without_predictor


def runs(table: FloatArray, stride: int) -> FloatArray:
    """Every `stride`-th run of `RUN` columns of an array, or of numbers, in memory of its own."""
    width = RUN * stride
    split = table[..., : table.shape[-1] // width * width].reshape(*table.shape[:-1], -1, width)
    return np.array(split[..., :RUN], order="C").reshape(*table.shape[:-1], -1)


def blocks(rows: Rows, centre: FloatArray, size: int = BLOCK) -> Iterator[tuple[slice, FloatArray]]:
    """Blocks of rows with their columns, shape (1 + p, block): ones, then centred columns.

    Each block is written over the one before it.
    """
    held = np.empty((len(rows.columns) + 1, min(size, rows.size)))
    for start in range(0, rows.size, size):
        part = slice(start, min(start + size, rows.size))
        found = held[:, : part.stop - start]
        found[0] = 1.0
        if rows.table is not None:
            np.subtract(rows.table[:, part], centre[:, None], out=found[1:])
        else:
            for place, column in enumerate(rows.columns):
                np.subtract(column[part], centre[place], out=found[place + 1])
        yield part, found


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a first pass learns.

    Attributes
    ----------
    size : int
        Complete rows that count.
    weight, events : float
        Sums of weights, and of weights times outcomes.
    mean : array, shape (p,)
    cross : array, shape (p, p)
        Weighted products of the deviations from the means, summed.
    lowest, greatest : array, shape (p,)
    without_outcome, without_predictor : int
        Rows left out.
    part : Rows
        Every so many of the complete rows.
    """

    size: int
    weight: float
    events: float
    mean: FloatArray
    cross: FloatArray
    lowest: FloatArray
    greatest: FloatArray
    without_outcome: int
    without_predictor: int
    part: Rows

    @property
    def spread(self) -> FloatArray:
        """Standard deviations, shape (p,)."""
        return np.asarray(np.sqrt(np.diag(self.cross) / max(self.weight, 1e-300)))

    def without_columns(self) -> Look:
        """The same of rows with no column of a design."""
        nothing = np.zeros(0)
        return replace(
            self,
            mean=nothing,
            cross=np.zeros((0, 0)),
            lowest=nothing,
            greatest=nothing,
            part=self.part.without_columns(),
        )


def look(rows: Rows, first: int, stride: int) -> Look:
    """What one chunk tells, whose first row has the number `first` among all."""
    known, without_outcome, without_predictor = complete(rows)
    width = len(known.columns)
    total = Look(
        known.size,
        0.0,
        0.0,
        np.zeros(width),
        np.zeros((width, width)),
        np.full(width, np.inf),
        np.full(width, -np.inf),
        without_outcome,
        without_predictor,
        known.take(slice(-first % stride, None, stride)).copy(),
    )
    for part, block in blocks(known, np.zeros(width)):
        total = _with_block(total, known, part, block[1:])
    return total


def _with_block(total: Look, rows: Rows, part: slice, block: FloatArray) -> Look:
    target = rows.target[part]
    weights = np.ones_like(target) if rows.weights is None else rows.weights[part]
    weight = float(weights.sum())
    lowest, greatest = block.min(axis=1), block.max(axis=1)
    mean = product(block, weights) / weight
    block -= mean[:, None]
    if rows.weights is not None:
        block *= np.sqrt(weights)
    with np.errstate(over="ignore"):  # what is infinite is told at the end
        own = (weight, mean, product(block, block.T))
    mean, cross = _merged((total.weight, total.mean, total.cross), own)
    return Look(
        total.size,
        total.weight + weight,
        total.events + float(weights @ target),
        mean,
        cross,
        np.minimum(total.lowest, lowest),
        np.maximum(total.greatest, greatest),
        total.without_outcome,
        total.without_predictor,
        total.part,
    )


def looked_together(one: Look, other: Look) -> Look:
    """What two neighbouring runs of rows tell together.

    Means and products of deviations are merged as in Chan, Golub and LeVeque 1983,
    doi:10.1080/00031305.1983.10483115.
    """
    mean, cross = _merged(
        (one.weight, one.mean, one.cross), (other.weight, other.mean, other.cross)
    )
    return Look(
        one.size + other.size,
        one.weight + other.weight,
        one.events + other.events,
        mean,
        cross,
        np.minimum(one.lowest, other.lowest),
        np.maximum(one.greatest, other.greatest),
        one.without_outcome + other.without_outcome,
        one.without_predictor + other.without_predictor,
        _joined(one.part, other.part),
    )


Moments = tuple[float, FloatArray, FloatArray]


def _merged(one: Moments, other: Moments) -> tuple[FloatArray, FloatArray]:
    """Mean and products of deviations of two groups together."""
    weight = one[0] + other[0]
    if weight == 0.0:
        return one[1], one[2]
    share = other[0] / weight
    apart = other[1] - one[1]
    with np.errstate(over="ignore", invalid="ignore"):
        cross = one[2] + other[2] + one[0] * share * np.outer(apart, apart)
    return one[1] + share * apart, cross


def _joined(one: Rows, other: Rows) -> Rows:
    def both(a: FloatArray | None, b: FloatArray | None) -> FloatArray | None:
        return None if a is None or b is None else np.concatenate([a, b])

    return Rows(
        tuple(np.concatenate(pair) for pair in zip(one.columns, other.columns, strict=True)),
        np.concatenate([one.target, other.target]),
        both(one.weights, other.weights),
        both(one.offset, other.offset),
        one.whole and other.whole,
    )
