"""Fisher's exact test of a table of any size, exact and never by simulation.

Given its margins, a table has probability proportional to ``prod r_i! / prod x_ij!``. The
p value is the share of tables that are at most as probable as the one observed. They are
not listed one by one. The rows are split into two halves. Each half is filled row by row
into atoms: column totals used so far, log weight, conditional probability. Equal atoms
merge, and an atom is settled once even its most probable completion is at most as
probable as the observed table; its whole mass counts, in closed form. Then the halves
meet: for each split of the column totals a sorted search adds up the pairs that qualify.
Nothing is approximated; a table that would take too long gives None.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import gammaln

from vertebrisk._types import BoolArray, FloatArray, IntArray

MAX_ATOMS = 3_000_000  # kept in one half, about 70 MB
MAX_WORK = 40_000_000  # atoms made in all, about two seconds
_CHUNK = 250_000
_TOLERANCE_2X2 = 1e-7  # relative, of fisher.test for 2 x 2 tables
_TOLERANCE = 3.4525e-7  # on the log scale, of FEXACT, which fisher.test calls for larger ones
_SAME = 1e-10  # log weights nearer than this are equal; rounding is a thousand times smaller
_CANCELS = 1e-5  # below this p, masses are summed directly and not as one less the rest


class _TooLargeError(Exception):
    """The table would take more memory or time than is allowed."""


def fisher_p_value(table: FloatArray | IntArray) -> float | None:
    """Two-sided p value of Fisher's exact test.

    Parameters
    ----------
    table : array, shape (rows, columns)
        Counts; empty rows and columns are dropped.

    Returns
    -------
    float or None
        Sum of the probabilities of all tables with these margins that are at most as
        probable as this one (within the tolerances of R's ``fisher.test``, which it
        follows); 1 where only one table is possible; None where the table is too large
        to be computed in about two seconds.

    References
    ----------
    Fisher 1922, doi:10.2307/2340521; Freeman and Halton 1951,
    doi:10.1093/biomet/38.1-2.141; Mehta and Patel 1983, doi:10.1080/01621459.1983.10477989
    """
    counts = np.rint(np.asarray(table)).astype(np.int64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        return 1.0
    if counts.shape == (2, 2):
        return _two_by_two(counts)
    if counts.shape[0] < counts.shape[1]:
        counts = counts.T
    try:
        return _Network.of(counts).p_value()
    except _TooLargeError:
        return None


def _two_by_two(counts: IntArray) -> float:
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    x = np.arange(max(0, columns[0] - rows[1]), min(rows[0], columns[0]) + 1)
    cells = (x, rows[0] - x, columns[0] - x, rows[1] - columns[0] + x)
    log_weight = -sum(gammaln(cell + 1.0) for cell in cells)
    weight = np.exp(log_weight - log_weight.max())
    observed = weight[counts[0, 0] - x[0]]
    return min(1.0, float(weight[weight <= observed * (1 + _TOLERANCE_2X2)].sum() / weight.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class _Atoms:
    """Ways to fill some rows: column totals as one number, log weight, probability.

    `weight` is the probability of the atom among all ways to reach the same column
    totals; `value` is minus infinity where the atom is settled.
    """

    key: IntArray
    value: FloatArray
    weight: FloatArray

    def merged(self) -> _Atoms:
        """Equal atoms joined, sorted by key and value."""
        if self.key.size == 0:
            return self
        order = np.lexsort((self.value, self.key))
        key, value = self.key[order], self.value[order]
        apart = np.ones(key.size, dtype=np.bool_)
        apart[1:] = (key[1:] != key[:-1]) | (value[1:] > value[:-1] + _SAME)
        starts = np.flatnonzero(apart)
        return _Atoms(key[starts], value[starts], np.add.reduceat(self.weight[order], starts))

    def where(self, keep: slice) -> _Atoms:
        """Some of the atoms."""
        return _Atoms(self.key[keep], self.value[keep], self.weight[keep])


def _joined(parts: list[_Atoms]) -> _Atoms:
    return _Atoms(
        np.concatenate([part.key for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """Every way to spread one row over the columns: keys, log weights, cells (m, c)."""

    key: IntArray
    value: FloatArray
    cells: IntArray

    def where(self, keep: BoolArray) -> _Row:
        """The ways marked by `keep`."""
        return _Row(self.key[keep], self.value[keep], self.cells[keep])


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    """The margins, their log factorials, and the log weight that separates the tables."""

    rows: IntArray
    columns: IntArray
    stride: IntArray
    limit: float
    log_factorial: FloatArray

    @classmethod
    def of(cls, counts: IntArray) -> _Network:
        rows, columns = np.sort(counts.sum(axis=1)), counts.sum(axis=0)
        if np.log2(columns + 1.0).sum() > 62:
            raise _TooLargeError
        stride = np.cumprod(np.append(1, columns[:-1] + 1))
        log_factorial = gammaln(np.arange(int(counts.sum()) + 1) + 1.0)
        observed = log_factorial[rows].sum() - log_factorial[counts].sum()
        return cls(rows, columns, stride, float(observed) + _TOLERANCE, log_factorial)

    def p_value(self) -> float:
        """One less the mass above the limit; where that would cancel, the mass below it."""
        spreads = [self._spread(int(row)) for row in self.rows]
        bounds = [self._best(np.delete(self.rows, i)) for i in range(self.rows.size)]
        opened = [
            spread.where(self._bound(spread.cells, *bound) + spread.value > self.limit)
            for spread, bound in zip(spreads, bounds, strict=True)
        ]
        if not all(spread.key.size for spread in opened):
            return 1.0  # not even the most probable table is above the limit
        first, second = _halves([spread.key.size for spread in opened])
        n, work = int(self.rows[first].sum()), _Budget(MAX_WORK)
        a = self._half(opened, first, second, work, carry=False)
        b = self._half(opened, second, first, work, carry=False)
        p = 1.0 - self._meet(a, b, n, above=True)
        if p < _CANCELS:
            a = self._half(spreads, first, second, work, carry=True)
            b = self._half(spreads, second, first, work, carry=True)
            p = self._meet(a, b, n, above=False)
        return min(1.0, p)

    def _spread(self, total: int) -> _Row:
        cells = np.zeros((1, 0), dtype=np.int64)
        for column in self.columns[:-1]:
            left = np.minimum(total - cells.sum(axis=1), column) + 1
            if left.sum() > MAX_ATOMS:
                raise _TooLargeError
            nth = np.arange(left.sum()) - np.repeat(np.cumsum(left) - left, left)
            cells = np.column_stack([np.repeat(cells, left, axis=0), nth])
        last = total - cells.sum(axis=1)
        cells = np.column_stack([cells, last])[last <= self.columns[-1]]
        value = self.log_factorial[total] - self.log_factorial[cells].sum(axis=1)
        return _Row(cells @ self.stride, value, cells)

    def _used(self, key: IntArray) -> IntArray:
        return np.asarray(key[:, None] // self.stride % (self.columns + 1))

    def _log_ways(self, key: IntArray, n: int) -> FloatArray:
        """Log of the total weight of all ways to reach these column totals."""
        return np.asarray(self.log_factorial[n] - self.log_factorial[self._used(key)].sum(axis=1))

    def _mass(self, key: IntArray, n: int) -> FloatArray:
        """Probability, over all tables, that some rows of `n` patients use these totals."""
        left = self.columns - self._used(key)
        total = int(self.columns.sum())
        rest = self.log_factorial[total - n] - self.log_factorial[left].sum(axis=1)
        every = self.log_factorial[total] - self.log_factorial[self.columns].sum()
        return np.asarray(np.exp(self._log_ways(key, n) + rest - every))

    def _best(self, rows: IntArray) -> tuple[FloatArray, float]:
        """Bound of the log weight of these rows: a sum over columns of g[left], and a constant.

        The maximum without the row totals, which enter by Lagrange multipliers log r_i:
        one column's best spread takes its patients one by one at the largest gain
        ``log(r_i / (x + 1))``, so that g is a cumulative sum of sorted gains.
        """
        top = int(self.columns.max())
        gains = np.log(rows[:, None] / np.arange(1.0, top + 1)).ravel()
        g = np.append(0.0, np.cumsum(np.sort(gains)[::-1][:top]))
        return g, float((self.log_factorial[rows] - rows * np.log(rows)).sum())

    def _bound(self, used: IntArray, g: FloatArray, constant: float) -> FloatArray:
        """Bound of the log weight of the rows still to fill, given the column totals used."""
        return np.asarray(g[self.columns - used].sum(axis=1) + constant)

    def _half(
        self, spreads: list[_Row], own: list[int], other: list[int], work: _Budget, *, carry: bool
    ) -> _Atoms:
        """Atoms of one half: the open ones, and with `carry` the settled ones too."""
        atoms = _Atoms(np.zeros(1, np.int64), np.zeros(1), np.ones(1))
        n = 0
        for place, row in enumerate(own):
            left = self._best(self.rows[own[place + 1 :] + other])
            spread = spreads[row]
            work.spend(atoms.key.size * spread.key.size)
            step = max(1, _CHUNK // max(1, spread.key.size))
            parts = [
                self._expand(atoms.where(slice(i, i + step)), spread, n, left, carry=carry)
                for i in range(0, atoms.key.size, step)
            ]
            if sum(part.key.size for part in parts) > MAX_ATOMS:
                raise _TooLargeError
            atoms = _joined(parts).merged() if parts else atoms
            n += int(self.rows[row])
        return atoms

    def _expand(
        self, atoms: _Atoms, spread: _Row, n: int, left: tuple[FloatArray, float], *, carry: bool
    ) -> _Atoms:
        """Every atom with every way to fill the next row; the settled are dropped or marked."""
        g, constant = left
        used = self._used(atoms.key)
        value = atoms.value[:, None] + spread.value
        best = value + constant
        fits = np.ones(best.shape, dtype=np.bool_) if carry else None
        for j, column in enumerate(self.columns):
            beyond = np.full(column, -np.inf)  # more than the column holds
            bound = np.append(g[column::-1], beyond)
            sums = used[:, j, None] + spread.cells[:, j]
            best += bound[sums]
            if fits is not None:
                fits &= sums <= column
        is_open = best > self.limit
        i, k = np.nonzero(is_open if fits is None else fits)
        new_used = used[i] + spread.cells[k]
        share = self._log_ways(atoms.key, n)[i] + spread.value[k]
        share += (
            self.log_factorial[new_used].sum(axis=1)
            - self.log_factorial[n + int(spread.cells[0].sum())]
        )
        new_value = value[i, k] if fits is None else np.where(is_open[i, k], value[i, k], -np.inf)
        made = _Atoms(atoms.key[i] + spread.key[k], new_value, atoms.weight[i] * np.exp(share))
        return made.merged() if carry else made  # what is settled is one atom a key

    def _meet(self, a: _Atoms, b: _Atoms, n: int, *, above: bool) -> float:
        """Probability of the pairs of atoms above the limit, or at or below it."""
        keys, starts = np.unique(a.key, return_index=True)
        stops = np.append(starts[1:], a.key.size)
        partner = int(self.columns @ self.stride) - keys
        begins, ends = (np.searchsorted(b.key, partner, side) for side in ("left", "right"))
        inner = np.zeros(keys.size)
        for i in np.flatnonzero(ends > begins):
            mine, theirs = slice(starts[i], stops[i]), slice(begins[i], ends[i])
            place = np.searchsorted(b.value[theirs], self.limit - a.value[mine], "right")
            weight = b.weight[theirs]
            if above:
                reached = np.append(np.cumsum(weight[::-1])[::-1], 0.0)
            else:
                reached = np.append(0.0, np.cumsum(weight))
            inner[i] = a.weight[mine] @ reached[place]
        return float(self._mass(keys, n) @ inner)


@dataclass(slots=True)
class _Budget:
    """Atoms that may still be made."""

    left: int

    def spend(self, atoms: int) -> None:
        self.left -= atoms
        if self.left < 0:
            raise _TooLargeError


def _halves(sizes: list[int]) -> tuple[list[int], list[int]]:
    """Rows split so that the larger of the two products of sizes is least."""
    logs = np.log(np.asarray(sizes, dtype=np.float64))
    rows = range(len(sizes))
    if len(sizes) > 14:
        order = np.argsort(logs)
        return sorted(order[::2].tolist()), sorted(order[1::2].tolist())
    splits = (list(s) for size in range(1, len(sizes) // 2 + 1) for s in combinations(rows, size))
    total = logs.sum()
    first = min(splits, key=lambda s: max(logs[s].sum(), total - logs[s].sum()))
    return first, [row for row in rows if row not in first]
