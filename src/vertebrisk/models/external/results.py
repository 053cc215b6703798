"""What an external validation found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from vertebrisk._types import DataKind, Json, ModelKind
from vertebrisk.findings import Finding
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.validation.classification import Classification
from vertebrisk.validation.results import (
    CalibrationCurve,
    DecisionCurve,
    Estimate,
    Roc,
    column_dict,
    estimate_in,
)
from vertebrisk.validation.survival.classification import ClassificationSurvival

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


@dataclass(frozen=True, slots=True)
class Membership:
    """How well a logistic model tells development patients from new ones.

    Its predictors are the columns of the risk model and, without times, the outcome. A `c_index`
    (on the patients that it was fitted to, with DeLong's interval) of 0.5 says that nobody could;
    the nearer to 1, the more the validation is one of transport to other patients. `separated` is
    True where some column tells them apart without error.
    """

    n_development: int
    n_here: int
    c_index: Estimate
    with_outcome: bool
    separated: bool

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "n_development": self.n_development,
            "n_here": self.n_here,
            "c_index": self.c_index.to_dict(),
            "with_outcome": self.with_outcome,
            "separated": self.separated,
        }


@dataclass(frozen=True, slots=True)
class CaseMix:
    """The patients against those that the model was made from.

    Attributes
    ----------
    developed, here : LinearSpread or None
        Mean and SD of the linear predictor, there and here; None where it is not known.
    c_expected : float or None
        C-index that the model would have in these patients were its risks right. An observed one
        below it is not the fault of the case mix.
    membership : Membership or None
        None without the development patients.
    """

    developed: LinearSpread | None
    here: LinearSpread | None
    c_expected: float | None
    membership: Membership | None

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "developed": self.developed and self.developed.to_dict(),
            "here": self.here and self.here.to_dict(),
            "c_expected": self.c_expected,
            "membership": self.membership and self.membership.to_dict(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class ExternalHorizon:
    """Risks by one horizon on patients that the model was not made from.

    Attributes
    ----------
    horizon : float
        In the model's `time_unit`.
    n, n_events, n_competing, n_unknown, n_followed : int
        Patients with a risk by the horizon; those seen to have the event by then, and the
        competing event; those censored before; those still under observation then.
    observed : Estimate
        Share with the event by the horizon: one less Kaplan-Meier, or Aalen-Johansen where
        there are competing events.
    expected : float
        Mean risk.
    auc_expected : float or None
        AUC that the model would have in these patients were its risks right.
    measures : polars.DataFrame
        As in `ExternalValidation`; the measures are auc (time-dependent), c_index (Harrell, of
        events by the horizon), c_index_uno (absent with competing events), in_the_large (by what
        log(-log(1 - risk)) is to be moved so that the mean risk is the observed share),
        observed_expected, slope (of follow-up up to the horizon), brier, brier_scaled, ici, e50,
        e90, emax.
    smoother : str
    calibration : CalibrationCurve
    groups : polars.DataFrame
        Groups of equal size by risk: n, n_events, predicted, observed, conf_low, conf_high.
    decision : DecisionCurve or None
    classes : ClassificationSurvival or None
        What acting at each threshold finds and misses; None where no thresholds were given.
    """

    horizon: float
    n: int
    n_events: int
    n_competing: int
    n_unknown: int
    n_followed: int
    observed: Estimate
    expected: float
    auc_expected: float | None
    measures: pl.DataFrame
    smoother: str
    calibration: CalibrationCurve
    groups: pl.DataFrame
    decision: DecisionCurve | None
    classes: ClassificationSurvival | None = None

    def estimate(self, measure: str) -> Estimate:
        """One measure with its interval; see `ExternalValidation.estimate`."""
        return estimate_in(self.measures, measure)

    def to_dict(self) -> Json:
        """JSON form."""
        counts = ("n", "n_events", "n_competing", "n_unknown", "n_followed")
        return {
            "horizon": self.horizon,
            **{name: getattr(self, name) for name in counts},
            "observed": self.observed.to_dict(),
            "expected": self.expected,
            "auc_expected": self.auc_expected,
            "measures": list(self.measures.iter_rows(named=True)),
            "smoother": self.smoother,
            "calibration": self.calibration.to_dict(),
            "groups": column_dict(self.groups),
            "decision": None if self.decision is None else self.decision.to_dict(),
            "classes": None if self.classes is None else self.classes.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class FollowedBy:
    """How the patients of a model of time to event were followed.

    Attributes
    ----------
    time, competing : str
        Column or derivation of the time, and the rule of the competing event; "" for none.
    unit : str
        Of all times: the model's.
    median, longest : float
        Median follow-up by the inverse Kaplan-Meier estimate (None where more than half left
        with the event), and the longest.
    n_competing : int
        Patients with the competing event.
    """

    time: str
    competing: str
    unit: str
    median: float | None
    longest: float
    n_competing: int

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, eq=False)
class ExternalValidation:
    """A model on patients that it was not made from.

    Of a model of time to event `measures` holds what belongs to no horizon, `horizons` the rest,
    and `calibration`, `smoother` and `decision` are those of the first horizon.

    Attributes
    ----------
    outcome : str
        The rule by which these patients have the event.
    counts : Counts
    measures : polars.DataFrame
        measure, estimate, conf_low, conf_high, interval ("DeLong", "Wald", "bootstrap",
        "moved bootstrap", or "" where there is none). Measures are c_index, in_the_large,
        intercept, slope, observed_expected, brier, brier_scaled, r2, ici, e50, e90, emax. Of a
        model of time to event they are c_index (Harrell), slope (over the whole of follow-up),
        and for Cox in_the_large and observed_expected (events against those expected during each
        patient's own follow-up; in_the_large is the logarithm), unless its baseline is known at
        fewer than 20 times or inputs were averaged over.
    smoother : str
        What ici, e50, e90 and emax were read from.
    calibration : CalibrationCurve
        Observed against predicted risk (`apparent`; `corrected` is null), with a band.
    roc : Roc or None
        Curve with its area, as `c_index`; its thresholds stay out of the document. None for a
        model of time to event whose patients have times.
    decision : DecisionCurve or None
        None where no thresholds were given.
    linear_predictor_mean, linear_predictor_sd : float or None
        Mean and standard deviation of the log-odds of the risks (of a model of time to event, of
        the linear predictors of patients with every input). The less patients differ in
        what the model sees, the lower its C-index (Debray et al. 2015,
        doi:10.1016/j.jclinepi.2014.06.018). None where a risk is 0 or 1.
    linear_predictors : polars.DataFrame or None
        The same in equal bins: low, high, n, n_events. None where a risk is 0
        or 1.
    case_mix : CaseMix
        How these patients differ from those that the model was made from.
    data_kind : {"real", "reconstructed", "simulated"}
        What the patients are; the column `data_kind` of a reconstructed file says it.
    findings : tuple of Finding
    kind : {"logistic", "cox", "fine-gray"}
        The model's.
    horizons : tuple of ExternalHorizon
        Of a model of time to event, the model's first horizon first.
    followed : FollowedBy or None
        None for an outcome without times.
    horizon : float or None
        Of a model of time to event whose patients were all followed to it, so that the outcome is
        one without times.
    classes : Classification or None
        What acting at each threshold finds and misses; None where no thresholds were given, or
        by each horizon.
    missing : {"refuse", "leave", "average"} or None
        What was asked to be done about missing inputs; None left it to the model.
    prevalence : float or None
        Of a model of sampled controls: that for which its risks were moved to hold.
    """

    outcome: str
    counts: Counts
    measures: pl.DataFrame
    smoother: str
    calibration: CalibrationCurve
    roc: Roc | None
    decision: DecisionCurve | None
    linear_predictor_mean: float | None
    linear_predictor_sd: float | None
    linear_predictors: pl.DataFrame | None
    case_mix: CaseMix
    data_kind: DataKind
    findings: tuple[Finding, ...]
    kind: ModelKind = "logistic"
    horizons: tuple[ExternalHorizon, ...] = ()
    followed: FollowedBy | None = None
    horizon: float | None = None
    classes: Classification | None = None
    missing: str | None = None
    prevalence: float | None = None

    def estimate(self, measure: str) -> Estimate:
        """One measure with its interval, by its name in `measures`.

        Raises ArgumentError for a name that is not there. A measure that does not exist for
        these risks has the estimate NaN.
        """
        return estimate_in(self.measures, measure)

    def to_dict(self) -> Json:
        """JSON form; of cells and patients nothing."""
        return {
            "schema": "vertebrisk/external-validation",
            "schema_version": SCHEMA_VERSION,
            "kind": self.kind,
            "outcome": self.outcome,
            "data_kind": self.data_kind,
            "horizon": self.horizon,
            "missing": self.missing,
            "prevalence": self.prevalence,
            "followed": None if self.followed is None else self.followed.to_dict(),
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
            "case_mix": self.case_mix.to_dict(),
            "roc": None
            if self.roc is None
            else column_dict(self.roc.curve.select("sensitivity", "specificity")),
            "calibration": self.calibration.to_dict(),
            "decision": None if self.decision is None else self.decision.to_dict(),
            "classes": None if self.classes is None else self.classes.to_dict(),
            "horizons": [each.to_dict() for each in self.horizons],
            "findings": [each.to_dict() for each in self.findings],
        }
