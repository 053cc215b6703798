"""What an internal-external validation found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from vertebrisk._checks import place_of
from vertebrisk._types import Json, ModelKind
from vertebrisk.errors import ArgumentError
from vertebrisk.findings import Finding
from vertebrisk.kernels.meta_analysis.effects import to_scale
from vertebrisk.kernels.meta_analysis.synthesis import new_study_below
from vertebrisk.text.plurals import counted
from vertebrisk.validation.centres.measured import SCALES, Centre
from vertebrisk.validation.results import Estimate

SCHEMA_VERSION = 1
FEW_CENTRES = 5  # below which the variance between centres is hardly known
ConcordanceOf = Literal["area", "harrell", "uno"]
ENDS = ("", "_low", "_high", "_weight")
TABLE = {
    "centre": pl.String,
    "n": pl.Int64,
    "n_events": pl.Int64,
    **{f"{name}{end}": pl.Float64 for name in SCALES for end in ENDS},
    "brier": pl.Float64,
    "finite": pl.Boolean,
    "reason": pl.String,
}


@dataclass(frozen=True, slots=True, eq=False)
class InternalExternal:
    """Every centre by a model of the others, and what a further centre may expect.

    Attributes
    ----------
    outcome : str
    by : str
        Column that names the centres; "group" where they were given as values.
    kind : {"logistic", "cox", "fine-gray"}
    procedure : str
        What was repeated without each centre: "whole procedure" or "model held fixed".
    horizon : float or None
        Of a model of time to event: everything is measured by this time.
    time_unit : str
    concordance : {"area", "harrell", "uno"}
        What `c_index` is: the area under the ROC curve, Harrell's or Uno's C.
    level : float
        Confidence level of all intervals.
    table : polars.DataFrame
        One row a centre, in order: centre, n, n_events; c_index, slope, in_the_large (null with a
        horizon) and observed_expected, each with `_low`, `_high` and `_weight`, its share of the
        pooled value in percent (null where it is not pooled); brier; finite; reason. Where
        `finite` is false the others gave no finite estimate: slope and in_the_large are null;
        where it is null they gave no model. `reason` says why numbers are lacking or not
        pooled, empty where none is.
    pooled : polars.DataFrame
        One row a measure: measure; scale, on which centres are pooled ("logit", "identity",
        "log"); k, centres that could be pooled; estimate with conf_low, conf_high and, of a
        further centre, prediction_low, prediction_high, all as they are read; scaled, std_error,
        tau2 (variance between centres) with tau2_low and tau2_high on the scale; i2 in percent
        with its limits; q and q_p_value, Cochran's. Null where fewer than two centres can be
        pooled.
    findings : tuple of Finding
    """

    outcome: str
    by: str
    kind: ModelKind
    procedure: str
    horizon: float | None
    time_unit: str
    concordance: ConcordanceOf
    level: float
    table: pl.DataFrame
    pooled: pl.DataFrame
    findings: tuple[Finding, ...]

    @property
    def n_centres(self) -> int:
        """Centres, with those that have no number."""
        return self.table.height

    def estimate(self, measure: str) -> Estimate:
        """A pooled measure with its interval, by its name in `pooled`.

        Raises ArgumentError for a name that is not there; NaN where it could not be pooled.
        """
        row = self._row(measure)
        if row["estimate"] is None:
            return Estimate(float("nan"))
        return Estimate(row["estimate"], row["conf_low"], row["conf_high"])

    def prediction(self, measure: str) -> Estimate:
        """A pooled measure with the limits in which that of a further centre lies."""
        row = self._row(measure)
        if row["estimate"] is None:
            return Estimate(float("nan"))
        return Estimate(row["estimate"], row["prediction_low"], row["prediction_high"])

    def probability(
        self, measure: str, *, above: float | None = None, below: float | None = None
    ) -> float:
        """How likely is it that a further centre has a measure above, below or between bounds?

        By the distribution of the prediction interval: t on one degree of freedom less than
        there are centres, about the pooled value, with the variance between centres and that of
        the pooled value. It holds for centres like these, and takes the variance between
        them for known.

        Parameters
        ----------
        measure : {"c_index", "slope", "in_the_large", "observed_expected"}
        above, below : float, optional
            One of them or both, as the measure is read: ``probability("slope", above=0.8,
            below=1.2)``.

        Raises
        ------
        ArgumentError
            For no bound, bounds that cannot be, or fewer than five centres: the variance between
            them then is hardly known, and any probability a guess.

        References
        ----------
        Snell et al. 2018, doi:10.1177/0962280217705678 (scales). Debray et al. 2019,
        doi:10.1177/0962280218785504.
        """
        row = self._row(measure)
        low, high = self._bounds(measure, above, below)
        if row["k"] < FEW_CENTRES:
            raise ArgumentError(
                f"The {measure} of {counted(row['k'], 'centre')} was pooled; a probability for a "
                f"further centre needs {FEW_CENTRES} or more. Give the prediction interval."
            )
        shares = [
            end
            if bound is None
            else new_study_below(bound, row["scaled"], row["std_error"], row["tau2"], row["k"] - 1)
            for bound, end in ((low, 0.0), (high, 1.0))
        ]
        return shares[1] - shares[0]

    def _bounds(
        self, measure: str, above: float | None, below: float | None
    ) -> tuple[float | None, float | None]:
        """Bounds on the scale of pooling."""
        if above is None and below is None:
            raise ArgumentError("Give above=, below= or both.")
        least, most = {"logit": (0.0, 1.0), "log": (0.0, float("inf"))}.get(
            SCALES[measure], (float("-inf"), float("inf"))
        )
        for name, bound in (("above", above), ("below", below)):
            if bound is not None and not least < bound < most:
                raise ArgumentError(
                    f"{name} is {bound}; of {measure} it lies between {least:g} and {most:g}."
                )
        if above is not None and below is not None and not above < below:
            raise ArgumentError(f"above is {above:g} and below {below:g}; above must be smaller.")
        low, high = (
            None if bound is None else float(to_scale(bound, SCALES[measure]))  # type: ignore[arg-type]
            for bound in (above, below)
        )
        return low, high

    def _row(self, measure: str) -> dict[str, Any]:
        names = self.pooled["measure"].to_list()
        return self.pooled.row(place_of(measure, names, "measure"), named=True)

    def to_dict(self) -> Json:
        """JSON form; of patients nothing."""
        names = (
            "outcome", "by", "kind", "procedure", "horizon", "time_unit", "concordance", "level",
        )  # fmt: skip
        return {
            "schema": "vertebrisk/internal-external",
            "schema_version": SCHEMA_VERSION,
            **{name: getattr(self, name) for name in names},
            "table": _rows(self.table),
            "pooled": _rows(self.pooled),
            "findings": [each.to_dict() for each in self.findings],
        }


def _rows(frame: pl.DataFrame) -> list[Json]:
    """One record a row; an end that is infinite is null."""
    numbers = pl.col(pl.Float64)
    finite = frame.with_columns(pl.when(numbers.is_finite()).then(numbers))
    return list(finite.iter_rows(named=True))


def centre_table(centres: Sequence[Centre], weights: dict[str, list[float | None]]) -> pl.DataFrame:
    """See `InternalExternal.table`."""
    rows = []
    for place, each in enumerate(centres):
        row: dict[str, object] = {
            "centre": each.name,
            "n": each.n,
            "n_events": each.n_events,
            "brier": each.brier,
            "finite": each.finite,
            "reason": "; ".join(each.reasons),
        }
        for name, measure in each.measures.items():
            values = (measure.value, measure.low, measure.high, weights[name][place])
            row |= {f"{name}{end}": value for end, value in zip(ENDS, values, strict=True)}
        rows.append(row)
    return pl.DataFrame(rows, schema=TABLE)
