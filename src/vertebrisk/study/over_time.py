"""What a followed cohort shows over time: incidence, group tests, horizons, curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.cohort.survival import CENSORED, COMPETING, EVENT, SurvivalOutcome
from vertebrisk.comparison.competing_risks import cumulative_incidence, gray_test
from vertebrisk.comparison.survival import kaplan_meier, log_rank
from vertebrisk.design.build import VariableInfo
from vertebrisk.errors import VertebriskError
from vertebrisk.findings import Finding
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.imputation import rubin
from vertebrisk.kernels.survival.residuals import TimeTransform
from vertebrisk.models.imputation.over_time import mean_residuals, pooled_trend
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival.fine_gray import FineGrayFit
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.trend import schoenfeld_trend
from vertebrisk.report.results.survival import (
    Curves,
    FollowUpLength,
    GroupTest,
    HorizonResult,
)
from vertebrisk.study.penalised import has_errors
from vertebrisk.study.steps import Prepared
from vertebrisk.text.messages import say
from vertebrisk.text.phrases import time_unit
from vertebrisk.validation.results import Estimate, HorizonValidation, Validation
from vertebrisk.validation.survival.over_time import brier_survival, time_dependent_auc

AnyTimed = CoxFit | FineGrayFit | PooledFit
TRANSFORM: TimeTransform = "km"
ROUNDING = 200  # parts of the follow-up to which drawn times are rounded
POINTS = 20  # times at which AUC and Brier score are drawn
THIRDS = 3


def follow_up_length(
    followed: SurvivalOutcome, weights: FloatArray | None = None
) -> FollowUpLength:
    """Median and quartiles of follow-up: Kaplan-Meier with censoring for the event.

    `weights` are frequencies of the rows, here and below.

    References
    ----------
    Schemper and Smith 1996, doi:10.1016/0197-2456(96)00075-X
    """
    gone = followed.status == CENSORED
    curve = kaplan_meier(followed.time, gone, entry=followed.entry, weights=weights).frame

    def reached(share: float) -> float | None:
        below = curve.filter(pl.col("survival") <= share + 1e-12)
        return None if below.is_empty() else float(below["time"][0])

    return FollowUpLength(median=reached(0.5), q1=reached(0.75), q3=reached(0.25))


def horizon_results(
    followed: SurvivalOutcome,
    model: RiskModel,
    validation: Validation,
    weights: FloatArray | None = None,
) -> tuple[HorizonResult, ...]:
    """Cohort and model at every horizon."""
    table = cumulative_incidence(
        followed.time,
        followed.status,
        times=sorted(followed.horizons),
        entry=followed.entry,
        weights=weights,
    ).frame.filter(cause="event")
    mass = np.ones(followed.time.size) if weights is None else weights
    found = {float(row["time"]): row for row in table.iter_rows(named=True)}
    validated = {each.horizon: each for each in validation.horizons}
    return tuple(
        _at_horizon(horizon, followed, mass, found[horizon], model, validated.get(horizon))
        for horizon in followed.horizons
    )


def _at_horizon(
    horizon: float,
    followed: SurvivalOutcome,
    mass: FloatArray,
    row: dict[str, float | None],
    model: RiskModel,
    validated: HorizonValidation | None,
) -> HorizonResult:
    before, censored = followed.time <= horizon, followed.status == CENSORED
    measures = pl.DataFrame(schema=_MEASURES)
    if validated is not None:
        measures = validated.table.select(list(_MEASURES))
    estimate = row["estimate"]
    return HorizonResult(
        horizon=horizon,
        n_at_risk=followed.at_risk(horizon, mass),
        n_events=int(mass[before & (followed.status == EVENT)].sum()),
        n_competing=int(mass[before & (followed.status == COMPETING)].sum()),
        n_censored=int(mass[(followed.time < horizon) & censored].sum()),
        incidence=Estimate(
            float("nan") if estimate is None else estimate, row["conf_low"], row["conf_high"]
        ),
        baseline_hazard=model.baselines[0].at(horizon)[0] if len(model.baselines) == 1 else None,
        measures=measures,
        calibration=None if validated is None else validated.calibration,
        decision=None if validated is None else validated.decision,
    )


_MEASURES = {
    "measure": pl.String,
    "apparent": pl.Float64,
    "optimism": pl.Float64,
    "corrected": pl.Float64,
    "conf_low": pl.Float64,
    "conf_high": pl.Float64,
}


def taken_for_censored(
    followed: SurvivalOutcome, fit: AnyTimed, first: HorizonResult
) -> list[Finding]:
    """A Cox model of a cohort with a competing event: its risks are not those of having it."""
    if isinstance(fit, FineGrayFit) or not (followed.status == COMPETING).any():
        return []
    curve = kaplan_meier(followed.time, followed.status == EVENT, entry=followed.entry)
    free = curve.at([first.horizon])["survival"].item()
    if free is None:
        return []
    return [
        Finding(
            "cause-specific-risk",
            "warning",
            say(
                "The Cox model takes patients with the competing event for censored: its "
                "mean risk by {horizon:g} {unit} is about {mean:.1%}, and {observed:.1%} "
                "have the event by then.",
                horizon=first.horizon,
                unit=time_unit(followed.unit),
                mean=1 - free,
                observed=first.incidence.estimate,
            ),
            say(
                "Leave 'model' out of [analysis], or write model = \"fine-gray\", for risks "
                "that hold; read the hazard ratios of this model, not its risks."
            ),
            say(
                "A cause-specific hazard says how fast events come among those still free of "
                "both (Putter et al. 2007, doi:10.1002/sim.2712)."
            ),
        )
    ]


def group_tests(prepared: Prepared, followed: SurvivalOutcome) -> tuple[GroupTest, ...]:
    """Each compared categorical variable: incidence by level, and the test of all levels."""
    if followed.entry is not None:
        return ()
    tests = []
    for name in prepared.protocol.analysis.compare:
        variable = next((each for each in prepared.cohort.variables if each.name == name), None)
        if variable is None or variable.kind != "categorical":
            continue
        column = prepared.cohort.frame[name]
        known = column.is_not_null().to_numpy()
        if column.drop_nulls().n_unique() < 2:
            continue
        info = prepared.info.get(name, VariableInfo(label=name))
        tests.append(group_test(column.drop_nulls(), followed.kept(known), info))
    return tuple(tests)


def group_test(
    column: pl.Series,
    followed: SurvivalOutcome,
    info: VariableInfo,
    weights: FloatArray | None = None,
) -> GroupTest:
    """Incidence by the levels of one variable, without missing values, and the test of them."""
    name, levels = column.name, column.cast(pl.String)
    shown = dict(zip(info.levels, info.level_labels, strict=False))
    horizon = followed.horizons[0]
    curves = cumulative_incidence(
        followed.time, followed.status, group=levels.to_list(), times=[horizon], weights=weights
    ).frame.filter(cause="event")
    at = {row["group"]: row for row in curves.iter_rows(named=True)}
    mass = np.ones(followed.time.size) if weights is None else weights
    order = [each for each in _levels_of(column) if each in at]
    rows = [
        {
            "level": shown.get(level, level),
            "n": int(mass[(levels == level).to_numpy()].sum()),
            "n_events": int(mass[(levels == level).to_numpy() & (followed.status == EVENT)].sum()),
            "incidence": at[level]["estimate"],
            "conf_low": at[level]["conf_low"],
            "conf_high": at[level]["conf_high"],
        }
        for level in order
    ]
    frame = pl.DataFrame(rows, schema=_GROUPS)
    try:
        test = (
            gray_test(followed.time, followed.status, levels.to_list())
            if followed.competes
            else log_rank(
                followed.time, followed.status == EVENT, levels.to_list(), weights=weights
            )
        )
    except VertebriskError:
        return GroupTest(name, info.label or name, frame, None, len(order) - 1, None)
    return GroupTest(name, info.label or name, frame, test.statistic, test.df, test.p_value)


_GROUPS = {
    "level": pl.String,
    "n": pl.Int64,
    "n_events": pl.Int64,
    "incidence": pl.Float64,
    "conf_low": pl.Float64,
    "conf_high": pl.Float64,
}


def _levels_of(column: pl.Series) -> list[str]:
    if isinstance(column.dtype, pl.Enum):
        return list(column.dtype.categories)
    return sorted(column.cast(pl.String).unique().to_list())


def cohort_curves(
    followed: SurvivalOutcome,
    fit: AnyTimed,
    model: RiskModel,
    linear: FloatArray,
) -> Curves:
    """What the figures draw, at times rounded so that no patient's own is shown.

    `linear` is the linear predictor of the patients by the model, shape (n,); of several
    completed tables shape (tables, n).
    """
    event = followed.status == EVENT
    coarse = coarse_times(followed)
    if isinstance(fit, FineGrayFit):
        survival = _free_of_event(coarse, followed)
    else:
        survival = kaplan_meier(coarse, event, entry=followed.entry).frame
    incidence = None
    if followed.competes:
        incidence = cumulative_incidence(coarse, followed.status, entry=followed.entry).frame
    residuals, trend = _residuals(fit, _step(followed))
    auc, brier = _over_time(followed, fit, model, linear)
    return Curves(
        survival=survival,
        thirds=_thirds(coarse, followed, fit),
        incidence=incidence,
        residuals=residuals,
        trend=trend,
        auc=auc,
        brier=brier,
    )


def _residuals(fit: AnyTimed, step: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Scaled Schoenfeld residuals, rounded, and their smooth; over tables their means."""
    if isinstance(fit, FineGrayFit) or not fit.design.terms:
        return pl.DataFrame(), pl.DataFrame()
    rounded = ((pl.col("time") / step).round() * step, pl.col("x", "residual").round(3))
    if isinstance(fit, PooledFit):
        residuals = mean_residuals(fit.cox_fits, TRANSFORM)
        return residuals.with_columns(*rounded), pooled_trend(fit.cox_fits, TRANSFORM)
    if not has_errors(fit):
        return pl.DataFrame(), pl.DataFrame()
    return fit.schoenfeld(TRANSFORM).with_columns(*rounded), schoenfeld_trend(fit, TRANSFORM)


