"""What multiple imputation adds to a result."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk._types import Json
from vertebrisk.models.tables import RegressionRow
from vertebrisk.validation.results import Estimate

_FRAMES = ("variables", "patterns", "convergence", "densities", "coefficients")


@dataclass(frozen=True, slots=True)
class CompleteCases:
    """The same model in the patients of whom every candidate is known."""

    rows: tuple[RegressionRow, ...]
    n: int
    n_events: int
    c_index: Estimate

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "rows": [row.to_dict() for row in self.rows],
            "n": self.n,
            "n_events": self.n_events,
            "c_index": self.c_index.to_dict(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class ImputedResult:
    """What was missing, how it was filled in, and what patients with complete data alone say.

    `n_incomplete` patients, `n_incomplete_events` of them with the event, lack a candidate.
    `resampled` and `resampled_iterations` are the tables and rounds in each resample of the
    validation. `variables` has a row a variable that took part: variable, label, method, role
    ("candidate", "auxiliary", "source"), then the columns of `missingness`. `patterns` has n and
    missing (variables, none for complete patients); those of fewer than 5 patients are one row
    whose `missing` is null. `convergence` holds variable, iteration, imputation, mean, sd;
    `densities` variable, at (null for a level), level, observed, imputed: densities on a grid, or
    shares of levels. Both leave out variables that lack in fewer than 5 patients.
    `coefficients` holds term, level, df, missing_information, relative_increase. `complete` is
    None where patients with complete data allow no model.
    """

    imputations: int
    iterations: int
    seed: int
    resampled: int
    resampled_iterations: int
    n_incomplete: int
    n_incomplete_events: int
    auxiliary: tuple[str, ...]
    variables: pl.DataFrame
    patterns: pl.DataFrame
    convergence: pl.DataFrame
    densities: pl.DataFrame
    coefficients: pl.DataFrame
    complete: CompleteCases | None

    def to_dict(self) -> Json:
        """JSON form."""
        plain = {
            name: getattr(self, name)
            for name in self.__slots__
            if name not in (*_FRAMES, "complete", "auxiliary")
        }
        frames = {name: list(getattr(self, name).iter_rows(named=True)) for name in _FRAMES}
        return {
            **plain,
            "auxiliary": list(self.auxiliary),
            **frames,
            "complete": None if self.complete is None else self.complete.to_dict(),
        }
