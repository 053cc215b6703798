"""A Cox model in new patients: a baseline of their own, and the ways to update coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk._frames import as_polars
from vertebrisk._types import DataKind, FloatArray, IntArray
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.design import Design
from vertebrisk.design.encode import encode
from vertebrisk.design.formulas import parse_survival_formula
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import DataError, FitError, ModelError
from vertebrisk.findings import Finding
from vertebrisk.kernels.survival.baseline import baseline_hazards
from vertebrisk.kernels.survival.cox import CoxFits, fit_cox_batch
from vertebrisk.kernels.survival.moments import Moments
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.external.counting import data_kind
from vertebrisk.models.external.remarks import of_units
from vertebrisk.models.portable.baseline import Baseline
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.separation import find_monotone
from vertebrisk.models.survival.fit import FARTHEST
from vertebrisk.models.survival.fitting import check_followed
from vertebrisk.models.survival.portable import portable_baselines
from vertebrisk.models.survival.reading import read_rows
from vertebrisk.models.updating.extension import extended, lacking
from vertebrisk.models.updating.methods import (
    EXTENDING,
    Estimate,
    Method,
    anew,
    beside_original,
    impossible,
    indistinct,
)
from vertebrisk.models.updating.patients import complete, of_outcome, unusable
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import counted

ROW = "vertebrisk:row"


@dataclass(frozen=True, slots=True, eq=False)
class FollowedPatients:
    """Patients with follow-up and all inputs.

    Attributes
    ----------
    matrix : array, shape (n, p)
        The model's columns.
    added : array, shape (n, q)
        Those of the terms that extend it.
    added_terms : int
    design : Design
        The model's, with those terms.
    times : SurvivalTimes
    codes : mapping of str to array
    data_kind, n_dropped, findings
        As in `NewPatients`.
    """

    matrix: FloatArray
    added: FloatArray
    added_terms: int
    design: Design
    times: SurvivalTimes
    codes: Mapping[str, FloatArray]
    data_kind: DataKind
    n_dropped: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def whole(self) -> FloatArray:
        """Columns of the model and of what extends it, shape (n, p + q)."""
        return np.column_stack([self.matrix, self.added])

    @property
    def n(self) -> int:
        """Patients that are used."""
        return self.times.size

    @property
    def n_events(self) -> int:
        """Those of them with the event."""
        return int(self.times.event.sum())

    @property
    def smaller(self) -> tuple[int, str]:
        """Patients who tell of the hazard, and what they are."""
        return self.n_events, "event"

    def take(self, rows: IntArray) -> FollowedPatients:
        """The patients of some rows, each as often as it is named."""
        return replace(
            self,
            matrix=self.matrix[rows],
            added=self.added[rows],
            times=self.times.take(rows),
            codes={name: own[rows] for name, own in self.codes.items()},
        )


def followed_patients(
    model: RiskModel,
    data: object,
    outcome: str,
    extension: Sequence[WrittenTerm] = (),
    info: Mapping[str, VariableInfo] | None = None,
) -> FollowedPatients:
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
    left, counts = complete(encoded, matrix, ~timed, lacking(frame, extension))
    counts.pop("outcome missing", None)
    n_dropped = {**rows.n_dropped, **counts}
    if not left.any():
        reasons = [f"{reason}: {count}" for reason, count in n_dropped.items()]
        raise DataError(
            f"No patient has follow-up and every input of the model ({listed(reasons)})."
        )
    times = rows.times.take(left[timed])
    check_followed(times, formula.event.source)
    design, codes, added = extended(model.design, frame.filter(left), extension, info)
    return FollowedPatients(
        matrix=matrix[left],
        added=added,
        added_terms=len(extension),
        design=design,
        times=times,
        codes={**{name: own[left] for name, own in encoded.codes.items()}, **codes},
        data_kind=data_kind(frame),
        n_dropped=n_dropped,
        findings=(
            *unusable(encoded),
            *of_units(model.design, encoded),
            *rows.findings,
            *of_outcome(design, (*formula.times, *formula.event.names)),
        ),
    )


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


def hazard_estimates(model: RiskModel, patients: FollowedPatients) -> dict[Method, Estimate]:
    """Every way to update the coefficients, the baseline anew; by partial likelihood."""
    linear = patients.matrix @ model.beta
    fits = fit_cox_batch(linear[:, None], patients.times, offset=linear)
    at_one = float(fits.null_log_likelihood[0])
    found = [
        Estimate("baseline", 0, at_one, model.beta, np.ones(1), np.empty((0, 0))),
        _recalibrated(model, fits),
        _revised("revision", patients),
    ]
    if patients.added.shape[1]:
        found.insert(2, _extended(model, linear, patients))
        found.append(_revised("revised-extension", patients))
    return {each.method: each for each in found}


def _recalibrated(model: RiskModel, fits: CoxFits) -> Estimate:
    if fits.deficient[0]:
        return impossible("recalibration", 1, "the original risk is the same in all patients")
    if fits.separated[0]:
        return impossible("recalibration", 1, "the events fall in the order of the original risks")
    moved = 1.0 + fits.beta[0]
    return _estimated("recalibration", fits, moved[0] * model.beta, moved)


def _extended(model: RiskModel, linear: FloatArray, patients: FollowedPatients) -> Estimate:
    columns = np.column_stack([linear, patients.added])
    design = beside_original(patients.design, patients.added_terms)
    reason = _few(columns.shape[1], patients) or _not_estimable(design, columns, patients)
    if reason:
        return impossible("extension", columns.shape[1], reason)
    fits = fit_cox_batch(columns, patients.times, offset=linear)
    moved = np.concatenate([1.0 + fits.beta[0, :1], fits.beta[0, 1:]])
    coefficients = np.concatenate([moved[0] * model.beta, moved[1:]])
    return _estimated("extension", fits, coefficients, moved)


def _revised(method: Method, patients: FollowedPatients) -> Estimate:
    columns = patients.whole if method in EXTENDING else patients.matrix
    df = columns.shape[1]
    design = anew(method, patients.design, patients.added_terms)
    reason = _not_estimable(design, columns, patients)
    if method in EXTENDING:
        reason = _few(df, patients) or reason
    if reason:
        return impossible(method, df, reason)
    fits = fit_cox_batch(columns, patients.times)
    return _estimated(method, fits, fits.beta[0], np.empty(0))


def _few(parameters: int, patients: FollowedPatients) -> str:
    if patients.n_events >= parameters:
        return ""
    return f"it has {parameters} parameters for {counted(patients.n_events, 'event')}"


def _not_estimable(design: Design, columns: FloatArray, patients: FollowedPatients) -> str:
    reason = indistinct(design, columns)
    if reason:
        return reason
    monotone = find_monotone(design, columns, patients.times)
    if monotone is not None:
        return f"{monotone.text} those with the event from those at risk"
    return ""


def _estimated(
    method: Method, fits: CoxFits, coefficients: FloatArray, moved: FloatArray
) -> Estimate:
    df = fits.beta.shape[1]
    if not fits.converged[0] or fits.deficient[0]:
        return impossible(method, df, "no finite and unique estimate was found")
    likelihood = float(fits.log_likelihood[0])
    return Estimate(method, df, likelihood, coefficients, moved, fits.covariance())


def new_baseline(
    beta: FloatArray, columns: FloatArray, times: SurvivalTimes, horizons: tuple[float, ...]
) -> Baseline:
    """Efron's baseline hazard of the new patients, the coefficients of their columns known.

    Raises
    ------
    FitError
        It is too small or too large to be written.
    """
    moments = Moments.of(columns, times, beta)
    shift = float(moments.centre @ beta)
    if abs(shift) > FARTHEST:
        raise FitError(
            "The baseline hazard for covariates of zero is too small or too large to be written "
            f"(the mean linear predictor is {shift:.4g}). Check the units of the inputs."
        )
    last = np.array([times.exit.max()])
    return portable_baselines(baseline_hazards(moments, beta, last), ("",), horizons)[0]


def stretched_covariance(
    original: FloatArray, covariance: FloatArray, update: Estimate, patients: FollowedPatients
) -> FloatArray:
    """Covariance of slope times the original coefficients, and of new ones: errors of both.

    The derivative of what was estimated by the original coefficients is that of the implicit
    function which its score defines. `covariance`, shape (p, p), is that of `original`.
    """
    slope, new = float(update.moved[0]), update.moved.size - 1
    columns = patients.whole if new else patients.matrix
    moments = Moments.of(columns, patients.times, update.coefficients)
    information, size = moments.information(), original.size
    directions = np.zeros((size + new, 1 + new))
    directions[:size, 0] = original
    directions[size:, 1:] = np.eye(new)
    score = -slope * directions.T @ information[:, :size]
    score[0] += moments.gradient()[:size]
    own = np.linalg.inv(directions.T @ information @ directions)
    jacobian = slope * np.eye(size + new, size) + directions @ own @ score
    total = jacobian @ covariance @ jacobian.T + directions @ own @ directions.T
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
            message=say(
                "The updated model has no risk at {lost}: the new patients are followed to "
                "{last:g}.",
                lost=listed(lost),
                last=last,
            ),
            remedy=say("Follow them longer, and update again."),
        )
    ]
