"""Multiple imputation by chained equations: each variable from all others, in turn, again.

Van Buuren and Groothuis-Oudshoorn 2011 (doi:10.18637/jss.v045.i03), as R's ``mice``. All
chains move together; what a chain draws depends on the seed and its number alone, so the
answer is the same however the chains are divided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.imputation.categories import ordered, polytomous
from vertebrisk.kernels.imputation.regressions import Streams, linear, matched, unknown

Method = Literal["pmm", "linear", "polytomous", "ordered", "passive"]
Passive = Callable[[FloatArray], FloatArray]

BLOCK = 8_000_000  # numbers of one design matrix of all chains together
START = 1_000_000  # label of the first fill among the iterations


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of the data: how it enters the regressions of others, and its own.

    Attributes
    ----------
    levels : int
        Of a categorical variable, coded from 0; 0 for a number.
    method : {"pmm", "linear", "polytomous", "ordered", "passive"}
        Polytomous with two levels is logistic regression. A passive variable is computed.
    compute : function, optional
        Of a passive variable: from the values of all, shape (chains, n, variables), to its
        own, shape (chains, n).
    sources : tuple of int
        Columns that a passive one is computed from; it takes no part in their regressions.
    """

    levels: int
    method: Method
    compute: Passive | None = None
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Imputed:
    """Filled values, shape (chains, n, variables), and how the chains went.

    `means` and `sds`, shape (iterations, chains, variables), are those of the imputed cells;
    NaN where there are none.
    """

    values: FloatArray
    means: FloatArray
    sds: FloatArray


