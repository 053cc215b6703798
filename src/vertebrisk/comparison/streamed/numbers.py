"""Numeric variables of patients that are read in pieces: moments, quartiles and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from vertebrisk._types import FloatArray, TestName
from vertebrisk.comparison.results import ComparedVariable, NumericSummary, Summary, TestResult
from vertebrisk.comparison.specs import VariableSpec
from vertebrisk.comparison.streamed.grouping import Grouping
from vertebrisk.comparison.summaries import QUARTILES, between, finite_or_none, smd_moments
from vertebrisk.comparison.testing import choose_numeric, judged_numeric
from vertebrisk.engines.engine import Engine
from vertebrisk.engines.quantiles import neighbours, order_statistics, positions
from vertebrisk.engines.rank_sums import grouped_ranks
from vertebrisk.kernels.grouptests import (
    RANK_TESTS,
    BatchTest,
    Moments,
    Ranks,
    moments_test,
    ranks_test,
)
from vertebrisk.kernels.streamed.describing import GroupMoments

_SHARES = np.array(QUARTILES)


@dataclass(frozen=True, slots=True, eq=False)
class Quartiles:
    """The values below and above the quartiles of one column, shape (groups + 1, 3) each."""

    low: FloatArray
    high: FloatArray


def quartiles_of(
    engine: Engine, grouping: Grouping, columns: Sequence[str]
) -> dict[str, Quartiles]:
    """Quartiles of columns by groups, and of all groups together, the last."""
    names = tuple(dict.fromkeys(columns))
    if not names:
        return {}
    ranks = partial(neighbours, shares=_SHARES)
    found = order_statistics(engine, grouping.columns, names, ranks, grouping.groups).values
    if found.shape[-1] == 0:
        found = np.full((*found.shape[:2], 2 * _SHARES.size), np.nan)
    return {
        name: Quartiles(*np.split(values, 2, axis=1))
        for name, values in zip(names, found, strict=True)
    }


def compared_numbers(
    engine: Engine,
    grouping: Grouping,
    spec: VariableSpec,
    column: str,
    moments: GroupMoments,
    quartiles: Quartiles,
    wanted: Sequence[TestName],
) -> ComparedVariable:
    """A numeric variable from moments and quartiles, and from ranks where its test needs them."""
    count = grouping.groups.count
    summary: Summary = spec.summary or "mean_sd"
    cells = tuple(_summary(moments.at(group), quartiles, group) for group in range(count))
    test = choose_numeric(summary, count, wanted)
    return ComparedVariable(
        variable=spec.name,
        label=spec.label or spec.name,
        unit=spec.unit,
        summary=summary,
        overall=_summary(moments.together(), quartiles, count),
        cells=cells,
        levels=(),
        missing=tuple(cell.missing for cell in cells),
        test=_tested(engine, grouping, column, moments, test),
        smd=_smd(moments) if count == 2 else None,
    )


def _summary(moments: GroupMoments, quartiles: Quartiles, group: int) -> NumericSummary:
    n, missing = int(moments.n[0]), int(moments.missing[0])
    if n == 0:
        return NumericSummary(0, missing, None, None, None, None, None, None, None)
    finite = moments.infinite[0] == 0
    places = positions(n, _SHARES)
    q1, median, q3 = (
        between(float(low), float(high), float(place - int(place)))
        for low, high, place in zip(
            quartiles.low[group], quartiles.high[group], places, strict=True
        )
    )
    return NumericSummary(
        n=n,
        missing=missing,
        mean=float(moments.mean[0]) if finite else None,
        sd=float(np.sqrt(moments.squares[0] / (n - 1))) if finite and n > 1 else None,
        median=median,
        q1=q1,
        q3=q3,
        minimum=finite_or_none(float(moments.least[0])),
        maximum=finite_or_none(float(moments.greatest[0])),
    )


def _smd(moments: GroupMoments) -> float | None:
    if moments.n.min() < 2 or moments.infinite.any():
        return None
    variances = moments.squares / (moments.n - 1)
    return smd_moments(tuple(moments.mean.tolist()), tuple(variances.tolist()))


def _tested(
    engine: Engine, grouping: Grouping, column: str, moments: GroupMoments, test: TestName
) -> TestResult:
    def run() -> BatchTest:
        if test in RANK_TESTS:
            ranks = grouped_ranks(engine, grouping.columns, column, grouping.groups)
            assert ranks is not None  # two groups have values
            return ranks_test(test, Ranks(ranks.sums[None], ranks.n[None], np.array([ranks.ties])))
        n = moments.n.astype(np.float64)
        return moments_test(test, Moments(n[None], moments.mean[None], moments.squares[None]))

    finite = not moments.infinite.any()
    constant = bool(moments.least.min() == moments.greatest.max())
    return judged_numeric(test, moments.n, finite, constant, run)
