"""How papers print: one rounding of an exact number, in the ways that programs round."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Literal

import numpy as np

Mode = Literal["half up", "half even", "binary", "down"]
SmallP = Literal["bound", "zero", "verdict"]
_DECIMAL = {"half up": ROUND_HALF_UP, "half even": ROUND_HALF_EVEN, "down": ROUND_DOWN}


@dataclass(frozen=True, slots=True)
class Style:
    """How one paper prints its numbers; drawn once a paper.

    `mode` rounds: halves up (SPSS, Excel), to even, as the binary number falls (R, Python),
    or digits cut off. `bare` drops trailing zeros, as R and Excel do by default. `small_p`
    prints a P below its last digit as ``<0.001`` or as ``0.000``; "verdict" prints no P at all
    but ``<0.05`` and ``>0.05``.
    """

    mode: Mode
    bare: bool
    p_decimals: int
    small_p: SmallP
    percent_decimals: int
    statistic_decimals: int
    far: bool  # ratios beyond what fits are printed as ">999.999" and "<0.001"

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Style:
        """A style as journals have it."""
        modes: list[Mode] = ["half up", "half even", "binary", "down"]
        smalls: list[SmallP] = ["bound", "zero", "verdict"]
        return cls(
            mode=modes[rng.choice(4, p=[0.4, 0.15, 0.4, 0.05])],
            bare=bool(rng.random() < 0.08),
            p_decimals=int(rng.choice([2, 3, 4], p=[0.15, 0.7, 0.15])),
            small_p=smalls[rng.choice(3, p=[0.65, 0.28, 0.07])],
            percent_decimals=int(rng.choice([0, 1, 2], p=[0.2, 0.55, 0.25])),
            statistic_decimals=int(rng.choice([1, 2, 3], p=[0.1, 0.4, 0.5])),
            far=bool(rng.random() < 0.15),
        )

    def number(self, value: float, decimals: int) -> str:
        """A number at so many decimals."""
        if self.mode == "binary":
            text = f"{value:.{decimals}f}"
        else:
            exact = Decimal(repr(float(value)))
            unit = Decimal(1).scaleb(-decimals)
            text = f"{exact.quantize(unit, rounding=_DECIMAL[self.mode]):f}"
        return text.rstrip("0").rstrip(".") if self.bare and "." in text else text

    def ratio(self, value: float, decimals: int) -> str:
        """An odds or hazard ratio, or a limit of one."""
        if self.far and value > 999.999:
            return ">999.999"
        if self.far and 0 < value < 0.001:
            return "<0.001"
        if not math.isfinite(value) or value > 1e9:
            return ">999.999"
        return self.number(value, decimals)

    def p_value(self, p: float) -> str:
        """A P value."""
        p = min(max(p, 0.0), 1.0)
        if self.small_p == "verdict":
            return "<0.01" if p < 0.01 else "<0.05" if p < 0.05 else ">0.05"
        least = 10.0**-self.p_decimals
        if p < least and self.small_p == "bound":
            return f"<{least:.{self.p_decimals}f}"
        return self.number(p, self.p_decimals)

    def percent(self, share: float) -> str:
        """A share, 0 to 1, in percent."""
        return self.number(100.0 * share, self.percent_decimals)

    def statistic(self, value: float) -> str:
        """A test statistic."""
        return self.number(value, self.statistic_decimals)
