"""What a study of time to event adds to a result."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk.models.tables import RegressionRow
from vertebrisk.validation.results import CalibrationCurve, DecisionCurve, Estimate


@dataclass(frozen=True, slots=True)
class FollowUpLength:
    """Length of follow-up by the reverse Kaplan-Meier method, None where it is not reached."""

    median: float | None
    q1: float | None
    q3: float | None


@dataclass(frozen=True, slots=True, eq=False)
class HorizonResult:
    """The cohort and the model at one horizon.

    `incidence` is the cumulative incidence in the cohort, `baseline_hazard` the model's
    cumulative baseline hazard (None where strata have one each). `measures` columns: measure,
    apparent, optimism, corrected, conf_low, conf_high (of the corrected value). `calibration`
    and `decision` are as for a binary outcome, with the observed risk estimated from
    censored data; with late entry nothing is measured at horizons.
    """

    horizon: float
    n_at_risk: int
    n_events: int
    n_competing: int
    n_censored: int
    incidence: Estimate
    baseline_hazard: float | None
    measures: pl.DataFrame
    calibration: CalibrationCurve | None
    decision: DecisionCurve | None


@dataclass(frozen=True, slots=True, eq=False)
class GroupTest:
    """Cumulative incidence by the levels of one variable, and the test that compares them.

    `levels` columns: level, n, n_events, incidence, conf_low, conf_high, the last three at
    the first horizon.
    """

    variable: str
    label: str
    levels: pl.DataFrame
    statistic: float | None
    df: int
    p_value: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What the figures of a study of time to event draw.

    Times are rounded to 1/200 of the follow-up, so that no patient's own time is drawn.
    `survival` and `thirds` have the columns of a Kaplan-Meier frame, `incidence` those of a
    cumulative incidence (None without a competing event), `residuals` and `trend` those of
    `CoxFit.schoenfeld` and `schoenfeld_trend`;
    `auc` and `brier` those of `time_dependent_auc` and `brier_survival`, without rows where
    they do not exist.
    """

    survival: pl.DataFrame
    thirds: pl.DataFrame
    incidence: pl.DataFrame | None
    residuals: pl.DataFrame
    trend: pl.DataFrame
    auc: pl.DataFrame
    brier: pl.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """The logistic model of the same outcome, for an event that has no time of its own."""

    rows: tuple[RegressionRow, ...]
    n: int
    n_events: int
    n_censored: int
    c_index: Estimate
    corrected: Estimate
    resamples: int


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalResult:
    """All numbers that only a study of time to event has.

    `hazards` columns: term, statistic, df, p_value, the last row for all terms together;
    empty where proportional hazards were not tested. `competing_rule` is empty without a
    competing event. `limit` is the end of follow-up, beyond which the model refuses.
    """

    time_unit: str
    ties: str
    competing_rule: str
    n_competing: int
    n_censored: int
    limit: float
    follow_up: FollowUpLength
    horizons: tuple[HorizonResult, ...]
    uno: Estimate | None
    groups: tuple[GroupTest, ...]
    hazards: pl.DataFrame
    transform: str
    curves: Curves
    beside: Beside | None = None
