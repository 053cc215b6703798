"""Whole numbers between limits with a given sum and sum of squares."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.special import betainc, betaincinv

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import FitError
from vertebrisk.evidence.reconstruction.programmes import solve_integer

# Up to so many different values, how often each occurs is solved for exactly.
SMALL_SUPPORT = 16
_WIDE_SUPPORT = 2_000
_MAX_REPAIRS = 20_000
_NODES = 20_000


def can_be_made(n: int, total: int, squares: int, limits: tuple[int, int]) -> bool:
    """True if n whole numbers between the limits have this sum and sum of squares.

    Exact for few different values and for the extremes; where many values are allowed,
    sums of the same parity between the extremes are taken to be reachable.
    """
    low, high = limits
    if not n * low <= total <= n * high or (total - squares) % 2:
        return False
    if not least_squares(n, total) <= squares <= greatest_squares(n, total, limits):
        return False
    if high - low >= SMALL_SUPPORT:
        return True
    return _counts(n, total, squares, limits) is not None


def least_squares(n: int, total: int) -> int:
    """Least sum of squares of n whole numbers with this sum: all next to their mean."""
    whole, rest = divmod(total, n)
    return rest * (whole + 1) ** 2 + (n - rest) * whole**2


def greatest_squares(n: int, total: int, limits: tuple[int, int]) -> int:
    """Greatest one between limits: as many values at them as the sum allows, one between."""
    low, high = limits
    if high == low:
        return n * low**2
    at_high, between = divmod(total - n * low, high - low)
    if at_high == n:
        return n * high**2
    return at_high * high**2 + (low + between) ** 2 + (n - at_high - 1) * low**2


def make_values(
    n: int, total: int, squares: int, limits: tuple[int, int], rng: np.random.Generator
) -> IntArray:
    """Values in steps with exactly the given sums, bell-shaped between limits.

    Starts from evenly spread quantiles of the beta distribution on the limits that has
    the wanted mean and SD, rounds them, and repairs the sums one step at a time. Where
    few different values are allowed, or the repair does not end, the numbers of each value
    are found by an integer programme instead, as near to the beta distribution as can be.

    Parameters
    ----------
    n, total, squares : int
        How many values, their sum, and the sum of their squares.
    limits : (int, int)
        Least and greatest value allowed, in steps.
    rng : numpy Generator
        Source of the values and of their order.

    Returns
    -------
    int array, shape (n,)

    Raises
    ------
    FitError
        If the sums cannot be reached inside the limits.
    """
    values = None
    if limits[1] - limits[0] >= SMALL_SUPPORT:
        values = _repaired(n, total, squares, limits, rng)
    if values is None and limits[1] - limits[0] <= _WIDE_SUPPORT:
        counts = _counts(n, total, squares, limits)
        if counts is not None:
            values = np.repeat(np.arange(limits[0], limits[1] + 1), counts)
    if values is None:
        raise FitError(
            f"{n} values between {limits[0]} and {limits[1]} steps with the sum {total} and the "
            f"sum of squares {squares} were not found. Widen the limits."
        )
    return np.asarray(rng.permutation(values), dtype=np.int64)


def _shape(n: int, total: int, squares: int, limits: tuple[int, int]) -> tuple[float, float] | None:
    """Parameters of the beta distribution on the limits, or None where there is none."""
    low, width = limits[0], limits[1] - limits[0]
    if width == 0:
        return None
    centre = (total / n - low) / width
    variance = (squares / n - (total / n) ** 2) / width**2
    if not (0 < centre < 1 and variance > 1e-12):
        return None
    concentration = centre * (1 - centre) / variance - 1
    if concentration <= 1e-6:
        return None
    return centre * concentration, (1 - centre) * concentration


def _counts(n: int, total: int, squares: int, limits: tuple[int, int]) -> IntArray | None:
    """How often each value from low to high occurs, nearest to the beta shape."""
    low, high = limits
    support = np.arange(low, high + 1, dtype=np.float64)
    # Measured from the middle, so that large values keep the programme's numbers small.
    middle = round(total / n)
    away = support - middle
    wanted = np.array([n, total - n * middle, squares - 2 * middle * total + n * middle**2])
    k = len(support)
    expected = _expected(n, total, squares, limits)
    matrix = np.vstack(
        [
            np.hstack([np.vstack([np.ones(k), away, away**2]), np.zeros((3, 2 * k))]),
            np.hstack([np.eye(k), np.eye(k), -np.eye(k)]),
        ]
    )
    target = np.concatenate([wanted, expected])
    found = solve_integer(
        np.concatenate([np.zeros(k), np.ones(2 * k)]),
        LinearConstraint(matrix, target, target),
        np.concatenate([np.ones(k), np.zeros(2 * k)]),
        Bounds(0, np.inf),
        _NODES,
        gap=0.05,
    )
    if found is None:
        return None
    counts = np.rint(found[:k]).astype(np.int64)
    exact = counts @ support.astype(np.int64), counts @ support.astype(np.int64) ** 2
    return counts if (int(counts.sum()), *map(int, exact)) == (n, total, squares) else None


def _expected(n: int, total: int, squares: int, limits: tuple[int, int]) -> FloatArray:
    low, high = limits
    shape = _shape(n, total, squares, limits)
    if shape is None:
        return np.full(high - low + 1, n / (high - low + 1))
    edges = (np.arange(low, high) + 0.5 - low) / (high - low)
    cumulative = np.concatenate([[0.0], betainc(*shape, edges), [1.0]])
    return np.asarray(n * np.diff(cumulative))


def _repaired(
    n: int, total: int, squares: int, limits: tuple[int, int], rng: np.random.Generator
) -> IntArray | None:
    low, high = limits
    shape = _shape(n, total, squares, limits)
    if shape is None:
        return None
    quantile = (np.arange(n) + rng.uniform(0.25, 0.75, n)) / n
    drawn = low + (high - low) * betaincinv(*shape, quantile)
    values = np.clip(np.rint(drawn), low, high).astype(np.int64)
    rng.shuffle(values)
    reached = _repair_total(values, total, limits, rng)
    return values if reached and _repair_squares(values, squares, limits, rng) else None


def _repair_total(
    values: IntArray, total: int, limits: tuple[int, int], rng: np.random.Generator
) -> bool:
    for _ in range(_MAX_REPAIRS):
        missing = total - int(values.sum())
        if missing == 0:
            return True
        direction = 1 if missing > 0 else -1
        edge = limits[1] if missing > 0 else limits[0]
        movable = np.flatnonzero(values != edge)
        if len(movable) == 0:
            return False
        chosen = rng.permutation(movable)[: min(abs(missing), 1 + len(values) // 10)]
        values[chosen] += direction
    return False


def _repair_squares(
    values: IntArray, squares: int, limits: tuple[int, int], rng: np.random.Generator
) -> bool:
    """Move one value up and another down by a step: the sum stays, the squares change.

    Each move takes a value at random and its best partner, even where the best is worse
    than standing still: few values have few differences, and a walk gets past them.
    """
    low, high = limits
    for _ in range(_MAX_REPAIRS):
        missing = squares - int((values**2).sum())
        if missing == 0:
            return True
        up = int(rng.integers(len(values)))
        if values[up] == high:
            continue
        left_over = np.abs(missing - 2 * (values[up] - values + 1))
        movable = np.flatnonzero((values != low) & (np.arange(len(values)) != up))
        if len(movable) == 0:
            continue
        values[up] += 1
        values[movable[np.argmin(left_over[movable])]] -= 1
    return False