def impute(
    values: FloatArray,
    missing: BoolArray,
    always: FloatArray,
    variables: Sequence[Variable],
    chains: IntArray,
    seed: int,
    iterations: int = 10,
) -> Imputed:
    """Fill what is missing, in each chain on its own.

    Parameters
    ----------
    values : array, shape (chains, n, variables)
        Numbers, and codes of categories; whatever stands in a missing cell is ignored.
    missing : bool array, shape (chains, n, variables)
    always : array, shape (chains, n, k)
        Further complete columns for every regression: outcome, Nelson-Aalen, auxiliaries.
    variables : sequence of Variable
    chains : int array, shape (chains,)
        Number of each chain, which with the seed decides its draws.
    seed : int
    iterations : int

    Raises
    ------
    ValueError
        When a variable to be imputed has no observed value in some chain.
    """
    count, n, _ = values.shape
    wide = 1 + always.shape[2] + sum(max(each.levels - 1, 1) for each in variables)
    size = max(1, BLOCK // max(1, n * wide))
    parts = [
        _block(
            values[first : first + size],
            missing[first : first + size],
            always[first : first + size],
            variables,
            Streams(seed, chains[first : first + size]),
            iterations,
        )
        for first in range(0, count, size)
    ]
    return Imputed(
        np.concatenate([each.values for each in parts]),
        np.concatenate([each.means for each in parts], axis=1),
        np.concatenate([each.sds for each in parts], axis=1),
    )


def _block(
    values: FloatArray,
    missing: BoolArray,
    always: FloatArray,
    variables: Sequence[Variable],
    streams: Streams,
    iterations: int,
) -> Imputed:
    filled = _first_fill(values, missing, variables, streams.at(START))
    centre, scale = _centred(values, missing)
    always = _standardised(always)
    columns = _Columns.laid_out(filled, always, variables, centre, scale)
    gaps = np.ascontiguousarray(missing.transpose(2, 0, 1))
    cells = np.ascontiguousarray(filled.transpose(2, 0, 1))
    filled = cells.transpose(1, 2, 0)  # the same numbers, which lie together by variable
    means, sds = (np.full((iterations, *filled[:, 0].shape), np.nan) for _ in range(2))
    order = _order(missing, variables)
    beside = {target: columns.beside(target) for target in order}
    last: dict[int, FloatArray] = {}  # estimate of each column in the iteration before
    for iteration in range(iterations):
        for target in order:
            drawn, found = _drawn(
                variables[target], columns.design(beside[target]), cells[target], ~gaps[target],
                streams.at(iteration, target), last.get(target),
            )  # fmt: skip
            if found is not None:
                last[target] = found
            cells[target] = np.where(gaps[target], drawn, cells[target])
            for changed in (target, *_follow(filled, variables, target)):
                columns.put(changed, cells[changed])
        means[iteration], sds[iteration] = _moments(cells, gaps)
    return Imputed(np.ascontiguousarray(filled), means, sds)


def _first_fill(
    values: FloatArray, missing: BoolArray, variables: Sequence[Variable], streams: Streams
) -> FloatArray:
    """Each missing cell as some observed one of its column, drawn at random."""
    filled = values.copy()
    for column, variable in enumerate(variables):
        gap = missing[:, :, column]
        if variable.method == "passive" or not gap.any():
            continue
        known = (~gap).sum(axis=1)
        if (known == 0).any():
            raise ValueError(f"column {column} has no observed value in a chain")
        picked = (streams.at(column).shares(gap.shape[1]) * known[:, None]).astype(np.int64)
        observed_first = np.argsort(gap, axis=1, kind="stable")
        donors = np.take_along_axis(observed_first, picked, axis=1)
        own = values[:, :, column]
        filled[:, :, column] = np.where(gap, np.take_along_axis(own, donors, axis=1), own)
    for column, variable in enumerate(variables):
        if variable.compute is not None:
            filled[:, :, column] = variable.compute(filled)
    return filled


def _follow(filled: FloatArray, variables: Sequence[Variable], target: int) -> list[int]:
    """Compute anew what is computed from a column, and say what that is."""
    changed = []
    for column, variable in enumerate(variables):
        if variable.compute is not None and target in variable.sources:
            filled[:, :, column] = variable.compute(filled)
            changed.append(column)
    return changed


def _order(missing: BoolArray, variables: Sequence[Variable]) -> list[int]:
    """Columns to impute, those with the fewest gaps first."""
    gaps = missing.sum(axis=(0, 1))
    wanted = [
        column for column, each in enumerate(variables) if gaps[column] and each.method != "passive"
    ]
    return sorted(wanted, key=lambda column: (gaps[column], column))


def _centred(values: FloatArray, missing: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Mean and SD of the observed values, shape (chains, variables)."""
    known = ~missing
    count = np.maximum(known.sum(axis=1), 1)
    whole = np.where(known, values, 0.0)
    mean = whole.sum(axis=1) / count
    square = np.where(known, (values - mean[:, None]) ** 2, 0.0).sum(axis=1) / count
    return mean, np.where(square > 0, np.sqrt(square), 1.0)


def _standardised(columns: FloatArray) -> FloatArray:
    mean = columns.mean(axis=1, keepdims=True)
    sd = columns.std(axis=1, keepdims=True)
    return np.asarray((columns - mean) / np.where(sd > 0, sd, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Ones, the further columns, and all variables: numbers standardised, levels as 0/1.

    Attributes
    ----------
    values : array, shape (chains, columns, n)
    of : int array, shape (columns,)
        Variable of each; -1 before them.
    """

    values: FloatArray
    of: IntArray
    variables: Sequence[Variable]
    centre: FloatArray
    scale: FloatArray

    @classmethod
    def laid_out(
        cls,
        filled: FloatArray,
        always: FloatArray,
        variables: Sequence[Variable],
        centre: FloatArray,
        scale: FloatArray,
    ) -> _Columns:
        """With the values of every variable as they are first filled."""
        chains, n, _ = filled.shape
        widths = [each.levels - 1 if each.levels else 1 for each in variables]
        before = 1 + always.shape[2]
        of = np.concatenate([np.full(before, -1), np.repeat(np.arange(len(widths)), widths)])
        values = np.ones((chains, of.size, n))
        values[:, 1:before] = always.transpose(0, 2, 1)
        made = cls(values, of, variables, centre, scale)
        for column in range(len(variables)):
            made.put(column, filled[:, :, column])
        return made

    def put(self, column: int, own: FloatArray) -> None:
        """The values of a variable, shape (chains, n)."""
        place = np.flatnonzero(self.of == column)
        if self.variables[column].levels:
            for level, at in enumerate(place, start=1):
                self.values[:, at] = own == level
        else:
            centre, scale = self.centre[:, None, column], self.scale[:, None, column]
            self.values[:, place[0]] = (own - centre) / scale

    def beside(self, target: int) -> IntArray:
        """Places of the columns of a variable's regression."""
        left_out = [target]
        left_out += [at for at, each in enumerate(self.variables) if target in each.sources]
        return np.flatnonzero(~np.isin(self.of, left_out))

    def design(self, places: IntArray) -> FloatArray:
        """Some of the columns, shape (chains, n, q)."""
        return self.values.take(places, axis=1).transpose(0, 2, 1)


def _drawn(
    variable: Variable,
    design: FloatArray,
    values: FloatArray,
    observed: BoolArray,
    streams: Streams,
    start: FloatArray | None,
) -> tuple[FloatArray, FloatArray | None]:
    """Values of a variable, and the estimate where the next search for it may start there."""
    if variable.method == "polytomous":
        return polytomous(design, values, observed, variable.levels, streams, start)
    if variable.method == "ordered":
        return ordered(design, values, observed, variable.levels, streams, start)
    if variable.method == "linear":
        return linear(design, values, observed, streams), None
    return matched(design, values, observed, streams), None


def _moments(cells: FloatArray, gaps: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Mean and SD of the imputed cells, (variables, chains, n) to (chains, variables)."""
    mean, sd = (np.full(cells.shape[:2], np.nan) for _ in range(2))
    for column in np.flatnonzero(gaps.any(axis=(1, 2))):
        rows = unknown(~gaps[column])
        own = gaps[column][:, rows]
        count = own.sum(axis=1).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean[column] = np.where(own, cells[column][:, rows], 0.0).sum(axis=1) / count
            apart = np.where(own, cells[column][:, rows] - mean[column][:, None], 0.0)
            sd[column] = np.sqrt(np.sum(apart**2, axis=1) / (count - 1.0))
    return mean.T, sd.T
