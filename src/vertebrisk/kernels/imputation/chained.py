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
from vertebrisk.kernels.imputation.regressions import Rows, Streams, linear, matched

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
        Of a passive variable: from the values of all of the patients in whom it is missing,
        shape (chains, patients, variables), to its own, shape (chains, patients).
    sources : tuple of int
        Columns that a passive one is computed from, passive ones among them; it takes no part
        in their regressions.
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
    """Fill what is missing of one table, in each chain on its own.

    Parameters
    ----------
    values : array, shape (n, variables)
        Numbers, and codes of categories; whatever stands in a missing cell is ignored.
    missing : bool array, shape (n, variables)
    always : array, shape (n, k)
        Further complete columns for every regression: outcome, Nelson-Aalen, auxiliaries.
    variables : sequence of Variable
    chains : int array, shape (chains,)
        Number of each chain, which with the seed decides its draws.
    seed : int
    iterations : int

    Raises
    ------
    ValueError
        When a variable to be imputed has no observed value.
    """
    wide = 1 + always.shape[1] + sum(max(each.levels - 1, 1) for each in variables)
    size = max(1, BLOCK // max(1, values.shape[0] * wide))
    parts = [
        _block(
            values, missing, always, variables, Streams(seed, chains[first : first + size]),
            iterations,
        )
        for first in range(0, chains.size, size)
    ]  # fmt: skip
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
    cells = _first_fill(values, missing, variables, streams.at(START))
    centre, scale = _centred(values, missing)
    columns = _Columns.laid_out(cells, _standardised(always), variables, centre, scale)
    order = _order(missing, variables)
    shape = (iterations, len(variables), streams.chains.size)
    means, sds = np.full(shape, np.nan), np.full(shape, np.nan)
    beside = {target: columns.beside(target) for target in order}
    gaps = [np.flatnonzero(each) for each in missing.T]
    rest = [np.flatnonzero(~each) for each in missing.T]
    last: dict[int, FloatArray] = {}  # estimate of each column in the iteration before
    for iteration in range(iterations):
        for target in order:
            unknown = gaps[target]
            others = columns.values.take(beside[target], axis=1)
            rows = Rows.of(values[:, target], others, rest[target], unknown)
            drawn, found = _drawn(
                variables[target], rows, streams.at(iteration, target), last.get(target)
            )
            if found is not None:
                last[target] = found
            cells[target][:, unknown] = drawn
            columns.put(target, cells[target])
            for changed in followers(variables, target):
                _compute(cells, variables, changed, gaps[changed])
                columns.put(changed, cells[changed])
        for column, unknown in enumerate(gaps):
            if unknown.size:
                means[iteration, column], sds[iteration, column] = _moments(
                    cells[column].take(unknown, axis=1)
                )
    return Imputed(
        np.ascontiguousarray(cells.transpose(1, 2, 0)),
        means.transpose(0, 2, 1),
        sds.transpose(0, 2, 1),
    )


def _first_fill(
    values: FloatArray, missing: BoolArray, variables: Sequence[Variable], streams: Streams
) -> FloatArray:
    """Each missing cell as some observed one of its column, drawn at random.

    Shape (variables, chains, n).
    """
    cells = np.repeat(values.T[:, None], streams.chains.size, axis=1)
    for column, variable in enumerate(variables):
        gap = missing[:, column]
        if variable.method == "passive" or not gap.any():
            continue
        known, unknown = np.flatnonzero(~gap), np.flatnonzero(gap)
        if known.size == 0:
            raise ValueError(f"column {column} has no observed value")
        picked = (streams.at(column).shares_at(unknown) * known.size).astype(np.int64)
        cells[column][:, unknown] = values[known[picked], column]
    for column in computing_order(variables):
        _compute(cells, variables, column, np.flatnonzero(missing[:, column]))
    return cells


def _compute(
    cells: FloatArray, variables: Sequence[Variable], column: int, unknown: IntArray
) -> None:
    """Compute the missing values of a passive column anew."""
    compute = variables[column].compute
    if compute is not None and unknown.size:
        cells[column][:, unknown] = compute(cells.take(unknown, axis=2).transpose(1, 2, 0))


def computing_order(variables: Sequence[Variable]) -> list[int]:
    """Passive columns, each after those that it is computed from.

    Raises
    ------
    ValueError
        When some are computed from each other.
    """
    order: list[int] = []
    left = [column for column, each in enumerate(variables) if each.compute is not None]
    while left:
        ready = [column for column in left if not set(variables[column].sources) & set(left)]
        if not ready:
            raise ValueError(f"columns {left} are computed from each other")
        order += ready
        left = [column for column in left if column not in ready]
    return order


def followers(variables: Sequence[Variable], target: int) -> list[int]:
    """Passive columns that change with a column, in the order in which they are computed."""
    changed = [target]
    for column in computing_order(variables):
        if set(variables[column].sources) & set(changed):
            changed.append(column)
    return changed[1:]


def _order(missing: BoolArray, variables: Sequence[Variable]) -> list[int]:
    """Columns to impute, those with the fewest gaps first."""
    gaps = missing.sum(axis=0)
    wanted = [
        column for column, each in enumerate(variables) if gaps[column] and each.method != "passive"
    ]
    return sorted(wanted, key=lambda column: (gaps[column], column))


def _centred(values: FloatArray, missing: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Mean and SD of the observed values, shape (variables,)."""
    known = ~missing
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / count
    square = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / count
    return mean, np.where(square > 0, np.sqrt(square), 1.0)


def _standardised(columns: FloatArray) -> FloatArray:
    sd = columns.std(axis=0)
    return np.asarray((columns - columns.mean(axis=0)) / np.where(sd > 0, sd, 1.0))


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
        cells: FloatArray,
        always: FloatArray,
        variables: Sequence[Variable],
        centre: FloatArray,
        scale: FloatArray,
    ) -> _Columns:
        """With the values of every variable as they are first filled."""
        _, chains, n = cells.shape
        widths = [each.levels - 1 if each.levels else 1 for each in variables]
        before = 1 + always.shape[1]
        of = np.concatenate([np.full(before, -1), np.repeat(np.arange(len(widths)), widths)])
        values = np.ones((chains, of.size, n))
        values[:, 1:before] = always.T
        made = cls(values, of, variables, centre, scale)
        for column, own in enumerate(cells):
            made.put(column, own)
        return made

    def put(self, column: int, own: FloatArray) -> None:
        """The values of a variable, shape (chains, n)."""
        place = np.flatnonzero(self.of == column)
        if self.variables[column].levels:
            for level, at in enumerate(place, start=1):
                self.values[:, at] = own == level
        else:
            self.values[:, place[0]] = (own - self.centre[column]) / self.scale[column]

    def beside(self, target: int) -> IntArray:
        """Places of the columns of a variable's regression."""
        left_out = [target, *followers(self.variables, target)]
        return np.flatnonzero(~np.isin(self.of, left_out))


def _drawn(
    variable: Variable, rows: Rows, streams: Streams, start: FloatArray | None
) -> tuple[FloatArray, FloatArray | None]:
    """Missing values, and the estimate where the next search for it may start there."""
    if variable.method == "polytomous":
        return polytomous(rows, variable.levels, streams, start)
    if variable.method == "ordered":
        return ordered(rows, variable.levels, streams, start)
    if variable.method == "linear":
        return linear(rows, streams), None
    return matched(rows, streams), None


def _moments(drawn: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and SD of the imputed cells of a variable in each chain; one cell has no SD."""
    mean = drawn.mean(axis=1)
    squares = np.sum((drawn - mean[:, None]) ** 2, axis=1)
    more = drawn.shape[1] - 1
    return mean, np.sqrt(squares / more) if more else np.full_like(mean, np.nan)
