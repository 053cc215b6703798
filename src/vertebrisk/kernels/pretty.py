"""Round numbers that span an interval, as R's ``pretty``."""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import FloatArray

HIGH_BIAS = 1.5
HALF_FIVE_BIAS = 0.5 + 1.5 * HIGH_BIAS
ROUNDING = 1e-10
TINIEST = 1e-300
SMALL = 3 / (1 + HIGH_BIAS) * 2.220446049250313e-16


def pretty(low: float, high: float, count: int) -> FloatArray:
    """About `count` + 1 equally spaced round values that cover [low, high].

    The algorithm and its constants are those of R's ``pretty.default``, so axes
    made from it are the axes that rms draws.
    """
    span, fewest = high - low, count // 3
    largest = max(abs(low), abs(high))
    if span > SMALL * count * largest:
        cell = span / count
    else:
        # (next to) a single value: cells of a size that suits its magnitude
        cell = 0.75 * (1.0 if largest == 0 else 9 + largest / 10 if largest > 10 else largest)
        cell = cell / fewest if fewest > 1 else cell
    base = 10.0 ** math.floor(math.log10(max(cell, TINIEST)))
    unit = base
    if 2 * base - cell < HIGH_BIAS * (cell - unit):
        unit = 2 * base
        if 5 * base - cell < HALF_FIVE_BIAS * (cell - unit):
            unit = 5 * base
            if 10 * base - cell < HIGH_BIAS * (cell - unit):
                unit = 10 * base
    first = math.floor(low / unit + ROUNDING)
    last = math.ceil(high / unit - ROUNDING)
    while first * unit > low + ROUNDING * unit:
        first -= 1
    while last * unit < high - ROUNDING * unit:
        last += 1
    missing = max(0, fewest - (last - first))
    if missing and first >= 0:
        last += missing // 2
        first -= missing // 2 + missing % 2
    elif missing:
        first -= missing // 2
        last += missing // 2 + missing % 2
    # multiples of a power of ten below one are divided, not multiplied, so that 0.3 is 0.3
    steps = np.arange(first, last + 1, dtype=np.float64)
    if unit < 1:
        inverse = round(1 / unit)
        return steps / inverse if math.isclose(1 / inverse, unit, rel_tol=1e-12) else steps * unit
    return steps * unit
