"""External validation of a RiskModel: new patients, their outcome, and how well it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_thresholds, check_fraction, check_positive_int, check_seed
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, DataKind, FloatArray
from vertebrisk.cohort.reading import read_cells
from vertebrisk.design.encode import encode
from vertebrisk.design.rules import Expression
from vertebrisk.errors import ArgumentError, DataError, ModelError
from vertebrisk.findings import Finding, by_severity
from vertebrisk.models.external import remarks
from vertebrisk.models.external.measuring import Resamples, binned, log_odds, measured
from vertebrisk.models.external.results import Counts, ExternalValidation
from vertebrisk.models.portable.flagging import AVERAGED
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.scoring import with_levels, with_unreadable
from vertebrisk.text.plurals import counted
from vertebrisk.validation.decision import decision_curve
from vertebrisk.validation.discrimination import roc_curve
from vertebrisk.validation.results import DecisionCurve

NOT_REAL: tuple[DataKind, ...] = ("simulated", "reconstructed")
EXTRAPOLATION = "extrapolation: "
REASONS = ("missing: ", "unreadable: ", "unknown level: ", "not a number: ", "outside the domain")


def external_validation(
    model: RiskModel,
    patients: object,
    *,
    outcome: str,
    thresholds: ArrayLike = (),
    resamples: int = 1000,
    seed: int = 1,
    level: float = 0.95,
) -> ExternalValidation:
    """How well does a model do on patients that it was not made from?

    Nothing is estimated anew: knots, levels and coefficients are the model's.

    Parameters
    ----------
    model : RiskModel
        With one time point (logistic).
    patients : frame
        polars, pandas or pyarrow; one row a patient, columns named as the model's predictors,
        and those that `outcome` reads.
    outcome : str
        A column that is true and false or 1 and 0, or a rule such as ``vas_1m >= 4``, true where
        the event occurred, by the model's definition and time point. Rows where it is
        missing are left out and counted.
    thresholds : array-like, shape (k,)
        Risks between 0 and 1 at which one would act, for the decision curve.
    resamples, seed, level
        Number and seed of the bootstrap resamples of patients, the model held fixed, and the
        confidence level.

    Returns
    -------
    ExternalValidation
        `measures`: C-index with DeLong's interval; in_the_large, intercept, slope and
        observed_expected with Wald's; brier, brier_scaled, r2 (Nagelkerke, of the risks as they
        stand, as ``rms::val.prob``) with percentile intervals of the bootstrap; ici, e50, e90 and
        emax with the same moved onto the estimate and cut at 0, since a resample's own curve
        strays further from its risks than the patients' does. With one event or non-event none
        of these has limits. Over 700 patients fewer resamples get a curve (never under 100),
        over 5,000 none, so that ici, e50, e90 and emax have no limits.
        Missing inputs follow the model's own policy: rows with them are left out and
        counted by reason, or averaged over and counted where it has `missing_inputs`.

    Raises
    ------
    ModelError
        For a model of time to event, or one without risks since its controls were matched.
    ExpressionError
        When `outcome` cannot be understood or read from the table.
    DataError
        When a predictor's column is missing, no row has both outcome and risk, or those that
        have are all with the event, or all without.
    ArgumentError
        For thresholds, resamples, seed or level that are not allowed.

    References
    ----------
    Collins, Ogundimu and Altman 2016, doi:10.1002/sim.6787 (events). Austin and Steyerberg 2019,
    doi:10.1002/sim.8281 (ici). Van Calster et al. 2016, doi:10.1016/j.jclinepi.2015.12.005.
    """
    _check_model(model)
    frame = as_polars(patients)
    settings = _settings(resamples, seed, level)
    return _validated(
        model, frame, model.predict(frame), outcome, as_thresholds(thresholds), settings
    )


def validate_file(
    model: RiskModel,
    path: str | Path,
    *,
    outcome: str,
    thresholds: ArrayLike = (),
    resamples: int = 1000,
    seed: int = 1,
) -> ExternalValidation:
    """`external_validation` on a patient file, whose unreadable cells are told from empty ones."""
    _check_model(model)
    settings = _settings(resamples, seed, 0.95)
    table = with_levels(model, *read_cells(Path(path)))
    risks = with_unreadable(model.predict(table.frame), table)
    cuts = as_thresholds(thresholds)
    read = tuple(each for each in table.findings if each.severity != "note")
    return _validated(model, table.frame, risks, outcome, cuts, settings, read)


def _check_model(model: RiskModel) -> None:
    if model.kind != "logistic":
        raise ModelError(
            "This is a model of time to event; external validation takes models with one time "
            "point. Use concordance, calibration_survival and brier_survival with its risks."
        )
    if model.population.refuses_risks:
        raise ModelError("Its controls were matched, so the model has no risk to validate.")


def _settings(resamples: int, seed: int, level: float) -> Resamples:
    check_positive_int(resamples, "resamples")
    check_seed(seed)
    check_fraction(level, "level")
    return Resamples(resamples, seed, level)


def _validated(
    model: RiskModel,
    frame: pl.DataFrame,
    risks: pl.DataFrame,
    outcome: str,
    thresholds: FloatArray,
    settings: Resamples,
    read: tuple[Finding, ...] = (),
) -> ExternalValidation:
    rule = _rule(outcome)
    truth = rule.rule(frame)
    known = truth.is_not_null().to_numpy()
    use = known & risks["risk"].is_not_null().to_numpy()
    counts = _counts(risks["flags"], truth, known, use)
    _check_classes(counts)
    event = truth.fill_null(value=False).to_numpy().astype(np.bool_)[use]
    risk = risks["risk"].to_numpy()[use].astype(np.float64)
    table, smoother, curve = measured(event, risk, settings)
    whole = bool(((risk > 0.0) & (risk < 1.0)).all())
    findings = (
        *remarks.of_events(counts.n, counts.n_events),
        *remarks.of_rows(counts),
        *remarks.of_inputs(model, frame, encode(model.design, frame)),
        *remarks.of_model(model, rule.names),
        *remarks.of_risks(risk, dict(table.select("measure", "estimate").iter_rows())["slope"]),
        *read,
    )
    return ExternalValidation(
        outcome=outcome,
        counts=counts,
        measures=table,
        smoother=smoother,
        calibration=curve,
        roc=roc_curve(event, risk, level=settings.level),
        decision=_decision(event, risk, thresholds, settings),
        linear_predictor_mean=float(log_odds(risk).mean()) if whole else None,
        linear_predictor_sd=float(log_odds(risk).std(ddof=1)) if whole else None,
        linear_predictors=binned(event, log_odds(risk)) if whole else None,
        data_kind=data_kind(frame),
        findings=by_severity(findings),
    )


def data_kind(frame: pl.DataFrame) -> DataKind:
    """What the patients are: real, unless the column `data_kind` says otherwise of any."""
    if "data_kind" not in frame.columns:
        return "real"
    said = set(frame["data_kind"].cast(pl.String).str.to_lowercase().drop_nulls())
    return next((kind for kind in NOT_REAL if kind in said), "real")


def _rule(outcome: str) -> Expression:
    if not isinstance(outcome, str) or not outcome.strip():
        raise ArgumentError(
            f"outcome is {outcome!r}; name a column or write a rule, such as 'vas_1m >= 4'."
        )
    return Expression.parse(outcome)


def _counts(flags: pl.Series, truth: pl.Series, known: BoolArray, use: BoolArray) -> Counts:
    lost = _tally(flags, known & ~use)
    reasons = {text: count for text, count in lost.items() if text.startswith(REASONS)}
    measured_ones = _tally(flags, use)
    return Counts(
        rows=flags.len(),
        n=int(use.sum()),
        n_events=int(truth.filter(pl.Series(use)).sum()),
        outcome_missing=int((~known).sum()),
        not_scored=int((known & ~use).sum()),
        reasons=reasons,
        averaged=_after(AVERAGED, measured_ones),
        extrapolated=_after(EXTRAPOLATION, measured_ones),
    )


def _tally(flags: pl.Series, rows: BoolArray) -> Counter[str]:
    """How many of some rows have each remark, the most frequent first."""
    found: Counter[str] = Counter()
    for text, count in flags.filter(pl.Series(rows)).value_counts(sort=True).iter_rows():
        for part in text.split("; ") if text else ():
            found[part] += count
    return Counter(dict(sorted(found.items(), key=lambda each: (-each[1], each[0]))))


def _after(prefix: str, remarked: Mapping[str, int]) -> dict[str, int]:
    return {
        text.removeprefix(prefix): count
        for text, count in remarked.items()
        if text.startswith(prefix)
    }


def _check_classes(counts: Counts) -> None:
    if counts.n == 0:
        why = remarks.reasons_text(counts)
        raise DataError(
            f"None of {counted(counts.rows, 'row')} has both an outcome and a risk: "
            f"{counts.outcome_missing} without an outcome, {counts.not_scored} without a risk"
            f"{f' ({why})' if why else ''}."
        )
    if counts.n_events in (0, counts.n):
        have = "all have" if counts.n_events else "none has"
        raise DataError(
            f"Of {counted(counts.n, 'patient')} with outcome and risk, {have} the event; a "
            "validation needs patients with and without it. Check the outcome rule."
        )


def _decision(
    event: BoolArray, risk: FloatArray, thresholds: FloatArray, settings: Resamples
) -> DecisionCurve | None:
    if thresholds.size == 0:
        return None
    frame = decision_curve(
        event,
        risk,
        thresholds,
        resamples=settings.number,
        seed=settings.seed,
        level=settings.level,
    )
    return DecisionCurve(frame, float(event.mean()))
