"""The numbers of one regression row as limits on two: the coefficient b and its error s.

Estimate, standard error, Wald statistic, P, ratio and interval are roundings of functions
of b and s, and each is a pair of linear limits on them: ln(low) is b - 1.96 s, the root of
Wald is |b| / s, and so on. All that a row allows is therefore a convex polygon for either
sign of b: empty where no coefficient and error round to the print.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from vertebrisk.evidence.printed import Printed

FIELDS = (
    "estimate", "ratio", "std_error", "conf_low", "conf_high", "estimate_low", "estimate_high",
    "z", "wald", "p_value",
)  # fmt: skip
LEAST_ERROR = 1e-7
_MOST = 1e3
_MOST_ERROR = 1e6
_SLACK = 1e-11

Point = tuple[float, float]
# A limit of the form (a, c): a[0] b + a[1] s <= c.
_Limit = tuple[Point, float]
_LOG_SCALE = ("ratio", "conf_low", "conf_high")
_POSITIVE = (*_LOG_SCALE, "std_error", "wald")


@dataclass(frozen=True, slots=True)
class Scale:
    """How a table makes ratios and limits of b and s.

    `level` is that of the intervals, in percent; `per` the units of b that a ratio is for;
    `doubt` that about the quantile, since programs multiply by 1.96 or by 1.95996.
    """

    level: float = 95.0
    per: float = 1.0
    doubt: float = 0.0

    @property
    def quantile(self) -> float:
        """Of the normal distribution, two-sided."""
        return float(ndtri(0.5 + self.level / 200))


@dataclass(frozen=True, slots=True)
class Region:
    """All (b, s) that printed numbers allow: a polygon for b >= 0, one for b <= 0, or fewer."""

    pieces: tuple[tuple[Point, ...], ...]

    @property
    def empty(self) -> bool:
        """True if the numbers cannot be true together."""
        return not self.pieces

    @property
    def sign(self) -> int:
        """Sign of b, 0 where both or neither are possible."""
        signs = {1 if sum(b for b, _ in piece) > 0 else -1 for piece in self.pieces}
        return signs.pop() if len(signs) == 1 else 0

    def range(self, of: Callable[[float, float], float]) -> tuple[float, float]:
        """Least and greatest value of a function that is monotone along every line."""
        values = [of(b, s) for piece in self.pieces for b, s in piece]
        return min(values), max(values)

    def estimate(self) -> tuple[float, float]:
        """Range of b, infinite where nothing bounds it."""
        low, high = self.range(lambda b, s: b)
        return _unbounded(low, high, _MOST)

    def std_error(self) -> tuple[float, float]:
        """Range of s, infinite where nothing bounds it."""
        low, high = self.range(lambda b, s: s)
        return _unbounded(low, high, _MOST_ERROR)


def says_something(name: str, number: Printed) -> bool:
    """False for a number that no coefficient can have, such as a negative ratio."""
    if name == "p_value":
        return number.interval[1] >= 0 and number.interval[0] <= 1
    return name not in _POSITIVE or number.interval[1] > 0


def region_of(
    printed: Mapping[str, Printed],
    names: Iterable[str],
    scale: Scale = Scale(),
    *,
    truncated: bool = False,
) -> Region:
    """All coefficients and errors that the named numbers of a row allow.

    Parameters
    ----------
    printed : mapping
        Some of `FIELDS` with their printed numbers.
    names : iterable of str
        Which of them count.
    scale : Scale
        Level of the intervals, and the units of a ratio.
    truncated : bool
        True if digits may have been cut off instead of rounded.
    """
    names = list(names)
    if _no_z(printed, names, truncated):
        return Region(())
    pieces = []
    for sign in (1, -1):
        limits = [
            limit
            for name in names
            for limit in _limits(name, _allowed(printed[name], truncated), sign, scale)
        ]
        piece = _clipped(limits, sign)
        if piece:
            pieces.append(piece)
    return Region(tuple(pieces))


def value_of(name: str, scale: Scale = Scale()) -> Callable[[float, float], float]:
    """The function of b and s that a field prints."""
    per, width = scale.per, scale.quantile
    functions: dict[str, Callable[[float, float], float]] = {
        "estimate": lambda b, s: b,
        "std_error": lambda b, s: s,
        "ratio": lambda b, s: exp(per * b),
        "conf_low": lambda b, s: exp(per * b - abs(per) * width * s),
        "conf_high": lambda b, s: exp(per * b + abs(per) * width * s),
        "estimate_low": lambda b, s: b - width * s,
        "estimate_high": lambda b, s: b + width * s,
        "z": lambda b, s: b / s,
        "wald": lambda b, s: (b / s) ** 2,
        "p_value": lambda b, s: 2 * float(ndtr(-abs(b) / s)),
    }
    return functions[name]


def exp(value: float) -> float:
    """Exponential that ends at infinity instead of in an error."""
    return math.exp(value) if value < 709 else math.inf


def z_range(name: str, interval: tuple[float, float]) -> tuple[float, float]:
    """Range of |b| / s that the interval of a Wald chi-square or of a P allows."""
    low, high = interval
    if name == "wald":
        return math.sqrt(max(low, 0.0)), math.sqrt(high) if math.isfinite(high) else math.inf
    low, high = max(low, 0.0), min(high, 1.0)
    return -float(ndtri(high / 2)), math.inf if low <= 0 else -float(ndtri(low / 2))


def _no_z(printed: Mapping[str, Printed], names: Iterable[str], truncated: bool) -> bool:
    """True if a Wald statistic and a P leave no |b| / s: their limits all meet at zero."""
    ranges = [
        z_range(name, _allowed(printed[name], truncated))
        for name in names
        if name in ("wald", "p_value")
    ]
    return any(low > high for low, _ in ranges for _, high in ranges)


def _allowed(number: Printed, truncated: bool) -> tuple[float, float]:
    return number.cut_off if truncated else number.interval


def _limits(name: str, interval: tuple[float, float], sign: int, scale: Scale) -> Iterator[_Limit]:
    """Linear limits on (b, s) from one printed number, where b has the sign given."""
    if name in ("wald", "p_value"):
        low, high = z_range(name, interval)
        if low > 0:
            yield (-float(sign), low), 0.0
        if math.isfinite(high):
            yield (float(sign), -high), 0.0
        return
    low, high = interval
    if name == "z":
        if math.isfinite(high):
            yield (1.0, -high), 0.0
        if math.isfinite(low):
            yield (-1.0, low), 0.0
        return
    if name in _LOG_SCALE:
        low = math.log(low) if low > 0 else -math.inf
        high = math.log(high) if high > 0 else -math.inf
    weights, slack = _weights(name, scale)
    if math.isfinite(high):
        yield (weights[0], weights[1] - slack), high
    if math.isfinite(low):
        yield (-weights[0], -weights[1] - slack), -low


def _weights(name: str, scale: Scale) -> tuple[Point, float]:
    """A field as a sum of b and s, and the doubt about the weight of s."""
    per, width = scale.per, scale.quantile
    return {
        "estimate": ((1.0, 0.0), 0.0),
        "std_error": ((0.0, 1.0), 0.0),
        "ratio": ((per, 0.0), 0.0),
        "conf_low": ((per, -abs(per) * width), abs(per) * scale.doubt),
        "conf_high": ((per, abs(per) * width), abs(per) * scale.doubt),
        "estimate_low": ((1.0, -width), scale.doubt),
        "estimate_high": ((1.0, width), scale.doubt),
    }[name]


def _clipped(limits: Iterable[_Limit], sign: int) -> tuple[Point, ...]:
    """The box of all (b, s) with b of one sign, cut by one limit after another."""
    low, high = (0.0, _MOST) if sign > 0 else (-_MOST, 0.0)
    corners = [
        (low, LEAST_ERROR), (high, LEAST_ERROR), (high, _MOST_ERROR), (low, _MOST_ERROR),
    ]  # fmt: skip
    for (a, c), right in limits:
        size = math.hypot(a, c)
        corners = _cut(corners, (a / size, c / size), right / size)
        if not corners:
            return ()
    return tuple(corners)


def _cut(corners: list[Point], normal: Point, right: float) -> list[Point]:
    """The part of a convex polygon on one side of a line."""
    over = [normal[0] * b + normal[1] * s - right for b, s in corners]
    slack = _SLACK * (1 + abs(right))
    kept: list[Point] = []
    for place, (corner, beyond) in enumerate(zip(corners, over, strict=True)):
        following, after = corners[(place + 1) % len(corners)], over[(place + 1) % len(corners)]
        if beyond <= slack:
            kept.append(corner)
        if (beyond > slack) != (after > slack) and beyond != after:
            share = min(max(beyond / (beyond - after), 0.0), 1.0)
            kept.append(
                (
                    corner[0] + share * (following[0] - corner[0]),
                    corner[1] + share * (following[1] - corner[1]),
                )
            )
    return kept


def _unbounded(low: float, high: float, most: float) -> tuple[float, float]:
    edge = most * (1 - 1e-9)
    return (-math.inf if low <= -edge else low), (math.inf if high >= edge else high)