def coarse_times(followed: SurvivalOutcome) -> FloatArray:
    """Times rounded up to 1/200 of the follow-up, so that nobody leaves before entry."""
    step = _step(followed)
    return np.ceil(followed.time / step - 1e-9) * step if step > 0 else followed.time


def _step(followed: SurvivalOutcome) -> float:
    return float(followed.time.max()) / ROUNDING


def _thirds(times: FloatArray, followed: SurvivalOutcome, fit: AnyTimed) -> pl.DataFrame:
    """Curves by thirds of the predicted risk, lowest first; empty where risks hardly differ."""
    linear = fit.linear_predictor
    edges = np.quantile(linear, [1 / THIRDS, 2 / THIRDS])
    codes = np.searchsorted(edges, linear, side="left")
    event = followed.status == EVENT
    if np.unique(codes).size < THIRDS:
        return kaplan_meier(times, event).frame.clear()
    if isinstance(fit, FineGrayFit):
        return _free_of_event(times, followed, codes)
    return kaplan_meier(times, event, entry=followed.entry, group=codes).frame


def _free_of_event(
    times: FloatArray, followed: SurvivalOutcome, group: IntArray | None = None
) -> pl.DataFrame:
    """One minus the cumulative incidence, in the columns of a survival curve.

    With deaths censored a Kaplan-Meier curve falls faster than patients have the event.
    """
    found = cumulative_incidence(times, followed.status, group=group, times=np.unique(times))
    return (
        found.frame.filter(cause="event")
        .drop_nulls("estimate")
        .select(
            "group",
            "time",
            pl.col("n_risk").cast(pl.Float64),
            survival=1.0 - pl.col("estimate"),
            conf_low=1.0 - pl.col("conf_high"),
            conf_high=1.0 - pl.col("conf_low"),
        )
    )


