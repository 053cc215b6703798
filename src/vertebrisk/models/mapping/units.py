"""Numbers that seem to be in another unit than the model's."""

from __future__ import annotations

from vertebrisk._types import FloatArray
from vertebrisk.text.messages import Message, say

FEW_INSIDE, MOST_INSIDE = 0.25, 0.5  # shares of values inside the model's range, in the two units
FACTORS = (0.1, 10.0, 0.01, 100.0, 0.001, 1000.0, -1.0)


def other_unit(values: FloatArray, limits: tuple[float, float]) -> float | None:
    """By what numbers are to be multiplied to fall into a range that they now miss, if so.

    None where a quarter or more are inside as they stand, or no factor brings half of them in.
    """
    if not values.size or limits[0] == limits[1] or share_inside(values, limits) >= FEW_INSIDE:
        return None
    best = max(FACTORS, key=lambda factor: share_inside(values * factor, limits))
    return best if share_inside(values * best, limits) >= MOST_INSIDE else None


def share_inside(values: FloatArray, limits: tuple[float, float]) -> float:
    """Share of values inside a range, its ends among it."""
    return float(((values >= limits[0]) & (values <= limits[1])).mean())


def multiplied(factor: float) -> Message:
    """In words: ``divided by 10``."""
    if factor < 0:
        return say("with the other sign")
    if factor < 1.0:
        return say("divided by {number:g}", number=1.0 / factor)
    return say("multiplied by {number:g}", number=factor)
