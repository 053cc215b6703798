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
    std_error, statistic, p_value, conf_low, conf_high; the errors are null under a penalty, and
    Firth's estimates have no weighting beside them.
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

    @property
    def methods(self) -> tuple[str, ...]:
        """Corrections that there are, prior correction first."""
        return tuple(self.estimates["method"].unique(maintain_order=True))

    @property
    def has_errors(self) -> bool:
        """False under a penalty."""
        return bool(self.estimates["std_error"].count())

    @property
    def kind(self) -> str:
        """Which texts speak of it: "ml", "firth" or "penalised"."""
        if not self.has_errors:
            return "penalised"
        return "ml" if len(self.methods) > 1 else "firth"

    def to_dict(self) -> Json:
        """JSON form."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "estimates"}
        return {**plain, "estimates": list(self.estimates.iter_rows(named=True))}
