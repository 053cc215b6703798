"""Terms of a design and the factors that they multiply: the columns that a variable becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from vertebrisk._types import FloatArray, Json
from vertebrisk.design import powers as fractional
from vertebrisk.design import splines
from vertebrisk.design.syntax import quoted
from vertebrisk.design.terms import FactorKind, factor_name
from vertebrisk.errors import FitError, ModelError


@dataclass(frozen=True, slots=True)
class Factor:
    """One transformation of one variable, with what it learnt from the data.

    `powers`, `shift` and `scale` are those of a fractional polynomial; with the kind "fp" its
    powers are not known yet, `degree` is the greatest, and it has no columns.
    """

    variable: str
    kind: FactorKind
    knots: tuple[float, ...] = ()
    exponent: float = 1.0
    levels: tuple[str, ...] = ()
    powers: tuple[float, ...] = ()
    shift: float = 0.0
    scale: float = 1.0
    degree: int = 0

    @property
    def name(self) -> str:
        """The factor as it appears in tables."""
        return self._written(self.variable)

    @property
    def source(self) -> str:
        """The factor as a formula writes it."""
        written = self._written(quoted(self.variable))
        if self.kind != "powers":
            return written
        return f"{written[:-1]}, shift={self.shift!r}, scale={self.scale!r})"

    def _written(self, variable: str) -> str:
        return factor_name(
            self.kind, variable, len(self.knots), self.exponent, self.powers, self.degree
        )

    @property
    def column_levels(self) -> tuple[str, ...]:
        """What tells the columns apart: levels, powers, or age, age', age'' of a spline."""
        if self.kind == "categorical":
            return self.levels[1:]
        if self.kind == "powers":
            return fractional.column_names(self.variable, self.powers, self.shift, self.scale)
        if self.kind == "rcs":
            return tuple(self.variable + "'" * order for order in range(len(self.knots) - 1))
        return ("",)

    def columns(self, values: FloatArray) -> FloatArray:
        """Columns of the design, shape (n, number of columns); NaN where the value is."""
        match self.kind:
            case "categorical":
                codes = np.arange(1, len(self.levels))
                indicators: FloatArray = np.equal(values[:, None], codes).astype(np.float64)
                indicators[np.isnan(values)] = np.nan
                return indicators
            case "rcs":
                return splines.basis(values, np.asarray(self.knots))
            case "powers":
                return fractional.basis(values, self.powers, self.shift, self.scale)
            case "fp":
                raise FitError(
                    f"The powers of {self.name} are found by fit_logistic and fit_cox, without a "
                    "penalty, imputation or matched sets; elsewhere write known ones, such as "
                    f"powers({quoted(self.variable)}, -1)."
                )
            case "log":
                return np.log(np.where(values > 0, values, np.nan))[:, None]
            case "sqrt":
                return np.sqrt(np.where(values >= 0, values, np.nan))[:, None]
            case "power":
                with np.errstate(divide="ignore", invalid="ignore"):
                    powered = values**self.exponent
                return np.where(np.isfinite(powered), powered, np.nan)[:, None]
            case _:
                return np.asarray(values[:, None])

    def to_dict(self) -> Json:
        """JSON form."""
        document: Json = {
            "variable": self.variable,
            "kind": self.kind,
            "knots": list(self.knots),
            "exponent": self.exponent,
            "levels": list(self.levels),
        }
        if self.kind == "powers":
            document |= {"powers": list(self.powers), "shift": self.shift, "scale": self.scale}
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Factor:
        """Inverse of `to_dict`."""
        kind = document["kind"]
        if kind not in ("plain", "categorical", "rcs", "log", "sqrt", "power", "powers"):
            raise ModelError(
                f"A model term has the kind '{kind}', which this version does not know."
            )
        return cls(
            variable=str(document["variable"]),
            kind=kind,
            knots=tuple(float(knot) for knot in document["knots"]),
            exponent=float(document["exponent"]),
            levels=tuple(str(level) for level in document["levels"]),
            powers=tuple(sorted(float(power) for power in document.get("powers", ()))),
            shift=float(document.get("shift", 0.0)),
            scale=float(document.get("scale", 1.0)),
        )


@dataclass(frozen=True, slots=True)
class Term:
    """A factor, or an interaction of factors."""

    factors: tuple[Factor, ...]

    @property
    def name(self) -> str:
        """The term as it appears in coefficient tables."""
        return ":".join(factor.name for factor in self.factors)

    @property
    def source(self) -> str:
        """The term as a formula writes it."""
        return ":".join(factor.source for factor in self.factors)

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables that the term reads."""
        return tuple(dict.fromkeys(factor.variable for factor in self.factors))

    @property
    def named_by_columns(self) -> bool:
        """True where the columns say all that the name does: a fractional polynomial alone."""
        return len(self.factors) == 1 and self.factors[0].kind == "powers"

    @property
    def column_levels(self) -> tuple[str, ...]:
        """Level of each column; parts of an interaction joined by ':'."""
        return reduce(
            lambda left, right: tuple(
                f"{a}:{b}" if a and b else a or b for b in right for a in left
            ),
            (factor.column_levels for factor in self.factors),
        )

    def columns(self, values: Mapping[str, FloatArray]) -> FloatArray:
        """Columns of the term, the first factor varying fastest, as in R."""

        def cross(left: FloatArray, right: FloatArray) -> FloatArray:
            product = left[:, None, :] * right[:, :, None]
            return product.reshape(left.shape[0], left.shape[1] * right.shape[1])

        return reduce(cross, (factor.columns(values[factor.variable]) for factor in self.factors))
