"""A number as a paper printed it: its text, and all that rounds to it.

A printed number stands for an interval: 0.026 for [0.0255, 0.0265). Halves round away from
zero, so -0.026 stands for (-0.0265, -0.0255]. A bound such as ``<0.001`` stands for all
below it. Cells that hold two numbers, such as ``23.92±3.61``, are taken apart by
`mean_and_sd`, `count_and_percent` and `interval`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from vertebrisk.errors import DataError

Bound = Literal["", "<", ">", "<=", ">="]

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?"
_WHOLE = re.compile(rf"(<=|>=|<|>|)\s*({_NUMBER})\s*%?")
_MEAN_SD = re.compile(
    rf"({_NUMBER})\s*(?:±|\+/-|\+-)\s*({_NUMBER})|({_NUMBER})\s*[(\[]\s*({_NUMBER})\s*[)\]]"
)
_COUNT = re.compile(rf"(\d+)\s*(?:[(\[]\s*({_NUMBER})\s*%?\s*[)\]]\s*%?)?")
_INTERVAL = re.compile(rf"[(\[]?\s*({_NUMBER})\s*(?:-|~|to|,|;)\s*({_NUMBER})\s*[)\]]?")
_RATIO = re.compile(rf"({_NUMBER})\s*[(\[]([^)\]]*)[)\]]")
_SIGNS = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "﹣": "-", "·": ".", "∙": ".", "。": ".",
        "≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">=", "≦": "<=", "≧": ">=", "∼": "~", "〜": "~",
        "〈": "<", "〉": ">", "【": "[", "】": "]", "〔": "[", "〕": "]", "﹢": "+", "、": ",",
    }
)  # fmt: skip
_POWER = re.compile(r"\s*[x×]\s*10\s*\^?\s*(?=[+-]?\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Printed:
    """A number with the text that was printed and the rounding that the text implies.

    Attributes
    ----------
    text : str
        As printed, down to its trailing zeros and its signs.
    bound : str
        ``<``, ``>``, ``<=`` or ``>=`` where a limit was printed instead of a value, or empty.
    number : Decimal
        The digits, exactly.
    """

    text: str
    bound: Bound
    number: Decimal

    @classmethod
    def parse(cls, text: str) -> Printed:
        """Read a number as printed, such as ``"0.780"``, ``"<0.001"`` or ``"9.33%"``.

        Full-width digits and signs, the typographic minus and the raised decimal point are
        understood; a comma is not, since it divides thousands in one country and decimals
        in another.

        Raises
        ------
        DataError
            If the text is not one number.
        """
        match = _WHOLE.fullmatch(plain(text))
        if match is None or not math.isfinite(float(match[2])):
            raise DataError(
                f"'{text}' among the printed numbers is not a number. "
                'Write it as printed, with its decimals, such as "0.780" or "<0.001".'
            )
        bound: Any = match[1]
        return cls(text.strip(), bound, Decimal(match[2]))

    @property
    def value(self) -> float:
        """The printed digits as a number; for a bound, the bound itself."""
        return float(self.number)

    @property
    def decimals(self) -> int:
        """Digits after the point."""
        return max(0, -self._exponent)

    @property
    def half(self) -> float:
        """Half a unit of the last printed digit."""
        return float(self._half)

    @property
    def interval(self) -> tuple[float, float]:
        """Least and greatest value that the print may stand for; infinite for a bound."""
        if self.bound:
            below = self.bound.startswith("<")
            return (-math.inf, self.value) if below else (self.value, math.inf)
        return float(self.number - self._half), float(self.number + self._half)

    @property
    def cut_off(self) -> tuple[float, float]:
        """The same where digits may have been cut off instead of rounded."""
        low, high = self.interval
        if self.bound:
            return low, high
        if self.number == 0:
            return low - self.half, high + self.half
        return (low - self.half, high) if self.number < 0 else (low, high + self.half)

    def covers(self, value: float) -> bool:
        """True if `value`, unrounded, is printed like this; halves round away from zero."""
        if not math.isfinite(value):
            return False
        exact, number, half = Decimal(repr(float(value))), self.number, self._half
        if self.bound:
            limits = {
                "<": exact < number, "<=": exact <= number,
                ">": exact > number, ">=": exact >= number,
            }  # fmt: skip
            return limits[self.bound]
        if number < 0:
            return number - half < exact <= number + half
        return number - half <= exact < number + half

    def covers_inside(self, value: float) -> bool:
        """True if `value` rounds to the print however ties and noise in its last bits fall."""
        if self.bound:
            return self.covers(value)
        return abs(value - self.value) < self.half * (1 - 1e-9)

    def __str__(self) -> str:
        return self.text

    @property
    def _exponent(self) -> int:
        exponent = self.number.as_tuple().exponent
        assert isinstance(exponent, int)  # the pattern lets neither NaN nor infinity through
        return exponent

    @property
    def _half(self) -> Decimal:
        return Decimal(5).scaleb(self._exponent - 1)

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _validated, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _: CoreSchema, __: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "title": "A number as printed", "examples": ["0.780", "<0.001"]}


def plain(text: str) -> str:
    """Printed text with plain ASCII digits and signs; ``±`` stays."""
    narrow = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).strip()
    return _POWER.sub("e", narrow)


def mean_and_sd(text: str) -> tuple[Printed, Printed]:
    """Mean and SD of a cell such as ``23.92±3.61`` or ``23.92 (3.61)``."""
    match = _MEAN_SD.fullmatch(plain(text))
    if match is None:
        raise DataError(f"'{text}' is not a mean with its SD, such as \"23.92±3.61\".")
    mean, sd = (match[1], match[2]) if match[1] is not None else (match[3], match[4])
    return Printed.parse(mean), Printed.parse(sd)


def count_and_percent(text: str) -> tuple[Printed, Printed | None]:
    """Count and percentage of a cell such as ``46(19.9%)``; the percentage may be absent."""
    match = _COUNT.fullmatch(plain(text))
    if match is None:
        raise DataError(f"'{text}' is not a count, alone or with its percentage: \"46(19.9%)\".")
    return Printed.parse(match[1]), Printed.parse(match[2]) if match[2] is not None else None


def interval(text: str) -> tuple[Printed, Printed]:
    """Limits of an interval such as ``1.713-16.888``, ``1.175~12.227`` or ``-0.5 to 0.1``."""
    match = _INTERVAL.fullmatch(plain(text))
    if match is None:
        raise DataError(f"'{text}' is not an interval, such as \"1.713-16.888\".")
    return Printed.parse(match[1]), Printed.parse(match[2])


def ratio_and_interval(text: str) -> tuple[Printed, Printed, Printed]:
    """Ratio and limits of a cell such as ``3.790(1.175~12.227)``."""
    match = _RATIO.fullmatch(plain(text))
    if match is None:
        raise DataError(f"'{text}' is not a ratio with its interval: \"3.790(1.175~12.227)\".")
    return Printed.parse(match[1]), *interval(match[2])


def _validated(value: Any) -> Printed:
    if isinstance(value, Printed):
        return value
    if isinstance(value, bool | int | float):
        raise ValueError(
            f"{value} stands without quotes; a printed number is a text, such as "
            f'"{value}", so that its decimals are kept'
        )
    if not isinstance(value, str):
        raise ValueError('a printed number in quotes is needed, such as "0.780"')
    try:
        return Printed.parse(value)
    except DataError as error:
        raise ValueError(str(error).rstrip(".")) from None
