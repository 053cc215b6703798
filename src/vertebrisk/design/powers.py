"""Fractional polynomials: powers of a positive number, a repeated power with its logarithm.

Shift and scale are those of R's ``mfp``: values that are not all positive are shifted, and
a power of ten brings them near 1, so that the powers stay of one size.

References
----------
Royston and Altman 1994, doi:10.2307/2986270.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement, groupby

import numpy as np

from vertebrisk._types import BoolArray, FloatArray

POWERS = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0)
# What a search chooses from: nothing, one power, two powers.
SHAPES: tuple[tuple[float, ...], ...] = (
    (),
    *((power,) for power in POWERS),
    *combinations_with_replacement(POWERS, 2),
)
LINEAR = SHAPES.index((1.0,))
FEWEST_VALUES = {1: 4, 2: 6}  # distinct values by degree, as Stata's mfp


def shift_and_scale(values: FloatArray) -> tuple[float, float]:
    """What is added to the values, and what the sum is divided by, as R's ``mfp``.

    Parameters
    ----------
    values : array, shape (n,)
        Finite, with at least two distinct values.

    Returns
    -------
    shift : float
        0 where all values are positive; else what brings the least to the smallest distance
        of two values, rounded up to a tenth.
    scale : float
        The power of ten nearest to the mean of the shifted values.
    """
    least = float(values.min())
    shift = 0.0
    if least <= 0:
        gaps = np.diff(np.unique(values))
        shift = float(np.ceil((gaps.min() - least) * 10) / 10)
    size = float(np.log10((values + shift).mean()))
    return shift, float(10.0 ** (np.sign(size) * np.round(abs(size))))


def orders(powers: Sequence[float]) -> tuple[tuple[float, int], ...]:
    """Each power, ascending, with the number of logarithms that multiply it."""
    return tuple(
        (power, order) for power, same in groupby(sorted(powers)) for order, _ in enumerate(same)
    )


def basis(values: FloatArray, powers: Sequence[float], shift: float, scale: float) -> FloatArray:
    """Columns of a fractional polynomial, shape (n, number of powers).

    With z = (value + shift) / scale, a power p gives z**p, or log(z) where p is 0; each
    repetition of a power multiplies by log(z). NaN where z is not positive.
    """
    shifted = (values + shift) / scale
    sized = np.where(shifted > 0, shifted, np.nan)
    log = np.log(sized)
    columns = [
        log ** (order + 1) if power == 0 else sized**power * log**order
        for power, order in orders(powers)
    ]
    return np.column_stack(columns)


def column_names(
    variable: str, powers: Sequence[float], shift: float, scale: float
) -> tuple[str, ...]:
    """How each column is written: ``(age/10)^-2``, ``log(age/10)``."""
    base = variable if shift == 0 else f"({variable} + {shift:g})"
    base = base if scale == 1 else f"{base}/{scale:g}"
    plain = base.removeprefix("(").removesuffix(")") if scale == 1 and shift else base
    inner = base if base == variable or (scale == 1 and shift) else f"({base})"
    names = []
    for power, order in orders(powers):
        log = f"log({plain})"
        if power == 0:
            names.append(log if order == 0 else f"{log}^{order + 1}")
            continue
        raised = base if power == 1 else f"{inner}^{power:g}"
        names.append(raised if order == 0 else f"{raised}*{log}" + (f"^{order}" * (order > 1)))
    return tuple(names)


def candidate_columns(values: FloatArray, shift: float, scale: float) -> FloatArray:
    """Columns of all `SHAPES`, shape (n, 16): each power, then each power repeated.

    The first power is the variable as it is, without shift and scale.
    """
    columns = [basis(values, (power, power), shift, scale) for power in POWERS]
    first, second = (np.column_stack([each[:, order] for each in columns]) for order in (0, 1))
    first[:, POWERS.index(1.0)] = values
    return np.hstack([first, second])


def _columns_of(shape: tuple[float, ...]) -> BoolArray:
    """Columns of `candidate_columns` that a shape uses."""
    use = np.zeros(2 * len(POWERS), dtype=np.bool_)
    use[[POWERS.index(power) + order * len(POWERS) for power, order in orders(shape)]] = True
    return use


SHAPE_COLUMNS = np.array([_columns_of(shape) for shape in SHAPES])
SHAPE_COLUMNS.setflags(write=False)
