"""Where labels go so that they never meet. Numbers in, numbers out; nothing is drawn here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vertebrisk._types import FloatArray

_HALVINGS = 12
_NEAR = 9.0
_FAR = 26.0
_RARE = (0.0001, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05)
_USUAL = (*_RARE, *(round(0.1 * k, 1) for k in range(1, 10)), *(1.0 - r for r in reversed(_RARE)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where one label goes: horizontal centre, side of the axis, and row counted from it."""

    x: float
    below: bool
    row: int


def spread(
    centres: Sequence[float], widths: Sequence[float], low: float, high: float, gap: float
) -> FloatArray | None:
    """Centres moved as little as possible (least squares) so that no two labels meet.

    Parameters
    ----------
    centres : sequence of float
        Where the labels would like to be, in ascending order.
    widths : sequence of float
        Their widths.
    low, high : float
        Edges that no label may cross.
    gap : float
        Least distance between two labels.

    Returns
    -------
    array or None
        New centres in the same order; None if the labels do not fit.
    """
    if not len(centres):
        return np.zeros(0)
    wide = np.asarray(widths, dtype=np.float64)
    steps = np.concatenate([[0.0], np.cumsum((wide[:-1] + wide[1:]) / 2.0 + gap)])
    first, last = low + wide[0] / 2.0, high - wide[-1] / 2.0 - steps[-1]
    if first > last + 1e-9:
        return None
    moved = _ascending(np.asarray(centres, dtype=np.float64) - steps)
    return np.asarray(np.clip(moved, first, max(first, last)) + steps, dtype=np.float64)