def _over_time(
    followed: SurvivalOutcome, fit: AnyTimed, model: RiskModel, linear: FloatArray
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Time-dependent AUC and Brier score between the first event and the last horizon."""
    nothing = pl.DataFrame(), pl.DataFrame()
    if followed.entry is not None or not fit.design.terms or len(model.baselines) > 1:
        return nothing
    events = np.sort(followed.time[followed.status == EVENT])
    end = min(max(followed.horizons), model.limit)
    grid = np.linspace(events[0], end, POINTS + 1)[1:]
    hazards = np.array([model.baselines[0].at(float(time))[0] for time in grid])
    risks = [-np.expm1(-np.exp(own)[:, None] * hazards) for own in np.atleast_2d(linear)]
    try:
        auc = [time_dependent_auc(followed.time, followed.status, each, grid) for each in risks]
        brier = [brier_survival(followed.time, followed.status, each, grid) for each in risks]
    except VertebriskError:
        return nothing
    return (
        _over_tables([each.frame for each in auc], "estimate"),
        _over_tables([each.frame for each in brier], "brier"),
    )


def _over_tables(frames: Sequence[pl.DataFrame], name: str) -> pl.DataFrame:
    """One frame of several tables' by Rubin's rules; limits are cut to [0, 1]."""
    if len(frames) == 1:
        return frames[0]
    values, errors = (
        np.array([each[column].cast(pl.Float64).fill_null(np.nan).to_numpy() for each in frames])
        for column in (name, "std_error")
    )
    found = rubin.pool(values, errors**2)
    error = np.sqrt(found.total)
    reach = float(normal_quantile(0.975)) * error
    others = [column for column in frames[0].columns if column == "scaled"]
    return frames[0].with_columns(
        *(pl.Series(each, np.mean([one[each] for one in frames], axis=0)) for each in others),
        pl.Series(name, found.estimate),
        pl.Series("std_error", error).fill_nan(None),
        pl.Series("conf_low", np.maximum(found.estimate - reach, 0.0)).fill_nan(None),
        pl.Series("conf_high", np.minimum(found.estimate + reach, 1.0)).fill_nan(None),
    )
