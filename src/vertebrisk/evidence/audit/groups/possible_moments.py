"""What t tests and analyses of variance can give, over all that rounds to printed moments.

Every range here encloses what is possible, and is a little wider where the degrees of
freedom themselves depend on the rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from vertebrisk.kernels.distributions import f_upper, t_two_sided
from vertebrisk.text.messages import say

Kind = Literal["student", "welch", "anova", "welch-anova"]
LABELS: dict[Kind, str] = {
    "student": say("Student's t test"),
    "welch": say("Welch's t test"),
    "anova": say("the analysis of variance"),
    "welch-anova": say("Welch's analysis of variance"),
}
Range = tuple[float, float]
_STEPS = 80


@dataclass(frozen=True, slots=True)
class Box:
    """All that rounds to the printed mean and SD of one group, and its patients."""

    n: int
    mean: Range
    sd: Range


@dataclass(frozen=True, slots=True)
class Possible:
    """Least and greatest statistic without its sign, and P; of t also as F, its square."""

    kind: Kind
    statistic: Range
    p_value: Range

    @property
    def label(self) -> str:
        """Name in a sentence."""
        return LABELS[self.kind]


def possible(kind: Kind, boxes: Sequence[Box]) -> Possible | None:
    """What a test can give; None where it cannot be made of so few patients."""
    if min(box.n for box in boxes) < 2:
        return None
    return _MADE[kind](boxes)


def _student(boxes: Sequence[Box]) -> Possible:
    one, other = boxes
    df = one.n + other.n - 2

    def error(sds: Sequence[float]) -> float:
        squares = (one.n - 1) * sds[0] ** 2 + (other.n - 1) * sds[1] ** 2
        return float(np.sqrt(squares / df * (1 / one.n + 1 / other.n)))

    return _t(boxes, "student", error, (df, df))


def _welch(boxes: Sequence[Box]) -> Possible:
    one, other = boxes

    def error(sds: Sequence[float]) -> float:
        return float(np.sqrt(sds[0] ** 2 / one.n + sds[1] ** 2 / other.n))

    return _t(boxes, "welch", error, _welch_df(one, other))


def _welch_df(one: Box, other: Box) -> Range:
    """Least and greatest degrees of freedom; they have one peak in the ratio of variances."""
    a = [sd**2 / one.n for sd in one.sd]
    b = [sd**2 / other.n for sd in other.sd]
    low, high = a[0] / (a[0] + b[1]) if a[0] else 0.0, a[1] / (a[1] + b[0]) if a[1] else 0.0
    peak = (one.n - 1) / (one.n + other.n - 2)
    shares = [low, high] + ([peak] if low < peak < high else [])
    found = [1 / (s**2 / (one.n - 1) + (1 - s) ** 2 / (other.n - 1)) for s in shares]
    return min(found), max(found)


def _t(
    boxes: Sequence[Box], kind: Kind, error: Callable[[Sequence[float]], float], df: Range
) -> Possible:
    one, other = boxes
    gap = max(one.mean[0] - other.mean[1], other.mean[0] - one.mean[1], 0.0)
    reach = max(one.mean[1] - other.mean[0], other.mean[1] - one.mean[0])
    least, most = error([box.sd[0] for box in boxes]), error([box.sd[1] for box in boxes])
    low = gap / most if most > 0 else (np.inf if gap > 0 else 0.0)
    high = reach / least if least > 0 else np.inf
    p_low, p_high = float(t_two_sided(high, df[1])), float(t_two_sided(low, df[0]))
    return Possible(kind, (float(low), float(high)), (p_low if np.isfinite(high) else 0.0, p_high))


def _anova(boxes: Sequence[Box]) -> Possible:
    k, n = len(boxes), sum(box.n for box in boxes)
    within = [sum((box.n - 1) * box.sd[end] ** 2 for box in boxes) / (n - k) for end in (0, 1)]
    low, high = _between([float(box.n) for box in boxes], boxes)
    return _f("anova", low / (k - 1), high / (k - 1), (within[0], within[1]), k - 1, (n - k, n - k))


def _welch_anova(boxes: Sequence[Box]) -> Possible:
    k = len(boxes)
    weights = [
        [box.n / max(box.sd[end], 1e-150) ** 2 for box in boxes] for end in (1, 0)
    ]  # fmt: skip
    low = _between(weights[0], boxes)[0] / (k - 1)
    high = _between(weights[1], boxes)[1] / (k - 1)
    lost = _welch_terms(boxes)
    scale = [1 + 2 * (k - 2) / (k**2 - 1) * each for each in lost]
    df = [(k**2 - 1) / (3 * each) for each in lost]
    return _f("welch-anova", low, high, (scale[0], scale[1]), k - 1, (df[1], df[0]))


def _welch_terms(boxes: Sequence[Box]) -> Range:
    """Least and greatest of the sum that corrects for estimated variances.

    Of each group it falls in the group's own share of all weights, so that the ends of
    the shares enclose it.
    """
    weights = [
        (box.n / max(box.sd[1], 1e-150) ** 2, box.n / max(box.sd[0], 1e-150) ** 2) for box in boxes
    ]
    low = high = 0.0
    for at, (own, box) in enumerate(zip(weights, boxes, strict=True)):
        others = [sum(w[end] for place, w in enumerate(weights) if place != at) for end in (0, 1)]
        shares = own[0] / (own[0] + others[1]), own[1] / (own[1] + others[0])
        low += (1 - shares[1]) ** 2 / (box.n - 1)
        high += (1 - shares[0]) ** 2 / (box.n - 1)
    return max(low, 1e-12), max(high, 1e-12)


def _f(kind: Kind, low: float, high: float, divisor: Range, df: int, df2: Range) -> Possible:
    least = low / divisor[1] if divisor[1] > 0 else (np.inf if low > 0 else 0.0)
    most = high / divisor[0] if divisor[0] > 0 else np.inf
    p_low = min(float(f_upper(most, df, each)) for each in df2) if np.isfinite(most) else 0.0
    return Possible(kind, (least, most), (p_low, max(float(f_upper(least, df, d)) for d in df2)))


def _between(weights: Sequence[float], boxes: Sequence[Box]) -> Range:
    """Least and greatest weighted sum of squares of the means about their own mean.

    The greatest lies at a corner. The least is that about the best centre, to which every
    mean moves as near as its rounding lets it; the sum is convex in the centre.
    """
    weight = np.asarray(weights)
    ends = np.array([box.mean for box in boxes])
    most = 0.0
    for corner in product((0, 1), repeat=len(boxes)):
        means = ends[np.arange(len(boxes)), list(corner)]
        centre = weight @ means / weight.sum()
        most = max(most, float(weight @ (means - centre) ** 2))

    def about(centre: float) -> float:
        apart = np.maximum(np.maximum(ends[:, 0] - centre, centre - ends[:, 1]), 0.0)
        return float(weight @ apart**2)

    low, high = float(ends.min()), float(ends.max())
    for _ in range(_STEPS):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if about(left) <= about(right):
            high = right
        else:
            low = left
    return about((low + high) / 2) * (1 - 1e-9), most


_MADE: dict[Kind, Callable[[Sequence[Box]], Possible]] = {
    "student": _student,
    "welch": _welch,
    "anova": _anova,
    "welch-anova": _welch_anova,
}
