"""What a case-control study adds to a result."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk._types import Json


@dataclass(frozen=True, slots=True, eq=False)
class SamplingResult:
    """From the sample of cases and controls to the population that they came from.

    `population_cases` and `population_controls` are the patients from whom the prevalence was
    estimated, None where it is taken for known. `offset` is what prior correction took off
    the intercept. `estimates` columns: method ("prior", "weighted"), term, level, estimate,
    std_error, statistic, p_value, conf_low, conf_high.
    """

    prevalence: float
    population_cases: float | None
    population_controls: float | None
    n_cases: int
    n_controls: int
    offset: float
    case_weight: float
    control_weight: float
    estimates: pl.DataFrame

    def to_dict(self) -> Json:
        """JSON form."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "estimates"}
        return {**plain, "estimates": list(self.estimates.iter_rows(named=True))}
