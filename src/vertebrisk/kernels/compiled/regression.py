"""Sums of a logistic regression over the rows of a table, compiled.

What `kernels.streamed.logistic` sums by NumPy, and by the same formulas: a piece of the rows is
read once, and all is done with it while it lies in the cache. Sums are those of pieces in their
order, whatever thread makes them.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.compiled.algebra import information_of
from vertebrisk.kernels.compiled.elementary import exponential, log_of_one_and
from vertebrisk.kernels.compiled.jit import jit

RUN = 512  # rows of which products are summed at once
NUMBERS = 81_920  # of the table that are worked on at once, in runs
LONGEST = 8  # runs of such a piece, at most

READ = "Array(float64, 1, 'C', True)"


@jit(f"void({READ}, int64, int64, {READ}, float64[::1])", fused=True)
def _add_linear(
    table: FloatArray, step: int, first: int, beta: FloatArray, eta: FloatArray
) -> None:
    """Add columns times coefficients, four columns at a time."""
    size = eta.size
    left = beta.size % 4
    for j in range(left):
        values = table[j * step + first : j * step + first + size]
        for k in range(size):
            eta[k] += beta[j] * values[k]
    for j in range(left, beta.size, 4):
        b0, b1, b2, b3 = beta[j], beta[j + 1], beta[j + 2], beta[j + 3]
        at = j * step + first
        x0, x1 = table[at : at + size], table[at + step : at + step + size]
        at += 2 * step
        x2, x3 = table[at : at + size], table[at + step : at + step + size]
        for k in range(size):
            eta[k] += b0 * x0[k] + b1 * x1[k] + b2 * x2[k] + b3 * x3[k]


@jit(f"void(float64[::1], {READ}, float64[::1], float64[::1])", fused=True)
def _each_row(
    eta: FloatArray, target: FloatArray, residual: FloatArray, spread: FloatArray
) -> None:
    """Residual and variance of each row, and its log-likelihood in the place of `eta`."""
    for k in range(target.size):
        linear = eta[k]
        small = exponential(-abs(linear))
        whole = 1.0 + small
        residual[k] = target[k] - (1.0 if linear >= 0.0 else small) / whole
        spread[k] = small / (whole * whole)
        eta[k] = target[k] * linear - max(linear, 0.0) - log_of_one_and(small)


@jit("float64(float64[::1])", sums=True)
def _total(values: FloatArray) -> float:
    total = 0.0
    for k in range(values.size):
        total += values[k]
    return total


@jit(f"void({READ}, int64, int64, float64[::1], float64[::1])", sums=True)
def _add_slopes(
    table: FloatArray, step: int, first: int, residual: FloatArray, slopes: FloatArray
) -> None:
    for j in range(slopes.size):
        values = table[j * step + first : j * step + first + residual.size]
        total = 0.0
        for k in range(residual.size):
            total += values[k] * residual[k]
        slopes[j] += total


@jit(f"void({READ}, int64, int64, {READ}, float64[:, ::1], int64)")
def _centre(
    table: FloatArray, step: int, first: int, centre: FloatArray, about: FloatArray, size: int
) -> None:
    """Centred columns of some rows, after a row of ones."""
    for j in range(centre.size):
        values, found = table[j * step + first : j * step + first + size], about[j + 1]
        for k in range(size):
            found[k] = values[k] - centre[j]


@jit(f"void({READ}, int64, {READ}, {READ}, {READ}, float64[::1], float64[::1], float64[:, ::1])")
def _sums(
    table: FloatArray,
    step: int,
    target: FloatArray,
    centre: FloatArray,
    beta: FloatArray,
    totals: FloatArray,
    slopes: FloatArray,
    products: FloatArray,
) -> None:
    """Log-likelihood and residuals in `totals`; slopes; products where they have a size."""
    most = RUN * min(LONGEST, max(1, NUMBERS // (RUN * max(1, centre.size))))
    eta, residual, spread = np.empty(most), np.empty(most), np.empty(most)
    about, upper = np.zeros((beta.size, RUN)), np.zeros(products.shape)
    about[0] = 1.0
    columns = np.arange(beta.size)
    constant = beta[0]
    for j in range(centre.size):
        constant -= centre[j] * beta[j + 1]
    for first in range(0, target.size, most):
        size = min(most, target.size - first)
        eta[:] = constant
        _add_linear(table, step, first, beta[1:], eta[:size])
        _each_row(eta[:size], target[first : first + size], residual[:size], spread[:size])
        totals[0] += _total(eta[:size])
        totals[1] += _total(residual[:size])
        _add_slopes(table, step, first, residual[:size], slopes)
        if products.size == 0:
            continue
        spread[size:] = 0.0
        for start in range(0, size, RUN):
            _centre(table, step, first + start, centre, about, min(RUN, size - start))
            information_of(about, spread[start : start + RUN], columns, upper)
            products += upper


def slopes_of_table(
    table: FloatArray, target: FloatArray, centre: FloatArray, beta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log-likelihood and gradient as `kernels.streamed.logistic.slopes` gives them.

    Parameters
    ----------
    table : array, shape (p, m)
        The numbers of a row lie side by side.
    target : array, shape (m,)
    centre : array, shape (p,)
    beta : array, shape (1 + p,)
    """
    return _summed(table, target, centre, beta, np.empty((0, 0)))


def curvature_of_table(
    table: FloatArray, target: FloatArray, centre: FloatArray, beta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The same with the information, shape (1 + p, 1 + p)."""
    products = np.zeros((beta.size, beta.size))
    value, gradient = _summed(table, target, centre, beta, products)
    upper = np.triu(products)
    return value, gradient, upper + np.triu(upper, 1).T


def _summed(
    table: FloatArray,
    target: FloatArray,
    centre: FloatArray,
    beta: FloatArray,
    products: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    step = table.strides[0] // table.itemsize
    length = step * (table.shape[0] - 1) + table.shape[1]
    flat = np.lib.stride_tricks.as_strided(table, (length,), table.strides[1:])
    totals, slopes = np.zeros(2), np.zeros(centre.size)
    _sums(flat, step, target, centre, beta, totals, slopes, products)
    return np.asarray(totals[0]), np.append(totals[1], slopes - totals[1] * centre)