def _ascending(values: FloatArray) -> FloatArray:
    """Nearest non-decreasing sequence, by pooling neighbours that are out of order."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, size = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, count = blocks.pop()
            mean, size = (mean * size + before * count) / (size + count), size + count
        blocks.append((mean, size))
    return np.repeat([mean for mean, _ in blocks], [size for _, size in blocks])


def place_all(
    centres: Sequence[float], widths: Sequence[float], low: float, high: float, gap: float
) -> tuple[Place, ...]:
    """A place for every label: beside its tick if possible, else in rows above and below.

    Labels stay in one row below the axis while that moves none of them far; then they
    alternate between below and above; then further rows are opened.
    """
    order = sorted(range(len(centres)), key=lambda k: (centres[k], k))
    best: tuple[float, dict[int, Place]] | None = None
    for rows in range(1, max(2, len(order)) + 1):
        places: dict[int, Place] = {}
        moved = 0.0
        for row in range(rows):
            members = order[row::rows]
            at = spread([centres[k] for k in members], [widths[k] for k in members], low, high, gap)
            if at is None:
                moved = math.inf
                break
            for k, x in zip(members, at, strict=True):
                places[k] = Place(float(x), row % 2 == 0, row // 2)
                moved = max(moved, abs(float(x) - centres[k]))
        if best is None or moved < best[0]:
            best = (moved, places)
        if moved <= (_NEAR if rows == 1 else _FAR) or (rows >= 2 and math.isfinite(best[0])):
            break
    if best is None or not math.isfinite(best[0]):
        return tuple(Place(centres[k], k % 2 == 0, k // 2) for k in range(len(centres)))
    return tuple(best[1][k] for k in range(len(centres)))


def thin(centres: Sequence[float], widths: Sequence[float], gap: float) -> tuple[int, ...]:
    """Every label, or every second, third, ... until none meet; positions kept."""
    count = len(centres)
    for stride in range(1, count + 1):
        kept = range(0, count, stride)
        if _apart([centres[k] for k in kept], [widths[k] for k in kept], gap):
            return tuple(kept)
    return ()


def keep_clear(
    centres: Sequence[float], widths: Sequence[float], priority: Sequence[int], gap: float
) -> tuple[int, ...]:
    """Labels kept in order of priority, each only where it meets none kept before it."""
    kept: list[int] = []
    for k in priority:
        if all(abs(centres[k] - centres[j]) >= (widths[k] + widths[j]) / 2 + gap for j in kept):
            kept.append(k)
    return tuple(sorted(kept))


def _apart(centres: Sequence[float], widths: Sequence[float], gap: float) -> bool:
    order = sorted(range(len(centres)), key=lambda k: centres[k])
    return all(
        centres[b] - centres[a] >= (widths[a] + widths[b]) / 2 + gap for a, b in pairwise(order)
    )


def branches(points: Sequence[float]) -> tuple[int, ...]:
    """For each tick of a numeric axis, which monotone stretch it lies on, from 0.

    A curve that turns back passes the same points twice; labels of its stretches are
    set on different sides.
    """
    found, branch, direction = [], 0, 0
    for k, value in enumerate(points):
        if k:
            sign = (value > points[k - 1]) - (value < points[k - 1])
            if sign and direction and sign != direction:
                branch += 1
            direction = sign or direction
        found.append(branch)
    return tuple(found)


def risk_ticks(low: float, high: float, given: Sequence[float]) -> tuple[float, ...]:
    """Risks that may be labelled: the given and the usual ones inside the range.

    Where these are too few, because the range is narrow, round ones in finer steps.
    """
    inside = [risk for risk in sorted({*given, *_USUAL}) if low - 1e-12 <= risk <= high + 1e-12]
    if len(inside) >= 3 or high <= low:
        return tuple(inside)
    span = high - low
    return tuple(sorted({*inside, *_multiples(low, high, nice_step(span, 6))}))


def minor_risks(low: float, high: float) -> tuple[float, ...]:
    """Risks for unlabelled ticks: steps of a tenth of the decade, finest towards 0 and 1."""
    near = [d * k for d in (1e-4, 1e-3) for k in range(1, 10)]
    near += [0.01 * k for k in range(1, 10)]
    middle = [0.1 + 0.02 * k for k in range(41)]
    risks = sorted({*near, *middle, *(1.0 - risk for risk in near)})
    inside = [risk for risk in risks if low <= risk <= high]
    if len(inside) < 12 and high > low:
        return _multiples(low, high, nice_step(high - low, 30))
    return tuple(inside)


def round_times(low: float, high: float) -> tuple[float, ...]:
    """Round times of a range, those that deserve a label first.

    The scale is stretched towards short times, so each half of the range has finer steps of
    its own.
    """
    found: list[float] = []
    for part in range(_HALVINGS):
        top = high / 2.0**part
        if top <= low:
            break
        for intervals in (5, 10, 20):
            step = nice_step(top, intervals)
            multiples = (float(f"{k * step:.10g}") for k in range(1, int(top / step + 1e-9) + 1))
            found += [time for time in multiples if low <= time <= top]
    return tuple(dict.fromkeys(found))


def nice_step(span: float, intervals: int) -> float:
    """A round step (1, 2 or 5 and noughts) that divides `span` into at most so many intervals."""
    size = 10.0 ** math.floor(math.log10(span / intervals))
    return float(next(size * m for m in (1, 2, 5, 10) if span <= size * m * intervals + 1e-12))


def _multiples(low: float, high: float, step: float) -> tuple[float, ...]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    risks = (round(k * step, 12) for k in range(first, last + 1))
    return tuple(risk for risk in risks if 0.0 < risk < 1.0)


def risk_priority(risks: Sequence[float]) -> tuple[int, ...]:
    """Order in which risks deserve a label: round ones first, the middle before the ends."""
    rank = (0.5, 0.1, 0.9, 0.01, 0.99, 0.2, 0.8, 0.05, 0.95, 0.3, 0.7, 0.001, 0.999, 0.4, 0.6)

    def key(k: int) -> tuple[int, float]:
        for place, value in enumerate(rank):
            if abs(value - risks[k]) < 1e-9:
                return place, 0.0
        return len(rank), abs(risks[k] - 0.5)

    return tuple(sorted(range(len(risks)), key=key))
