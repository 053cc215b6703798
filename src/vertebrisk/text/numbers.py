"""How numbers become text: the one place where rounding and p-value style live.

Rounding is done on the decimal digits that a person sees, halves away from zero: 0.285
prints as 0.29 and 2.5 as 3, although the binary number behind 0.285 lies a little below
it. A rounded zero never carries a minus sign. Missing values (None, NaN) print as an
en dash.

A `Numbers` prints in the style of one journal: `PLAIN` in the default style with the hyphen
of plain text, `TYPESET` with the minus sign U+2212; a report's own is `words.numbers`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from vertebrisk.text.journals import DEFAULT, TO, JournalStyle

MISSING = "\u2013"
MOST_P_DECIMALS = 4  # of a p value that fewer would carry up to the boundary of a style
MINUS = "\u2212"
INFINITY = "\u221e"
_CONTEXT = Context(prec=400)  # the widest double has 309 digits before the point


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers as text, in one style.

    Parameters
    ----------
    style : JournalStyle
        What the journal asks for.
    minus : str
        Minus sign: the hyphen of plain text by default, `MINUS` for typeset pages.
    to : str
        The word between two limits, with its spaces, in the language of the text.
    """

    style: JournalStyle = DEFAULT
    minus: str = "-"
    to: str = TO

    def estimate(self, value: float | None, decimals: int = 2) -> str:
        """A number with a fixed count of decimals.

        Parameters
        ----------
        value : float or None
            The number; None and NaN print as an en dash, infinity as its sign.
        decimals : int
            Digits after the point, 0 or more.
        """
        if value is None or math.isnan(value):
            return MISSING
        if math.isinf(value):
            return INFINITY if value > 0 else self.minus + INFINITY
        rounded = _rounded(value, decimals)
        text = f"{abs(rounded):f}".replace(".", self.style.point)
        return self.minus + text if rounded < 0 else text

    def significant(self, value: float | None, digits: int = 3) -> str:
        """A number with a fixed count of significant digits.

        Written plainly between 0.0001 and a million (whole digits are never rounded away:
        12345 with three digits prints as 12345), as ``1.2e-07`` beyond.
        """
        if value is None or not math.isfinite(value) or value == 0:
            return self.estimate(value, digits - 1)
        exponent = _exponent(value, digits)
        if -4 <= exponent < 6:
            return self.estimate(value, max(0, digits - 1 - exponent))
        mantissa = Decimal(repr(float(value))).scaleb(-exponent, _CONTEXT)
        return f"{self.estimate(float(mantissa), digits - 1)}e{exponent:+03d}"

    def p_decimals(self, p: float) -> int:
        """Decimals that the style gives to this p value, more of them below its boundary.

        At most `MOST_P_DECIMALS` for that reason.
        """
        steps = self.style.p_decimals
        decimals = next((places for least, places in steps if p >= least), steps[-1][1])
        while decimals < MOST_P_DECIMALS and self._carried(p, decimals):
            decimals += 1
        return decimals

    def _carried(self, p: float, decimals: int) -> bool:
        """Whether rounding would carry a p value up to the boundary of the style."""
        boundary = self.style.p_boundary
        return boundary is not None and p < boundary <= float(_rounded(p, decimals))

    def p_value(self, p: float | None, decimals: int | None = None) -> str:
        """A p value as journals print it: ``0.026``, ``<0.001``, ``>0.999``, never ``0.000``.

        `decimals` are those of the style where none are asked for; what even its most decimals
        would carry up to its boundary is printed as below that: ``<0.05``.
        """
        if p is None or math.isnan(p):
            return MISSING
        places = self.p_decimals(p) if decimals is None else decimals
        boundary = self.style.p_boundary
        if decimals is None and boundary is not None and self._carried(p, places):
            return f"<{self._probability(boundary, 2)}"
        smallest = 10.0**-places
        if p < smallest:
            return f"<{self._probability(smallest, places)}"
        if p > 1 - smallest:
            return f">{self._probability(1 - smallest, places)}"
        return self._probability(p, places)

    def p_statement(self, p: float | None) -> str:
        """A p value for running text: ``P = 0.026``, ``P < 0.001``; an en dash if there is none."""
        text = self.p_value(p)
        if text == MISSING:
            return MISSING
        sign, value = (text[0], text[1:]) if text[0] in "<>" else ("=", text)
        return self._stated(sign, value)

    def p_below(self, level: float) -> str:
        """A level of significance for running text, as it was chosen: ``P < 0.05``."""
        text = self.shortest(level)
        return self._stated("<", text if self.style.p_zero else text.removeprefix("0"))

    def shortest(self, value: float) -> str:
        """A number that somebody chose, with as many digits as it needs: ``0.75``, ``12``."""
        return f"{value:.6g}".replace("-", self.minus).replace(".", self.style.point)

    def percent(self, value: float | None, decimals: int = 1) -> str:
        """A percentage that is already on the scale of 0 to 100: ``13.8%``."""
        text = self.estimate(value, decimals)
        return text if text == MISSING else f"{text}%"

    def risk(self, value: float | None, decimals: int = 1) -> str:
        """A probability from 0 to 1 as a percentage: ``13.8%``.

        A risk that is neither impossible nor certain never prints as such: ``<0.1%``,
        ``>99.9%``.
        """
        if value is None or math.isnan(value):
            return MISSING
        shown = _hundredfold(value)
        smallest = 10.0**-decimals
        if 0 < shown < smallest:
            return f"<{self.percent(smallest, decimals)}"
        if 100 - smallest < shown < 100:
            return f">{self.percent(100 - smallest, decimals)}"
        return self.percent(shown, decimals)

    def mean_sd(self, mean: float | None, sd: float | None, decimals: int = 2) -> str:
        """Mean and standard deviation: ``72.41 ± 7.90``; the mean alone where there is no SD."""
        centre, spread = self.estimate(mean, decimals), self.estimate(sd, decimals)
        if spread == MISSING:
            return centre
        return self.style.mean_sd.format(mean=centre, sd=spread)

    def median_iqr(
        self, median: float | None, q1: float | None, q3: float | None, decimals: int = 2
    ) -> str:
        """Median with the quartiles: ``6.00 [5.00, 7.00]``."""
        centre = self.estimate(median, decimals)
        if centre == MISSING:
            return MISSING
        low, high = self.estimate(q1, decimals), self.estimate(q3, decimals)
        limits = self._between(low, high, self.style.quartiles)
        return self.style.median_iqr.format(median=centre, limits=limits)

    def percent_of(self, count: int, value: float | None) -> str:
        """The percentage of a count, with decimals by how many patients it is a part of."""
        whole = 100.0 * count / value if value is not None and value > 0 else 0.0
        steps = self.style.percent_decimals
        decimals = next(places for least, places in steps if whole + 0.5 >= least)
        return self.percent(value, decimals)

    def count_percent(self, count: int | None, value: float | None) -> str:
        """Count with its percentage (0 to 100): ``37 (13.8%)``; the count alone without one."""
        if count is None:
            return MISSING
        if value is None or math.isnan(value):
            return str(count)
        return f"{count} ({self.percent_of(count, value)})"

    def joined(self, low: str, high: str) -> str:
        """Two limits that are text already, as the journal joins them: ``0.70 to 0.85``.

        A sign that stands beside a minus, or where a limit is missing, is replaced by "to".
        """
        return self._between(low, high, self.style.joiner)

    def interval(self, low: float | None, high: float | None, decimals: int = 2) -> str:
        """Two limits: ``0.70 to 0.85``; an en dash where neither is known."""
        return self._limits(self.estimate(low, decimals), self.estimate(high, decimals))

    def estimate_interval(
        self, value: float | None, low: float | None, high: float | None, decimals: int = 2
    ) -> str:
        """Estimate with its interval: ``0.774 (0.696 to 0.852)``; alone where there is none."""
        return _with_interval(self.estimate(value, decimals), self.interval(low, high, decimals))

    def risk_limits(self, low: float | None, high: float | None, decimals: int = 1) -> str:
        """Two limits of a risk, as percentages: ``9.9% to 18.5%``."""
        return self._limits(self.risk(low, decimals), self.risk(high, decimals))

    def risk_interval(
        self, value: float | None, low: float | None, high: float | None, decimals: int = 1
    ) -> str:
        """Risk with its interval, as percentages: ``13.8% (9.9% to 18.5%)``."""
        return _with_interval(self.risk(value, decimals), self.risk_limits(low, high, decimals))

    def ratio(self, value: float | None, decimals: int = 2) -> str:
        """An odds or hazard ratio.

        Fixed decimals, but a ratio so small that they would show zero keeps two significant
        digits (``0.0034``), and one of a million or more is written as ``1.2e+07``.
        """
        if value is None or not math.isfinite(value) or value <= 0:
            return self.estimate(value, decimals)
        if value < 10.0**-decimals or value >= 1e6:
            return self.significant(value, 2)
        return self.estimate(value, decimals)

    def ratio_limits(self, low: float | None, high: float | None, decimals: int = 2) -> str:
        """Two limits of a ratio: ``1.17 to 12.25``."""
        return self._limits(self.ratio(low, decimals), self.ratio(high, decimals))

    def ratio_interval(
        self, value: float | None, low: float | None, high: float | None, decimals: int = 2
    ) -> str:
        """Ratio with its interval: ``3.79 (1.17 to 12.25)``; alone where there is none."""
        return _with_interval(self.ratio(value, decimals), self.ratio_limits(low, high, decimals))

    def _stated(self, sign: str, value: str) -> str:
        space = " " if self.style.p_spaced else ""
        return f"{self.style.p_letter}{space}{sign}{space}{value}"

    def _probability(self, p: float, decimals: int) -> str:
        text = self.estimate(p, decimals)
        return text if self.style.p_zero else text.removeprefix("0")

    def _limits(self, low: str, high: str) -> str:
        return MISSING if low == high == MISSING else self.joined(low, high)

    def _between(self, low: str, high: str, joiner: str) -> str:
        unclear = MISSING in (low, high) or self.minus in (low[:1], high[:1])
        worded = joiner == TO or (unclear and joiner != ", ")
        return f"{low}{self.to if worded else joiner}{high}"


PLAIN = Numbers()
TYPESET = Numbers(minus=MINUS)


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
