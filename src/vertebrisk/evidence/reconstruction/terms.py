"""Terms of a printed model as columns of a design, and what is wanted of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray

# What counts as a difference of one when nothing finer is asked: half a unit of the third decimal.
UNIT = 0.0005
_Z_UNIT = 0.02
_SIGN_MARGIN = 0.2


@dataclass(frozen=True, slots=True)
class Term:
    """One column: a variable's level (`code` is its position), or its number over `scale`."""

    variable: str
    level: str = ""
    code: int | None = None
    scale: float = 1.0

    @property
    def name(self) -> str:
        """Variable and level, as messages name the term."""
        return f"{self.variable} {self.level}".strip()


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """How values of the model's variables, shape (..., v), become columns, shape (..., p)."""

    source: IntArray
    codes: FloatArray
    scales: FloatArray
    shifts: FloatArray

    @classmethod
    def of(
        cls, terms: tuple[Term, ...], variables: tuple[str, ...], shifted: tuple[str, ...] = ()
    ) -> Columns:
        """Columns of the terms, for values that are in the order of the variables.

        Columns of the `shifted` terms have 1 less, so that a constant belongs to patients
        who have them.
        """
        return cls(
            np.array([variables.index(term.variable) for term in terms], dtype=np.int64),
            np.array([np.nan if term.code is None else term.code for term in terms]),
            np.array([term.scale for term in terms]),
            np.array([float(term.name in shifted) for term in terms]),
        )

    def design(self, values: FloatArray) -> FloatArray:
        """Design without a constant."""
        chosen = values[..., self.source]
        numbers = np.isnan(self.codes)
        return np.where(numbers, chosen / self.scales, chosen == self.codes) - self.shifts


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """Targets of p coefficients; NaN where nothing is known. Arrays of shape (p,)."""

    estimate: FloatArray
    estimate_half: FloatArray
    std_error: FloatArray
    std_error_half: FloatArray
    z_low: FloatArray
    z_high: FloatArray
    sign: FloatArray

    def turned(self, signs: FloatArray) -> Wanted:
        """The targets with some coefficients' signs turned; `signs` holds 1 and -1."""
        return Wanted(
            self.estimate * signs, self.estimate_half, self.std_error, self.std_error_half,
            self.z_low, self.z_high, self.sign * signs,
        )  # fmt: skip

    def distance(self, estimate: FloatArray, std_error: FloatArray) -> FloatArray:
        """How far fits are from the targets, shape (...) for estimates of shape (..., p)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            off = _excess(estimate, self.estimate, self.estimate_half)
            off_error = _excess(std_error, self.std_error, self.std_error_half)
            z = np.abs(estimate) / std_error
        aimed = np.isfinite(self.estimate) & np.isfinite(self.std_error)
        short = np.maximum(self.z_low + 0.5 * _Z_UNIT - z, 0) / _Z_UNIT
        over = np.maximum(z - self.z_high, 0) / _Z_UNIT
        bounds = np.where(aimed, 0.0, short + over)
        known = np.isfinite(self.estimate) | (self.sign == 0)
        wrong = np.maximum(_SIGN_MARGIN * std_error - self.sign * estimate, 0) / UNIT
        each = off + off_error + bounds + np.where(known, 0.0, wrong)
        return np.asarray(np.where(np.isfinite(each), each, 1e9).sum(axis=-1))


def _excess(found: FloatArray, wanted: FloatArray, half: FloatArray) -> FloatArray:
    away = np.abs(found - wanted)
    return np.where(np.isnan(wanted), 0.0, np.where(away < half, 0.0, away / UNIT))
