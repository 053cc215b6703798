"""What a split by time found: a model of the earlier patients on the later ones."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk._types import Json, ModelKind
from vertebrisk.findings import Finding
from vertebrisk.validation.results import CalibrationCurve, DecisionCurve, Estimate, estimate_in

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Period:
    """The patients on one side of the split.

    Attributes
    ----------
    n, n_events : int
        Of a model of time to event all events that were seen.
    first, last : str or float
        When the first and the last of them came: a date as ISO text, or a number.
    linear_predictor_mean, linear_predictor_sd : float
        Of the linear predictors that the earlier patients' model gives them. The less patients
        differ in what the model sees, the lower its C-index (Debray et al. 2015,
        doi:10.1016/j.jclinepi.2014.06.018).
    """

    n: int
    n_events: int
    first: str | float
    last: str | float
    linear_predictor_mean: float
    linear_predictor_sd: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, eq=False)
class TemporalSplit:
    """The procedure on the earlier patients, its model on the later ones.

    Attributes
    ----------
    outcome : str
    by : str
        Column that says when a patient came; "time" where it was given as values.
    since : str or float
        The later patients came on this date or after it.
    kind : {"logistic", "cox", "fine-gray"}
    procedure : str
        "whole procedure" or "model held fixed".
    terms : tuple of str
        Predictors of the earlier patients' model.
    earlier, later : Period
    horizon : float or None
        Of a model of time to event: everything is measured by this time.
    time_unit : str
    level : float
        Confidence level of all intervals.
    measures : polars.DataFrame
        On the later patients: measure, estimate, conf_low, conf_high, interval, as
        `ExternalValidation.measures`.
    smoother : str
        What ici, e50, e90 and emax were read from.
    calibration : CalibrationCurve
        Observed against predicted risk of the later patients (`apparent`; `corrected` is null).
    decision : DecisionCurve or None
        None where no thresholds were given.
    findings : tuple of Finding
    """

    outcome: str
    by: str
    since: str | float
    kind: ModelKind
    procedure: str
    terms: tuple[str, ...]
    earlier: Period
    later: Period
    horizon: float | None
    time_unit: str
    level: float
    measures: pl.DataFrame
    smoother: str
    calibration: CalibrationCurve
    decision: DecisionCurve | None
    findings: tuple[Finding, ...]

    def estimate(self, measure: str) -> Estimate:
        """One measure with its interval, by its name in `measures`.

        Raises ArgumentError for a name that is not there. A measure that does not exist for
        these risks has the estimate NaN.
        """
        return estimate_in(self.measures, measure)

    def to_dict(self) -> Json:
        """JSON form; of single patients nothing but the first and last dates."""
        names = ("outcome", "by", "since", "kind", "procedure", "horizon", "time_unit", "level")
        return {
            "schema": "vertebrisk/temporal-split",
            "schema_version": SCHEMA_VERSION,
            **{name: getattr(self, name) for name in names},
            "terms": list(self.terms),
            "earlier": self.earlier.to_dict(),
            "later": self.later.to_dict(),
            "measures": list(self.measures.iter_rows(named=True)),
            "smoother": self.smoother,
            "calibration": self.calibration.to_dict(),
            "decision": None if self.decision is None else self.decision.to_dict(),
            "findings": [each.to_dict() for each in self.findings],
        }
