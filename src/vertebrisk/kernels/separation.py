"""Do columns separate patients with the event from those without? A linear programme says.

A maximum-likelihood estimate of a logistic model is finite if, and only if, no direction d
has x'd >= 0 for every patient with the event, x'd <= 0 for every other, and x'd other than
zero for some (Albert and Anderson 1984, doi:10.1093/biomet/71.1.1). By Farkas' lemma there is
no such direction exactly where weights of 1 or more, one a patient, balance the columns of
the two outcomes, which is a programme with one equation a column (after Konis 2007).
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray

ZERO = 1e-7  # movement along a direction, relative to the greatest, that is none


def overlaps(columns: FloatArray, side: IntArray) -> bool:
    """True where no direction separates the outcomes.

    Parameters
    ----------
    columns : array, shape (m, p)
        Distinct rows, the intercept's ones among the columns.
    side : int array, shape (m,)
        1 where all patients with the row have the event, -1 where none has, 0 where both occur.
    """
    scaled = _standardised(columns)
    mixed = scaled[side == 0]
    balance = np.vstack([scaled[side > 0], -scaled[side < 0]])
    if balance.shape[0] == 0:
        return True
    if mixed.size:  # rows of both outcomes take any weight of any sign: only the rest counts
        left = _complement(mixed)
        balance, size = balance @ left, left.shape[1]
        if size == 0:
            return True
    from scipy.optimize import linprog

    # weights of 1 and more: what is above 1 balances what the ones leave
    found = linprog(
        np.zeros(balance.shape[0]),
        A_eq=balance.T,
        b_eq=-balance.sum(axis=0),
        bounds=(0, None),
        method="highs",
    )
    return bool(found.status == 0)


def separating_direction(columns: FloatArray, side: IntArray) -> FloatArray:
    """A direction that separates the outcomes, of those that move the rows the farthest.

    Parameters
    ----------
    columns : array, shape (m, p)
        Rows, the intercept's ones among the columns; of like spread.
    side : int array, shape (m,)
        As in `overlaps`.

    Returns
    -------
    array, shape (p,)
        No coordinate above 1; zero throughout where there is none.
    """
    none = np.zeros(columns.shape[1])
    if overlaps(columns, side):
        return none
    from scipy.optimize import linprog

    towards = columns[side != 0] * side[side != 0, None]
    mixed = columns[side == 0]
    found = linprog(
        -towards.sum(axis=0),
        A_ub=-towards,
        b_ub=np.zeros(towards.shape[0]),
        A_eq=mixed if mixed.size else None,
        b_eq=np.zeros(mixed.shape[0]) if mixed.size else None,
        bounds=(-1, 1),
        method="highs",
    )
    return np.asarray(found.x) if found.status == 0 else none


def sparse_direction(candidates: FloatArray, side: IntArray) -> FloatArray:
    """The separating direction that needs the least of the candidates.

    Parameters
    ----------
    candidates : array, shape (m, k)
        Columns that a name belongs to, without the intercept.
    side : int array, shape (m,)
        As in `overlaps`.

    Returns
    -------
    array, shape (k,)
        In spreads of the candidates; zero throughout where there is none.
    """
    from scipy.optimize import linprog

    spread = candidates.std(axis=0)
    scaled = (candidates - candidates.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    size = scaled.shape[1]
    one_sided = side != 0
    towards = scaled[one_sided] * side[one_sided, None]
    constant = side[one_sided, None].astype(np.float64)
    both = np.column_stack([towards, -towards, constant, -constant])
    fixed = scaled[~one_sided]
    ones = np.ones((fixed.shape[0], 1))
    equal = np.vstack([np.column_stack([fixed, -fixed, ones, -ones]), both.sum(axis=0)[None]])
    found = linprog(
        np.concatenate([np.ones(2 * size), [0.0, 0.0]]),
        A_ub=-both,
        b_ub=np.zeros(both.shape[0]),
        A_eq=equal,
        b_eq=np.concatenate([np.zeros(fixed.shape[0]), [float(one_sided.sum())]]),
        bounds=(0, None),
        method="highs",
    )
    if found.status != 0:
        return np.zeros(size)
    return np.asarray(found.x[:size] - found.x[size : 2 * size])


def separated_alone(candidate: FloatArray, side: IntArray) -> BoolArray:
    """Rows that one column separates by itself, at one threshold."""
    none = np.zeros(candidate.size, dtype=np.bool_)
    for sign in (1.0, -1.0):
        values = sign * candidate
        events, others = values[side >= 0], values[side <= 0]
        if events.size == 0 or others.size == 0:
            return none
        low, high = float(events.min()), float(others.max())
        if low > high:
            return ~none
        if low == high:
            return np.asarray(values != low)
    return none


def separated_along(candidates: FloatArray, direction: FloatArray, side: IntArray) -> BoolArray:
    """Rows that move towards their outcome along a direction of `sparse_direction`."""
    spread = candidates.std(axis=0)
    movement = (candidates / np.where(spread > 0, spread, 1.0)) @ direction
    low, high = movement[side >= 0].min(initial=np.inf), movement[side <= 0].max(initial=-np.inf)
    reach = float(np.ptp(movement))
    if low > high + ZERO * reach:
        return np.ones(side.size, dtype=np.bool_)
    return np.asarray(np.abs(movement - 0.5 * (low + high)) > ZERO * reach)


def _standardised(columns: FloatArray) -> FloatArray:
    """Columns with mean 0 and spread 1; constant ones as they are."""
    spread = columns.std(axis=0)
    varies = spread > 1e-12 * np.abs(columns).max(axis=0, initial=0.0)
    centre = np.where(varies, columns.mean(axis=0), 0.0)
    return np.asarray((columns - centre) / np.where(varies, spread, 1.0))


def _complement(rows: FloatArray) -> FloatArray:
    """Basis of the directions along which none of the rows moves, shape (p, free)."""
    _, values, vectors = np.linalg.svd(rows, full_matrices=True)
    rank = int((values > 1e-10 * max(1.0, values.max(initial=0.0))).sum())
    return np.asarray(vectors[rank:].T)
