"""What an external validation found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from vertebrisk._checks import place_of
from vertebrisk._types import DataKind, Json
from vertebrisk.findings import Finding
from vertebrisk.validation.results import (
    CalibrationCurve,
    DecisionCurve,
    Estimate,
    Roc,
    column_dict,
)

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Counts:
    """Who was asked, and who could answer.

    Attributes
    ----------
    rows : int
        Rows of the table.
    n, n_events : int
        Rows with an outcome and a risk, on which everything is measured, and those of them
        with the event.
    outcome_missing : int
        Rows whose outcome is not known.
    not_scored : int
        Rows with an outcome and without a risk.
    reasons : mapping
        Why rows have no risk, with how many say so; a row may have several reasons.
    averaged : mapping
        Inputs that the model averaged over, with the measured rows where it did.
    extrapolated : mapping
        Numbers outside the range that the model was made from, with the measured rows.
    """

    rows: int
    n: int
    n_events: int
    outcome_missing: int
    not_scored: int
    reasons: Mapping[str, int]
    averaged: Mapping[str, int]
    extrapolated: Mapping[str, int]

    def to_dict(self) -> Json:
        """JSON form."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in values.items()
        }


@dataclass(frozen=True, slots=True, eq=False)
class ExternalValidation:
    """A model on patients that it was not made from.

    Attributes
    ----------
    outcome : str
        The rule by which these patients have the event.
    counts : Counts
    measures : polars.DataFrame
        measure, estimate, conf_low, conf_high, interval ("DeLong", "Wald", "bootstrap",
        "moved bootstrap", or "" where there is none). Measures are c_index, in_the_large,
        intercept, slope, observed_expected, brier, brier_scaled, r2, ici, e50, e90, emax.
    smoother : str
        What ici, e50, e90 and emax were read from.
    calibration : CalibrationCurve
        Observed against predicted risk (`apparent`; `corrected` is null), with a band under
        200 events or non-events.
    roc : Roc
        Curve with its area, as `c_index`; its thresholds stay out of the document.
    decision : DecisionCurve or None
        None where no thresholds were given.
    linear_predictor_mean, linear_predictor_sd : float or None
        Mean and standard deviation of the log-odds of the risks. The less patients differ in
        what the model sees, the lower its C-index (Debray et al. 2015,
        doi:10.1016/j.jclinepi.2014.06.018). None where a risk is 0 or 1.
    linear_predictors : polars.DataFrame or None
        The log-odds of the risks in equal bins: low, high, n, n_events. None where a risk is 0
        or 1.
    data_kind : {"real", "reconstructed", "simulated"}
        What the patients are; the column `data_kind` of a reconstructed file says it.
    findings : tuple of Finding
    """

    outcome: str
    counts: Counts
    measures: pl.DataFrame
    smoother: str
    calibration: CalibrationCurve
    roc: Roc
    decision: DecisionCurve | None
    linear_predictor_mean: float | None
    linear_predictor_sd: float | None
    linear_predictors: pl.DataFrame | None
    data_kind: DataKind
    findings: tuple[Finding, ...]

    def estimate(self, measure: str) -> Estimate:
        """One measure with its interval, by its name in `measures`.

        Raises ArgumentError for a name that is not there. A measure that does not exist for
        these risks has the estimate NaN.
        """
        place = place_of(measure, self.measures["measure"].to_list(), "measure")
        value, low, high = self.measures.row(place)[1:4]
        return Estimate(float("nan") if value is None else value, low, high)

    def to_dict(self) -> Json:
        """JSON form; of cells and patients nothing."""
        return {
            "schema": "vertebrisk/external-validation",
            "schema_version": SCHEMA_VERSION,
            "outcome": self.outcome,
            "data_kind": self.data_kind,
            "counts": self.counts.to_dict(),
            "measures": list(self.measures.iter_rows(named=True)),
            "smoother": self.smoother,
            "linear_predictor": {
                "mean": self.linear_predictor_mean,
                "sd": self.linear_predictor_sd,
                "distribution": None
                if self.linear_predictors is None
                else column_dict(self.linear_predictors),
            },
            "roc": column_dict(self.roc.curve.select("sensitivity", "specificity")),
            "calibration": self.calibration.to_dict(),
            "decision": None if self.decision is None else self.decision.to_dict(),
            "findings": [each.to_dict() for each in self.findings],
        }
