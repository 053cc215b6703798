"""Numbers as short text: doubles as they are, bootstrap draws on a grid of 24 bits."""

from __future__ import annotations

import base64

import numpy as np

from vertebrisk._types import FloatArray, Json

DRAW_CHARACTERS = 60_000  # of text for all draws: a page of 150 kB has room for no more
CHARACTERS = 4  # of base64 for the three bytes of a number
BYTES = 3
STEPS = 2**24 - 1


def packed_doubles(values: FloatArray) -> str:
    """Little-endian doubles, row after row, in base64; nothing is lost."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode("ascii")


def packed_draws(draws: FloatArray, most: int | None = None) -> Json:
    """Draws of a model for the page, at most so many; see `kept_draws` for what is kept."""
    kept = draws[: room_for_draws(draws.shape[1])][:most]
    low, step = _grid(kept)
    codes = _codes(kept, low, step).astype("<u4")
    three = codes.reshape(-1, 1).view(np.uint8)[:, :BYTES]
    return {
        "count": int(kept.shape[0]),
        "of": int(draws.shape[0]),
        "low": low.tolist(),
        "step": step.tolist(),
        "codes": base64.b64encode(three.tobytes()).decode("ascii"),
    }


def kept_draws(draws: FloatArray, most: int | None = None) -> FloatArray:
    """The draws as the page has them.

    The first ones, as many as fit into `DRAW_CHARACTERS` and at most so many: 1,000 of a model
    with up to 14 coefficients, fewer where the rest of the page needs the room. Each number is
    moved to the nearest of 2**24 points between the smallest and the largest of its
    coefficient, by less than a ten-millionth of that range.
    """
    kept = draws[: room_for_draws(draws.shape[1])][:most]
    low, step = _grid(kept)
    return np.asarray(low + step * _codes(kept, low, step))


def room_for_draws(columns: int) -> int:
    """How many draws of so many numbers fit into `DRAW_CHARACTERS`."""
    return max(1, DRAW_CHARACTERS // (CHARACTERS * columns))


def _grid(draws: FloatArray) -> tuple[FloatArray, FloatArray]:
    low = draws.min(axis=0)
    return low, (draws.max(axis=0) - low) / STEPS


def _codes(draws: FloatArray, low: FloatArray, step: FloatArray) -> FloatArray:
    return np.rint((draws - low) / np.where(step > 0, step, 1.0))
