"""How numbers become text: the one place where rounding and p-value style live.

Rounding is done on the decimal digits that a person sees, halves away from zero: 0.285
prints as 0.29 and 2.5 as 3, although the binary number behind 0.285 lies a little below
it. A rounded zero never carries a minus sign. Missing values (None, NaN) print as an
en dash.

Every function takes `minus`, the minus sign to use: the hyphen of plain text by default,
`MINUS` (U+2212) for typeset pages.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

MISSING = "\u2013"
MINUS = "\u2212"
INFINITY = "\u221e"
_CONTEXT = Context(prec=400)  # the widest double has 309 digits before the point


def estimate(value: float | None, decimals: int = 2, *, minus: str = "-") -> str:
    """A number with a fixed count of decimals.

    Parameters
    ----------
    value : float or None
        The number; None and NaN print as an en dash, infinity as its sign.
    decimals : int
        Digits after the point, 0 or more.
    minus : str
        Minus sign.
    """
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return INFINITY if value > 0 else minus + INFINITY
    rounded = _rounded(value, decimals)
    text = f"{abs(rounded):f}"
    return minus + text if rounded < 0 else text


def significant(value: float | None, digits: int = 3, *, minus: str = "-") -> str:
    """A number with a fixed count of significant digits.

    Written plainly between 0.0001 and a million (whole digits are never rounded away:
    12345 with three digits prints as 12345), as ``1.2e-07`` beyond.
    """
    if value is None or not math.isfinite(value) or value == 0:
        return estimate(value, digits - 1, minus=minus)
    exponent = _exponent(value, digits)
    if -4 <= exponent < 6:
        return estimate(value, max(0, digits - 1 - exponent), minus=minus)
    mantissa = Decimal(repr(float(value))).scaleb(-exponent, _CONTEXT)
    return f"{estimate(float(mantissa), digits - 1, minus=minus)}e{exponent:+03d}"


def p_value(p: float | None, decimals: int = 3) -> str:
    """A p value as journals print it: ``0.026``, ``<0.001``, ``>0.999``, never ``0.000``."""
    if p is None or math.isnan(p):
        return MISSING
    smallest = 10.0**-decimals
    if p < smallest:
        return f"<{estimate(smallest, decimals)}"
    if p > 1 - smallest:
        return f">{estimate(1 - smallest, decimals)}"
    return estimate(p, decimals)


def p_statement(p: float | None, decimals: int = 3) -> str:
    """A p value for running text: ``P = 0.026``, ``P < 0.001``; an en dash if there is none."""
    text = p_value(p, decimals)
    if text == MISSING:
        return MISSING
    return f"P {text[0]} {text[1:]}" if text[0] in "<>" else f"P = {text}"


def percent(value: float | None, decimals: int = 1, *, minus: str = "-") -> str:
    """A percentage that is already on the scale of 0 to 100: ``13.8%``."""
    text = estimate(value, decimals, minus=minus)
    return text if text == MISSING else f"{text}%"


def risk(value: float | None, decimals: int = 1) -> str:
    """A probability from 0 to 1 as a percentage: ``13.8%``.

    A risk that is neither impossible nor certain never prints as such: ``<0.1%``,
    ``>99.9%``.
    """
    if value is None or math.isnan(value):
        return MISSING
    shown = _hundredfold(value)
    smallest = 10.0**-decimals
    if 0 < shown < smallest:
        return f"<{percent(smallest, decimals)}"
    if 100 - smallest < shown < 100:
        return f">{percent(100 - smallest, decimals)}"
    return percent(shown, decimals)


def mean_sd(mean: float | None, sd: float | None, decimals: int = 2, *, minus: str = "-") -> str:
    """Mean and standard deviation: ``72.41 ± 7.90``; the mean alone where there is no SD."""
    centre = estimate(mean, decimals, minus=minus)
    spread = estimate(sd, decimals, minus=minus)
    return centre if spread == MISSING else f"{centre} \u00b1 {spread}"


def median_iqr(
    median: float | None,
    q1: float | None,
    q3: float | None,
    decimals: int = 2,
    *,
    minus: str = "-",
) -> str:
    """Median with the quartiles: ``6.00 [5.00, 7.00]``."""
    centre = estimate(median, decimals, minus=minus)
    if centre == MISSING:
        return MISSING
    low, high = estimate(q1, decimals, minus=minus), estimate(q3, decimals, minus=minus)
    return f"{centre} [{low}, {high}]"


def count_percent(count: int | None, value: float | None, decimals: int = 1) -> str:
    """Count with its percentage (0 to 100): ``37 (13.8%)``; the count alone without one."""
    if count is None:
        return MISSING
    shown = percent(value, decimals)
    return str(count) if shown == MISSING else f"{count} ({shown})"


def interval(low: float | None, high: float | None, decimals: int = 2, *, minus: str = "-") -> str:
    """Two limits: ``0.70 to 0.85``; an en dash where neither is known."""
    texts = [estimate(limit, decimals, minus=minus) for limit in (low, high)]
    return MISSING if texts == [MISSING, MISSING] else " to ".join(texts)


def estimate_interval(
    value: float | None,
    low: float | None,
    high: float | None,
    decimals: int = 2,
    *,
    minus: str = "-",
) -> str:
    """Estimate with its interval: ``0.774 (0.696 to 0.852)``; alone where there is none."""
    return _with_interval(
        estimate(value, decimals, minus=minus), interval(low, high, decimals, minus=minus)
    )


def risk_interval(
    value: float | None, low: float | None, high: float | None, decimals: int = 1
) -> str:
    """Risk with its interval, as percentages: ``13.8% (9.9% to 18.5%)``."""
    limits = [risk(limit, decimals) for limit in (low, high)]
    shown = MISSING if limits == [MISSING, MISSING] else " to ".join(limits)
    return _with_interval(risk(value, decimals), shown)


def ratio(value: float | None, decimals: int = 2) -> str:
    """An odds or hazard ratio.

    Fixed decimals, but a ratio so small that they would show zero keeps two significant
    digits (``0.0034``), and one of a million or more is written as ``1.2e+07``.
    """
    if value is None or not math.isfinite(value) or value <= 0:
        return estimate(value, decimals)
    if value < 10.0**-decimals or value >= 1e6:
        return significant(value, 2)
    return estimate(value, decimals)


def ratio_interval(
    value: float | None, low: float | None, high: float | None, decimals: int = 2
) -> str:
    """Ratio with its interval: ``3.79 (1.17 to 12.25)``; alone where there is none."""
    limits = [ratio(limit, decimals) for limit in (low, high)]
    shown = MISSING if limits == [MISSING, MISSING] else " to ".join(limits)
    return _with_interval(ratio(value, decimals), shown)


def _with_interval(centre: str, limits: str) -> str:
    return centre if MISSING in (centre, limits) else f"{centre} ({limits})"


def _rounded(value: float, decimals: int) -> Decimal:
    step = Decimal(1).scaleb(-decimals)
    return Decimal(repr(float(value))).quantize(step, ROUND_HALF_UP, _CONTEXT)


def _exponent(value: float, digits: int) -> int:
    """Power of ten of the leading digit after rounding to `digits` significant digits."""
    exact = Decimal(repr(float(value)))
    exponent = exact.adjusted()
    return _rounded(value, digits - 1 - exponent).adjusted()


def _hundredfold(value: float) -> float:
    """`value` times 100 without a binary remainder: 0.285 gives 28.5."""
    return value if math.isinf(value) else float(Decimal(repr(float(value))).scaleb(2))
