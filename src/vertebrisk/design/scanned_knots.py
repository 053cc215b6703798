"""Knots of a column of a scan: where `splines.knots` would place them, from exact quantiles."""

from __future__ import annotations

from functools import partial

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.design.splines import TIED_SHARE, Spread, placed
from vertebrisk.design.terms import WrittenFactor
from vertebrisk.engines.columns import Columns
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.engines.quantiles import order_statistics
from vertebrisk.kernels.streamed.values import FEW, ValueCounts

Ends = tuple[FloatArray, FloatArray]


def knots_of_scan(
    engine: Engine, columns: Columns, written: WrittenFactor, counts: ValueCounts
) -> FloatArray:
    """Knots of a spline of one of the columns, in which NaN is no value.

    Parameters
    ----------
    engine : Engine
    columns : Columns
    written : WrittenFactor
        The spline.
    counts : ValueCounts
        Of its column.
    """
    spread = spread_of_column(engine, columns, written.variable, counts)
    return placed(spread, written.knot_count, f"'{written.variable}'")


def spread_of_column(engine: Engine, columns: Columns, name: str, counts: ValueCounts) -> Spread:
    """What the places of knots in a column depend on."""
    if counts.few:
        return Spread.of(counts.values, counts.counts)
    return _many(engine, columns, name, counts)


def _many(engine: Engine, columns: Columns, name: str, counts: ValueCounts) -> Spread:
    """Two to six passes: what the places of knots depend on where values are many."""

    def ranked(ranks: IntArray) -> FloatArray:
        return np.asarray(order_statistics(engine, columns, [name], lambda _: ranks).values[0, 0])

    # a value that so many have stands at one of these ranks
    step = max(1, int(TIED_SHARE * counts.size / 2))
    suspects = np.unique(ranked(np.arange(0, counts.size, step)))
    low, high = engine.reduce(columns, [name], partial(_ends, name=name), _ends_together, "knots")
    asked = np.unique(np.concatenate([suspects, low, high]))
    (held,) = engine.reduce(
        columns, [name], partial(_held, name=name, asked=asked), _added, "knots"
    )
    of = dict(zip(asked.tolist(), held.tolist(), strict=True))
    inner = [each for each in of if low[0] < each < high[-1]]
    return Spread(
        size=counts.size,
        distinct=FEW + 1,
        inner=np.array([low[1], high[0]]),
        first=of[low[0]],
        last=of[high[-1]],
        heaviest=max((of[each] for each in inner), default=0),
        lower=of[low[0]] + of[low[1]],
        upper=of[high[0]] + of[high[-1]],
        ranked=ranked,
    )


def _ends(chunk: Chunk, name: str) -> Ends:
    """The two smallest different values of a chunk, and the two greatest."""
    values = chunk.values[name]
    return _two_of(values[~np.isnan(values)])


def _two_of(values: FloatArray) -> Ends:
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    second, second_last = values[values > low], values[values < high]
    return (
        np.array([low, second.min(initial=np.inf)]),
        np.array([second_last.max(initial=-np.inf), high]),
    )


def _ends_together(one: Ends, other: Ends) -> Ends:
    low, _ = _two_of(np.concatenate([one[0], other[0]]))
    _, high = _two_of(np.concatenate([one[1], other[1]]))
    return low, high


def _held(chunk: Chunk, name: str, asked: FloatArray) -> tuple[IntArray]:
    """How often each of the asked values occurs in a chunk."""
    values = np.sort(chunk.values[name])
    sides = (np.searchsorted(values, asked, side=side) for side in ("left", "right"))
    left, right = sides
    return (np.asarray(right - left, dtype=np.int64),)


def _added(one: tuple[IntArray], other: tuple[IntArray]) -> tuple[IntArray]:
    return (one[0] + other[0],)
