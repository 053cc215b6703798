"""Intervals of shares and of what is made of two of them.

References
----------
Newcombe RG 1998 (square and add),
doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I. Simel DL et al. 1991
(likelihood ratios), doi:10.1016/0895-4356(91)90128-V. Rao JNK, Scott AJ 1992, Biometrics
48:577-585 (effective size).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import ShareInterval
from vertebrisk.kernels.distributions import exact_interval, normal_quantile, wilson_interval


@dataclass(frozen=True, slots=True)
class Limited:
    """An estimate and its limits; None where one does not exist."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    def named(self, name: str) -> dict[str, float | None]:
        """Columns of a frame: name, name_low, name_high."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


NOTHING = Limited()


@dataclass(frozen=True, slots=True)
class ShareLimits:
    """How limits of shares are found: the method, and the confidence level."""

    method: ShareInterval
    level: float

    @property
    def z(self) -> float:
        """The normal quantile of the level."""
        return float(normal_quantile(0.5 + self.level / 2.0))

    def share(self, count: float, total: float) -> Limited:
        """A share; `count` and `total` may be effective sizes, not whole. Nothing of nobody."""
        if total <= 0.0:
            return NOTHING
        interval = wilson_interval if self.method == "wilson" else exact_interval
        low, high = interval(count, total, self.level)
        return Limited(count / total, float(low), float(high))

    def of_variance(self, share: float, variance: float, size: float) -> Limited:
        """A share known with this variance: that of as many patients as would have it.

        `size` stands in where the variance is 0, as it is of a share of 0 or 1.
        """
        if not np.isfinite(share) or size <= 0.0:
            return NOTHING
        spread = share * (1.0 - share)
        effective = spread / variance if variance > 0.0 and spread > 0.0 else size
        found = self.share(share * effective, effective)
        return Limited(share, found.low, found.high)

    def mixture(self, first: Limited, second: Limited, weights: tuple[float, float]) -> Limited:
        """Weighted sum of two independent shares, by squaring and adding their limits."""
        if first.value is None or second.value is None:
            return NOTHING
        value = weights[0] * first.value + weights[1] * second.value
        ends = []
        for sign, end in ((-1.0, "low"), (1.0, "high")):
            gaps = (
                weight * (getattr(part, end) - part.value)
                for weight, part in zip(weights, (first, second), strict=True)
            )
            ends.append(value + sign * float(np.hypot(*gaps)))
        return Limited(value, *ends)

    def ratio(self, over: tuple[float, float], under: tuple[float, float]) -> Limited:
        """Ratio of two independent shares (count, total), limits on the logarithm.

        Where a count is 0, half a patient is added to each cell for the limits, and the one
        beyond which nothing was seen is 0, or None for infinity. The ratio is None where it is
        infinite, and has no limits where both shares are 1.
        """
        (a, n), (b, m) = over, under
        if a + b == 0.0 or n == 0.0 or m == 0.0:
            return NOTHING
        value = None if b == 0.0 else a / n / (b / m)
        half = 0.5 if 0.0 in (a, b) else 0.0
        first, second = (a + half, n + 2 * half), (b + half, m + 2 * half)
        error = np.sqrt(sum(1.0 / count - 1.0 / total for count, total in (first, second)))
        if error == 0.0:
            return Limited(value)
        centre = np.log(first[0] / first[1]) - np.log(second[0] / second[1])
        low, high = (float(np.exp(centre + sign * self.z * error)) for sign in (-1.0, 1.0))
        return Limited(value, 0.0 if a == 0.0 else low, None if b == 0.0 else high)

    def of_log(self, value: float, error: float) -> Limited:
        """A ratio whose logarithm has this standard error; no limits where it has none."""
        if not np.isfinite(value):
            return NOTHING
        if not np.isfinite(error) or error <= 0.0:
            return Limited(value)
        reach = float(np.exp(self.z * error))
        return Limited(value, value / reach, value * reach)

    def around(self, value: float, error: float, bounds: tuple[float, float]) -> Limited:
        """Wald's limits, cut to the bounds; none without an error."""
        if not np.isfinite(value):
            return NOTHING
        if not np.isfinite(error) or error <= 0.0:
            return Limited(value)
        reach = self.z * error
        return Limited(value, max(value - reach, bounds[0]), min(value + reach, bounds[1]))
