"""Restricted cubic splines as in Hmisc: knots and basis.

`knots` and `basis` agree with ``Hmisc::rcspline.eval`` (norm = 2), including its
rules for tied ends and for fewer than 100 values.

References
----------
Harrell FE. Regression Modeling Strategies, 2nd ed., section 2.4.5.
doi:10.1007/978-3-319-19425-7
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.errors import FitError

TIED_SHARE = 0.05


def knots(values: FloatArray, count: int, name: str = "the variable") -> FloatArray:
    """Default knot positions.

    Parameters
    ----------
    values : array, shape (n,)
        Finite values of the variable.
    count : int
        Number of knots wanted, 3 or more.
    name : str
        Name for error messages.

    Returns
    -------
    array, shape (count,) or fewer when the variable has few distinct values.

    Raises
    ------
    FitError
        When fewer than 3 distinct knots can be placed.
    """
    distinct = np.unique(values)
    if values.size < 6 or distinct.size - 2 <= count:
        return _enough(distinct[1:-1] if values.size >= 6 else distinct[:0], name)
    first, last, rest = _tied_ends(values, distinct)
    wanted = count - first.size - last.size
    outer = 0.05 if count > 3 else 0.1
    outer = 0.025 if count > 6 else outer
    if wanted == 1:
        middle = np.array([np.median(rest)])
    elif distinct.size <= wanted:
        middle = distinct
    else:
        start = 0.5 if wanted == 2 else outer
        middle = np.quantile(rest, np.linspace(start, 1 - outer, wanted))
        if np.unique(middle).size < min(wanted, 3):
            middle = np.quantile(rest, np.linspace(outer, 1 - outer, 2 * wanted))
        if rest.size < 100:
            ordered = np.sort(rest)
            middle = middle.copy()
            if not first.size:
                middle[0] = ordered[4]
            if not last.size:
                middle[wanted - 1] = ordered[-5]
    return _enough(np.unique(np.concatenate([first, middle, last])), name)


def _tied_ends(
    values: FloatArray, distinct: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Knots placed just inside an end where many values are tied, and the values left."""
    shares = np.unique(values, return_counts=True)[1] / values.size
    nothing = np.empty(0)
    if shares[1:-1].max() >= TIED_SHARE:
        return nothing, nothing, values
    first = last = nothing
    rest = values
    if shares[0] >= TIED_SHARE:
        first = distinct[1:2]
        rest = rest[rest > first[0]]
    if shares[-1] >= TIED_SHARE:
        last = np.array([rest[rest < rest.max()].max()])
        rest = rest[rest < last[0]]
    return first, last, rest


def _enough(positions: FloatArray, name: str) -> FloatArray:
    found = np.unique(positions)
    if found.size < 3:
        raise FitError(
            f"A spline of {name} needs 3 distinct knots, but its values allow {found.size}; "
            "enter it as a linear term, or as a category."
        )
    return found


def basis(values: FloatArray, positions: FloatArray) -> FloatArray:
    """Spline columns for given knots, the first of them the variable itself.

    Parameters
    ----------
    values : array, shape (n,)
        NaN gives NaN.
    positions : array, shape (k,)
        Knots in ascending order.

    Returns
    -------
    array, shape (n, k - 1)
    """
    scale = (positions[-1] - positions[0]) ** (2 / 3)
    last, before = positions[-1], positions[-2]

    def cube(knot: float) -> FloatArray:
        return np.asarray(np.maximum((values - knot) / scale, 0.0) ** 3)

    columns = [values]
    for knot in positions[:-2]:
        tail = (before - knot) * cube(last) - (last - knot) * cube(before)
        columns.append(cube(knot) + tail / (last - before))
    return np.column_stack(columns)
