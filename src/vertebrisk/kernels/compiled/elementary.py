"""Exponentials and logarithms of whole rows: without a call or a branch, several rows at once.

Both are right to three units in the last place.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk.kernels.compiled.jit import jit

LANES = 32  # replicates side by side, where each has too few rows for that
LOWEST = -708.0  # below it the exponential is no longer a normal number
PER_HALVING = 1.0 / math.log(2.0)
LOG_2 = float.fromhex("0x1.62e42fefa3800p-1")  # the first bits of it: whole multiples are exact
REST = float.fromhex("0x1.ef35793c76730p-45")  # and the others
ROUNDING = 1.5 * 2.0**52  # what is added to it is rounded, and stands in the last bits as it is
EXPONENT = np.int64(52)  # bits that lie below the exponent
F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12, F13 = (
    1.0 / math.factorial(power) for power in range(2, 14)
)
O3, O5, O7, O9, O11, O13, O15, O17, O19, O21, O23, O25, O27, O29, O31, O33 = (
    1.0 / power for power in range(3, 34, 2)
)


@jit("float64(float64)", fused=True)
def exponential(x: float) -> float:
    """The exponential of a number that is not above zero.

    By halvings and Taylor's series of the rest, which is no further from zero than log(2) / 2.
    """
    x = max(x, LOWEST)
    halved = x * PER_HALVING + ROUNDING
    whole = halved - ROUNDING
    r = (x - whole * LOG_2) - whole * REST
    value = F8 + r * (F9 + r * (F10 + r * (F11 + r * (F12 + r * F13))))
    value = 1.0 + r * (
        1.0 + r * (F2 + r * (F3 + r * (F4 + r * (F5 + r * (F6 + r * (F7 + r * value))))))
    )
    bits = np.float64(value).view(np.int64) + (np.float64(halved).view(np.int64) << EXPONENT)
    return float(np.int64(bits).view(np.float64))


@jit("float64(float64)", fused=True)
def log_of_one_and(x: float) -> float:
    """log(1 + x) of a number between 0 and 1, by the series of the area tangent of x / (2 + x)."""
    z = x / (2.0 + x)
    q = z * z
    far = O19 + q * (O21 + q * (O23 + q * (O25 + q * (O27 + q * (O29 + q * (O31 + q * O33))))))
    near = O3 + q * (
        O5 + q * (O7 + q * (O9 + q * (O11 + q * (O13 + q * (O15 + q * (O17 + q * far))))))
    )
    return 2.0 * (z + z * q * near)
