"""A Cox model updated to new patients: a baseline of their own, and perhaps one slope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray
from vertebrisk.design.encode import encode
from vertebrisk.design.formulas import parse_survival_formula
from vertebrisk.errors import DataError, FitError, ModelError
from vertebrisk.findings import Finding
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.survival.baseline import baseline_hazards
from vertebrisk.kernels.survival.cox import fit_cox_batch
from vertebrisk.kernels.survival.moments import Moments
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.portable.baseline import Baseline
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival.fit import FARTHEST
from vertebrisk.models.survival.fitting import check_followed
from vertebrisk.models.survival.portable import portable_baselines
from vertebrisk.models.survival.reading import read_rows
from vertebrisk.models.updating.methods import UPDATES, Method
from vertebrisk.models.updating.patients import complete, unusable

ROW = "vertebrisk:row"


@dataclass(frozen=True, slots=True, eq=False)
class FollowedPatients:
    """Patients with follow-up and all inputs; `matrix` has the model's columns, shape (n, p)."""

    matrix: FloatArray
    times: SurvivalTimes
    n_dropped: Mapping[str, int]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """The slope of a linear predictor in new patients, and the test of 1.

    Attributes
    ----------
    slope : float
    log_likelihood, at_one : float
        Partial, at the slope and at 1.
    reason : str
        Why there is none; empty where there is.
    """

    slope: float
    log_likelihood: float
    at_one: float
    reason: str = ""


def followed_patients(model: RiskModel, data: object, outcome: str) -> FollowedPatients:
    """Read by the model's own design; `outcome` is ``Surv(time, event)``.

    Raises
    ------
    DataError, ExpressionError
        A column is missing, times are none, no patient is complete, or none has the event.
    """
    formula = parse_survival_formula(f"{outcome} ~ 1")
    frame = as_polars(data).with_columns(pl.Series(ROW, range(as_polars(data).height)))
    rows = read_rows(frame, formula, [])
    encoded = encode(model.design, frame)
    matrix = np.empty((frame.height, 0))
    if model.design.terms:
        matrix = model.design.matrix(encoded.codes)
    timed = np.zeros(frame.height, dtype=np.bool_)
    timed[rows.frame[ROW].to_numpy()] = True
    left, counts = complete(encoded, matrix, ~timed)
    counts.pop("outcome missing", None)
    n_dropped = {**rows.n_dropped, **counts}
    if not left.any():
        reasons = [f"{reason}: {count}" for reason, count in n_dropped.items()]
        raise DataError(
            f"No patient has follow-up and every input of the model ({listed(reasons)})."
        )
    times = rows.times.take(left[timed])
    check_followed(times, formula.event.source)
    found = (*unusable(encoded), *rows.findings)
    return FollowedPatients(matrix[left], times, n_dropped, found)


def check_survival_model(model: RiskModel) -> None:
    """Refuse what has more than one hazard to update.

    Raises
    ------
    ModelError
        For Fine and Gray's model, and for strata.
    """
    if model.kind != "cox":
        raise ModelError(
            f"The model is of the kind '{model.kind}'; logistic and Cox models are updated."
        )
    if model.strata:
        raise ModelError(
            f"The model has a baseline for each group of {listed(model.strata)}; only a Cox model "
            "with one baseline is updated."
        )


def slope_of(model: RiskModel, patients: FollowedPatients) -> Slopes:
    """Cox regression on the linear predictor alone, with Efron's ties."""
    linear = patients.matrix @ model.beta
    fits = fit_cox_batch(linear[:, None], patients.times, offset=linear)
    at_one = float(fits.null_log_likelihood[0])
    if fits.deficient[0]:
        return Slopes(np.nan, np.nan, at_one, "the original risk is the same in all patients")
    if fits.separated[0]:
        return Slopes(np.nan, np.nan, at_one, "the events fall in the order of the original risks")
    return Slopes(1.0 + float(fits.beta[0, 0]), float(fits.log_likelihood[0]), at_one)


def slope_table(found: Slopes) -> pl.DataFrame:
    """Both updates, and the likelihood-ratio test of a slope of 1."""
    ratio = max(2.0 * (found.log_likelihood - found.at_one), 0.0)
    p_value = float(chi2_upper(ratio, 1)) if not found.reason else np.nan
    nothing = (None, None, None)
    rows = [
        ("baseline", 0, found.at_one, 0.0, None, *nothing, False, ""),
        (
            "recalibration",
            1,
            found.log_likelihood,
            np.nan if found.reason else ratio,
            p_value,
            *nothing,
            False,
            found.reason,
        ),
    ]
    return pl.DataFrame(rows, schema=UPDATES, orient="row").fill_nan(None)


def new_baseline(
    beta: FloatArray, patients: FollowedPatients, horizons: tuple[float, ...]
) -> Baseline:
    """Efron's baseline hazard of the new patients, the coefficients known.

    Raises
    ------
    FitError
        It is too small or too large to be written.
    """
    moments = Moments.of(patients.matrix, patients.times, beta)
    shift = float(moments.centre @ beta)
    if abs(shift) > FARTHEST:
        raise FitError(
            "The baseline hazard for covariates of zero is too small or too large to be written "
            f"(the mean linear predictor is {shift:.4g}). Check the units of the inputs."
        )
    last = np.array([patients.times.exit.max()])
    return portable_baselines(baseline_hazards(moments, beta, last), ("",), horizons)[0]


def stretched_covariance(
    original: FloatArray, covariance: FloatArray, slope: float, patients: FollowedPatients
) -> FloatArray:
    """Covariance of slope times the original coefficients: the errors of both.

    The derivative of the slope by the original coefficients is that of the implicit function
    which the score of the slope defines.
    """
    moments = Moments.of(patients.matrix, patients.times, slope * original)
    information = moments.information()
    own = float(original @ information @ original)
    turned = (moments.gradient() - slope * information @ original) / own
    jacobian = slope * np.eye(original.size) + np.outer(original, turned)
    total = jacobian @ covariance @ jacobian.T + np.outer(original, original) / own
    return np.asarray(0.5 * (total + total.T))


def kept_horizons(
    model: RiskModel, patients: FollowedPatients
) -> tuple[tuple[float, ...], list[Finding]]:
    """The model's horizons inside the follow-up of the new patients.

    Raises
    ------
    DataError
        None is.
    """
    last = float(patients.times.exit.max())
    kept = tuple(each for each in model.horizons if each <= last)
    lost = [f"{each:g}" for each in model.horizons if each > last]
    if not kept:
        raise DataError(
            f"The new patients are followed to {last:g}, and the model predicts at {listed(lost)}; "
            "follow them longer, or check the unit of the times."
        )
    if not lost:
        return kept, []
    return kept, [
        Finding(
            code="horizons-beyond-follow-up",
            severity="warning",
            message=f"The updated model has no risk at {listed(lost)}: the new patients are "
            f"followed to {last:g}.",
            remedy="Follow them longer, and update again.",
        )
    ]


def as_method(method: str) -> Method:
    """The update that is asked of a Cox model.

    Raises
    ------
    ModelError
        For one that it has not.
    """
    if method == "baseline":
        return "baseline"
    if method == "recalibration":
        return "recalibration"
    raise ModelError(
        f"method is '{method}', and a Cox model is updated by 'baseline' (its coefficients kept) "
        "or 'recalibration' (a slope, too); name one. A revision is a fit_cox of the new patients."
    )
