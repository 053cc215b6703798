"""A split by time of a logistic fit: `LogisticFit.temporal_split`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.errors import ArgumentError, DataError, FitError
from vertebrisk.findings import by_severity
from vertebrisk.models.external import remarks
from vertebrisk.models.external.measuring import Resamples, decided, measured
from vertebrisk.models.validating.centres import BinaryFit
from vertebrisk.models.validating.periods import Moment, split_findings, split_of, terms_of
from vertebrisk.models.validating.plan import procedure_name
from vertebrisk.models.validating.scheme import repeated_procedure
from vertebrisk.validation.temporal import Period, TemporalSplit


def temporal_split(
    fit: BinaryFit,
    when: ArrayLike | str,
    data: object | None,
    since: Moment,
    thresholds: FloatArray,
    settings: Resamples,
    *,
    fixed: bool,
) -> TemporalSplit:
    """See `LogisticFit.temporal_split`."""
    if fit.sampling is not None:
        raise ArgumentError(
            "Controls were sampled, so the prevalence of the later patients is not known; a split "
            "by time needs a cohort."
        )
    split = split_of(fit, when, data, since, fit.clusters)
    later, event = split.later, fit.event
    for rows, name in ((~later, "earlier"), (later, "later")):
        _check_outcomes(event[rows], name)
    development, final = repeated_procedure(fit, fixed=fixed)
    made = development((~later)[None].astype(np.float64), final)
    if made.separated[0]:
        raise FitError(
            "The procedure gives no finite estimate on the earlier patients: the predictors "
            "separate those with and without the event. Choose a later date, or fit with "
            "estimator 'firth'."
        )
    linear = np.asarray(made.linear[0, made.patterns.of])
    risk = np.asarray(expit(linear[later]))
    table, smoother, curve = measured(event[later], risk, settings)
    earlier_part = split.period(~later, event, linear)
    later_part = split.period(later, event, linear)
    chosen = made.selected[0] if made.selected.shape[1] else final
    names = [term.name for term in development.design.terms]
    slope = dict(table.select("measure", "estimate").iter_rows())["slope"]
    findings = (
        *remarks.of_events(later_part.n, later_part.n_events),
        *remarks.of_risks(risk, slope),
        *split_findings(
            _smaller(earlier_part),
            _smaller(later_part),
            development.parameters,
            deficient=bool(made.deficient[0]),
            clustered=fit.clusters is not None,
        ),
    )
    return TemporalSplit(
        outcome=fit.outcome,
        by=split.by,
        since=split.since,
        kind="logistic",
        procedure=procedure_name(fit.development, fixed=fixed),
        terms=terms_of(names, chosen),
        earlier=earlier_part,
        later=later_part,
        horizon=None,
        time_unit="",
        level=settings.level,
        measures=table,
        smoother=smoother,
        calibration=curve,
        decision=decided(event[later], risk, thresholds, settings),
        findings=by_severity(findings),
    )


def _check_outcomes(event: BoolArray, name: str) -> None:
    n_events = int(event.sum())
    if n_events in (0, event.size):
        raise DataError(
            f"{'All' if n_events else 'None'} of the {event.size} {name} patients "
            f"{'have' if n_events else 'has'} the event; both sides of a split need patients with "
            "and without it. Choose another date."
        )


def _smaller(period: Period) -> int:
    return min(period.n_events, period.n - period.n_events)
