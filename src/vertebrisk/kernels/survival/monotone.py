"""Has a partial likelihood a maximum? A linear programme over the risk sets says.

It has none if, and only if, in some direction d every event has the largest x'd of those at
risk with it, and somewhere another has less (Heinze and Schemper 2001,
doi:10.1111/j.0006-341X.2001.00114.x). A variable for each event time bounds x'd of all who
are still at risk from there on, so the programme grows with patients, not with risk sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.times import SurvivalTimes

SAME = 1e-12  # difference of two values, relative to their range, that is rounding


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """Conditions on a direction, in the variables [direction, value of events, bound].

    Attributes
    ----------
    equal, below : sparse matrix
        Rows that are 0, and rows that are 0 or less.
    slack : sparse matrix, shape (m, variables)
        What each row lacks to the events of its first risk set.
    """

    equal: Any
    below: Any
    slack: Any

    @classmethod
    def of(cls, columns: FloatArray, sets: RiskSets) -> Programme:
        """For the columns of the sorted rows, shape (m, p)."""
        from scipy import sparse

        size, count = columns.shape[0], sets.count
        everyone = np.arange(size)
        entered = sets.entered()
        prompt = everyone if sets.late is None else np.setdiff1d(everyone, sets.late.rows)

        def unit(rows: IntArray, at: IntArray) -> Any:
            return sparse.csr_matrix((np.ones(rows.size), (rows, at)), shape=(rows.size, count))

        def line(own: Any, events: Any, bounds: Any) -> Any:
            return sparse.hstack([own, events, bounds], format="csr")

        def order(count_of: int) -> IntArray:
            return np.arange(count_of)

        deaths = sets.deaths
        none = sparse.csr_matrix
        equal = line(
            none(columns[deaths]),
            -unit(order(deaths.size), sets.last[deaths]),
            none((deaths.size, count)),
        )
        following = np.concatenate(
            [np.arange(block.start + 1, block.stop) for block in sets.blocks]
        ).astype(np.int64)
        chain = unit(order(following.size), following) - unit(order(following.size), following - 1)
        parts = [
            line(
                none(columns[prompt]),
                none((prompt.size, count)),
                -unit(order(prompt.size), sets.last[prompt]),
            ),
            line(none((following.size, columns.shape[1])), none((following.size, count)), chain),
            line(
                none((count, columns.shape[1])),
                -unit(order(count), order(count)),
                unit(order(count), order(count)),
            ),
        ]
        if sets.late is not None:
            rows = np.repeat(sets.late.rows, sets.last[sets.late.rows] - entered[sets.late.rows])
            moments = np.concatenate(
                [np.arange(entered[row] + 1, sets.last[row] + 1) for row in sets.late.rows]
            )
            parts.append(
                line(
                    none(columns[rows]), -unit(order(rows.size), moments), none((rows.size, count))
                )
            )
        slack = line(none(-columns), unit(everyone, entered + 1), none((size, count)))
        return cls(equal, sparse.vstack(parts, format="csr"), slack)


def is_monotone(columns: FloatArray, times: SurvivalTimes) -> bool:
    """True where the partial likelihood of the columns, shape (n, p), has no maximum."""
    from scipy import sparse
    from scipy.optimize import linprog

    sets = RiskSets.of(times)
    if sets.count == 0 or columns.shape[1] == 0:
        return False
    programme = Programme.of(_scaled(columns[sets.rows]), sets)
    size, width = programme.slack.shape
    conditions, ties = programme.below.shape[0], programme.equal.shape[0]
    found = linprog(
        np.concatenate([np.zeros(width), -np.ones(size)]),
        A_ub=sparse.vstack(
            [
                sparse.hstack([programme.below, sparse.csr_matrix((conditions, size))]),
                sparse.hstack([-programme.slack, sparse.eye(size)]),
            ],
            format="csr",
        ),
        b_ub=np.zeros(conditions + size),
        A_eq=sparse.hstack([programme.equal, sparse.csr_matrix((ties, size))], format="csr"),
        b_eq=np.zeros(ties),
        bounds=[(None, None)] * width + [(0.0, 1.0)] * size,
        method="highs",
    )
    # a direction may be made as long as one likes, so there is one patient's whole unit or nothing
    return bool(found.status == 0 and -found.fun > 0.5)


def monotone_alone(column: FloatArray, times: SurvivalTimes) -> int:
    """The sign in which one column alone raises the likelihood for ever; 0 where in none."""
    sets = RiskSets.of(times)
    values = column[sets.rows]
    reach = float(np.ptp(values)) if values.size else 0.0
    for sign in (1, -1):
        own = sign * values[None]
        top, lowest = sets.highest(own), -sets.highest(-own)
        gap = top[:, sets.last[sets.deaths]] - own[:, sets.deaths]
        if (gap <= SAME * reach).all() and (top - lowest > SAME * reach).any():
            return sign
    return 0


def sparse_monotone(candidates: FloatArray, times: SurvivalTimes) -> FloatArray:
    """The monotone direction that needs the least of some columns, shape (k,), in their spreads."""
    from scipy import sparse
    from scipy.optimize import linprog

    sets = RiskSets.of(times)
    size = candidates.shape[1]
    programme = Programme.of(_scaled(candidates[sets.rows]), sets)
    rows, width = programme.slack.shape
    apart = sparse.vstack([sparse.eye(size), sparse.csr_matrix((width - size, size))])
    split = sparse.hstack([sparse.eye(width), -apart], format="csr")
    found = linprog(
        np.concatenate([np.ones(size), np.zeros(width - size), np.ones(size)]),
        A_ub=programme.below @ split,
        b_ub=np.zeros(programme.below.shape[0]),
        A_eq=sparse.vstack(
            [programme.equal @ split, sparse.csr_matrix(programme.slack.sum(axis=0)) @ split]
        ),
        b_eq=np.concatenate([np.zeros(programme.equal.shape[0]), [float(rows)]]),
        bounds=[(0.0, None)] * size + [(None, None)] * (width - size) + [(0.0, None)] * size,
        method="highs",
    )
    if found.status != 0:
        return np.zeros(size)
    return np.asarray(found.x[:size] - found.x[width:])


def _scaled(columns: FloatArray) -> FloatArray:
    spread = columns.std(axis=0)
    centred = columns - columns.mean(axis=0)
    return np.asarray(centred / np.where(spread > 0, spread, 1.0))
