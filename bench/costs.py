"""What statistical work must read and compute at the least, whoever does it."""

from __future__ import annotations

from bounds import Cost

WORD = 8  # bytes of a double
STEPS = 4  # of Newton's method from nothing to a maximum that is not far away


def newton(rows: float, columns: float, steps: int = STEPS, *, from_memory: bool = False) -> Cost:
    """Newton's method over n rows of p columns.

    Each step takes n p (p + 1) operations of the symmetric X'WX, 2 n p of the linear predictor, 2
    n p of the gradient and n exponentials, and reads the columns once, n (p + 1) doubles, where
    these do not stay in the cache.
    """
    once = Cost(
        bytes=WORD * rows * (columns + 1.0) if from_memory else 0.0,
        flops=rows * columns * (columns + 1.0 + 4.0),
        exponentials=rows,
    )
    return once.times(steps)


def firth(rows: float, columns: float, steps: int) -> Cost:
    """Newton's method on Firth's likelihood: leverages cost as much as X'WX once more."""
    leverages = Cost(flops=rows * columns * (columns + 1.0))
    return newton(rows, columns, steps) + leverages.times(steps)


def ordered(rows: float, columns: int, orders: int) -> Cost:
    """Ranks: each of the columns is read once, and so many keys a row are sorted."""
    return Cost(bytes=WORD * rows * columns, keys=orders * rows)


def validated(patients: float, rows: float, columns: float) -> Cost:
    """One resample of a model held fixed: draws, fit, order of the scores and recalibration.

    Smoothed curves are not counted.
    """
    return (
        Cost(draws=patients, keys=rows)
        + newton(rows, columns)
        + newton(rows, 2.0)  # intercept and slope on the linear predictor
    )
