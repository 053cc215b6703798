"""What uniform shrinkage adds to a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from vertebrisk._types import Json


@dataclass(frozen=True, slots=True, eq=False)
class ShrinkageResult:
    """One factor for all coefficients, and the model that it makes.

    `estimated` is the factor before it was held to 1. `coefficients` columns: term, level,
    estimate (by maximum likelihood), shrunken; the intercept first. Equation, nomogram,
    classification and the saved model are those of the shrunken coefficients; the validation is
    that of the model before.
    """

    kind: Literal["bootstrap", "heuristic"]
    factor: float
    estimated: float
    coefficients: pl.DataFrame

    def to_dict(self) -> Json:
        """JSON form."""
        plain = {"kind": self.kind, "factor": self.factor, "estimated": self.estimated}
        return {**plain, "coefficients": list(self.coefficients.iter_rows(named=True))}
