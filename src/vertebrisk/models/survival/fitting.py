"""`fit_cox`: data and formula in, a fitted Cox model out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, get_args, overload

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice
from vertebrisk._frames import as_polars
from vertebrisk._types import Estimator, FloatArray, IntArray, SelectionMethod, Ties, TimeUnit
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.design import Design
from vertebrisk.design.formulas import parse_survival_formula
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import ArgumentError, FewEventsWarning, FitError
from vertebrisk.findings import Finding
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.development import Selection
from vertebrisk.models.firth.asked import Firth, asked_firth
from vertebrisk.models.firth.cox import firth_cox_fit
from vertebrisk.models.firth.likelihoods import FirthPartial
from vertebrisk.models.firth.objections import monotone_finding, monotone_refusal
from vertebrisk.models.fitted import UsedRows
from vertebrisk.models.likelihoods import PartialLikelihood
from vertebrisk.models.objections.events import few_timed_events
from vertebrisk.models.penalised.fitting import fit_penalised_cox
from vertebrisk.models.penalised.penalty import Penalty, Shrinkage, asked_shrinkage
from vertebrisk.models.preparing import cluster_codes, designed
from vertebrisk.models.selection.choosing import developed, selection_findings
from vertebrisk.models.separation import find_monotone
from vertebrisk.models.streamed.asked import check_streamed
from vertebrisk.models.streamed.cox import StreamedCoxFit
from vertebrisk.models.streamed.cox_fitting import fit_cox_scan
from vertebrisk.models.survival.checking import (
    checked_horizons,
    refuse_dependent,
    refuse_lost,
    refuse_unfollowed,
)
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.inference import robust_covariance
from vertebrisk.models.survival.objections import heavy_ties, silent_strata
from vertebrisk.models.survival.reading import outcome_name, read_case_weights, read_rows
from vertebrisk.text.plurals import counted

Fit = TypeVar("Fit", CoxFit, StreamedCoxFit)


@overload
def fit_cox(  # type: ignore[overload-overlap]
    formula: str,
    data: PatientScan,
    *,
    ties: Ties | None = None,
    horizons: Sequence[float] | None = None,
    time_unit: TimeUnit | str = "",
    info: Mapping[str, VariableInfo] | None = None,
) -> StreamedCoxFit: ...


@overload
def fit_cox(
    formula: str,
    data: object,
    *,
    ties: Ties | None = None,
    estimator: Estimator = "ml",
    penalty: float | Penalty | None = None,
    mix: float | None = None,
    select: SelectionMethod | Selection = "prespecified",
    weights: str | None = None,
    cluster: str | None = None,
    robust: bool | None = None,
    horizons: Sequence[float] | None = None,
    time_unit: TimeUnit | str = "",
    info: Mapping[str, VariableInfo] | None = None,
) -> CoxFit: ...


def fit_cox(
    formula: str,
    data: object,
    *,
    ties: Ties | None = None,
    estimator: Estimator = "ml",
    penalty: float | Penalty | None = None,
    mix: float | None = None,
    select: SelectionMethod | Selection = "prespecified",
    weights: str | None = None,
    cluster: str | None = None,
    robust: bool | None = None,
    horizons: Sequence[float] | None = None,
    time_unit: TimeUnit | str = "",
    info: Mapping[str, VariableInfo] | None = None,
) -> CoxFit | StreamedCoxFit:
    """Which factors go with an earlier event, and what is each patient's risk by a time?

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ a + rcs(b, 4) + C(d, ref="x") + e:f + strata(g)``. The time
        runs from 0 to the event or to the last contact; the event is a boolean or 0/1
        column, or a rule such as ``status == 2``: true is the event, false a censored
        patient. ``Surv(entry, exit, event)`` where patients came under observation late:
        they are at risk in (entry, exit]. Each group of ``strata()`` has a baseline hazard
        of its own.
    data : frame
        polars, pandas or pyarrow, one row a patient. Rows with a missing time, event or
        predictor are left out and counted in `n_dropped`. Or a `PatientScan` of any number of
        patients: the result is then a `StreamedCoxFit` with the same numbers, of terms that are
        prespecified and estimated by maximum partial likelihood, without late entry.
    ties : {"efron", "breslow"}, optional
        Approximation for events at one time. By default the reference's: Efron's, as
        ``coxph``, or with a penalty Breslow's, as ``glmnet``.
    estimator : {"ml", "firth", "auto", "ridge", "lasso", "elastic_net"}
        Maximum partial likelihood; Firth's, whose estimate is always finite and nearly
        unbiased where events are rare (a `FirthCoxFit`); "auto" for Firth's where the
        likelihood is monotone, with a finding that says so, in each resample too; or one with
        a penalty, see `fit_logistic`: the result is then a `PenalisedCoxFit`, without standard
        errors and tests.
    penalty : float or Penalty, optional
        glmnet's lambda; by default found by cross-validation. See `fit_logistic`.
    mix : float, optional
        glmnet's alpha of an elastic net, 0.5 by default.
    select : {"prespecified", "univariable", "backward", "lasso", "stability"}
        or Selection
        How predictors are chosen among the candidates.
    weights : str, optional
        Column of case weights above 0, as those of ``coxph``: a weight multiplies what a
        patient adds to the likelihood, and does not add to the number of tied events.
    cluster : str, optional
        Column that names the patient where rows are vertebrae: errors are clustered, and
        whole patients are resampled.
    robust : bool, optional
        Errors from the sandwich (Lin and Wei). By default, as ``coxph``: with `cluster`, and
        with weights that are not whole numbers.
    horizons : sequence of float, optional
        Times by which risks are wanted, the principal one first. By default round times
        near the quartiles of the event times.
    time_unit : {"hours", "days", "weeks", "months", "years"}, optional
        Unit of all times.
    info : mapping, optional
        Labels, units and level orders by variable.

    Returns
    -------
    CoxFit

    Raises
    ------
    DataError
        A column is missing or unusable, times are negative or end before they begin, or no
        event occurs.
    ExpressionError
        The formula is not in the grammar.
    FitError
        No finite or unique estimate exists: constant or linearly dependent predictors, or
        a monotone likelihood, such as events in one group only (the message names the
        term).

    Warns
    -----
    FewEventsWarning
        Fewer than 10 events per candidate parameter.

    References
    ----------
    Cox 1972, doi:10.1111/j.2517-6161.1972.tb00899.x. Lin and Wei 1989,
    doi:10.1080/01621459.1989.10478874. R's ``survival::coxph`` and ``rms::cph``. Heinze and
    Schemper 2001, doi:10.1111/j.0006-341X.2001.00114.x.
    """
    check_choice(estimator, "estimator", Estimator)
    shrinkage = asked_shrinkage(estimator, penalty, mix)
    firth = asked_firth(estimator)
    if ties is None:
        ties = "efron" if shrinkage is None else "breslow"
    check_choice(ties, "ties", Ties)
    if not isinstance(formula, str):
        raise ArgumentError(
            "formula comes first and is a text, such as 'Surv(months, pain) ~ ivc + cement'."
        )
    selection = select if isinstance(select, Selection) else Selection(select)
    if isinstance(data, PatientScan):
        check_streamed(
            estimator=estimator != "ml",
            penalty=penalty is not None,
            mix=mix is not None,
            select=selection.chooses,
            weights=weights is not None,
            cluster=cluster is not None,
            robust=bool(robust),
        )
        streamed = fit_cox_scan(
            formula, data, ties=ties, horizons=horizons, time_unit=time_unit, info=info
        )
        return _warned(streamed)
    parsed = parse_survival_formula(formula)
    extra = [name for name in (weights, cluster) if name is not None]
    frame = as_polars(data)
    rows = read_rows(frame, parsed, extra)
    fit = fit_cox_prepared(
        rows.frame,
        rows.times,
        parsed.terms,
        selection,
        formula=formula,
        outcome_name=outcome_name(parsed),
        ties=ties,
        case_weights=None if weights is None else read_case_weights(rows.frame[weights]),
        clusters=None if cluster is None else cluster_codes(rows.frame[cluster]),
        robust=robust,
        strata=parsed.strata,
        strata_levels=rows.strata_levels,
        horizons=horizons,
        time_unit=time_unit,
        info=info,
        n_dropped=rows.n_dropped,
        findings=rows.findings,
        shrinkage=shrinkage,
        firth=firth,
    )
    return replace(_warned(fit), rows=UsedRows(rows.positions, frame.height, parsed.event))


def _warned(fit: Fit) -> Fit:
    for finding in fit.findings:
        if finding.code == "few-events":
            warnings.warn(finding.message, FewEventsWarning, stacklevel=3)
    return fit


def fit_cox_prepared(
    frame: pl.DataFrame,
    times: SurvivalTimes,
    terms: Sequence[WrittenTerm],
    selection: Selection,
    *,
    formula: str,
    outcome_name: str,
    ties: Ties = "efron",
    case_weights: FloatArray | None = None,
    clusters: IntArray | None = None,
    robust: bool | None = None,
    strata: Sequence[str] = (),
    strata_levels: Sequence[str] = (),
    horizons: Sequence[float] | None = None,
    time_unit: str = "",
    info: Mapping[str, VariableInfo] | None = None,
    n_dropped: Mapping[str, int] | None = None,
    findings: Sequence[Finding] = (),
    design: Design | None = None,
    shrinkage: Shrinkage | None = None,
    firth: Firth | None = None,
) -> CoxFit:
    """Fit on complete rows with checked times. See `fit_cox`.

    `design` gives knots and levels that are not to be learnt from these rows.
    """
    n, n_events = times.size, int(times.event.sum())
    check_followed(times, outcome_name)
    if shrinkage is not None:
        if robust:
            raise ArgumentError(
                "robust is True, and a penalised fit has no standard errors; leave robust out."
            )
        return fit_penalised_cox(
            frame,
            times,
            terms,
            selection,
            shrinkage,
            formula=formula,
            outcome_name=outcome_name,
            ties=ties,
            case_weights=case_weights,
            clusters=clusters,
            strata=strata,
            strata_levels=strata_levels,
            horizons=horizons,
            time_unit=time_unit,
            info=info,
            n_dropped=n_dropped,
            findings=findings,
            design=design,
        )
    kind = _covariance_kind(robust, case_weights, clusters)
    when = checked_horizons(horizons, times)
    if time_unit and time_unit not in get_args(TimeUnit):
        check_choice(time_unit, "time_unit", TimeUnit)
    design, codes = designed(frame, terms, info, design)
    likelihood = PartialLikelihood(times, ties, case_weights)
    procedure = likelihood if firth is None else FirthPartial(likelihood, firth)
    development = developed(design, codes, procedure, selection, clusters)
    design, chosen = development.design, development.chosen()
    everyone = np.ones((1, n))
    columns = development.term_columns(chosen)
    final = design.keep(term.name for term, use in zip(design.terms, chosen, strict=True) if use)
    fits = development.subset(columns, everyone).fits
    assert isinstance(fits, CoxFits)
    likely = fits if firth is None else None
    used = development.of_columns(columns)
    monotone = find_monotone(final, used, times, likely)
    if monotone is not None and firth is None:
        raise FitError(monotone_refusal(monotone, outcome_name))
    refuse_lost(final, fits)
    refuse_dependent(final, fits, used, likelihood)
    naive = fits.covariance()
    covariance = naive
    if clusters is not None:
        _check_clusters(clusters, len(final.columns))
    if kind != "model":
        covariance = robust_covariance(used, fits.beta[0], naive, likelihood, clusters)
    found = [*few_timed_events(n_events, development.parameters), *findings]
    found += [*heavy_ties(times, ties), *silent_strata(times)]
    found += selection_findings(development, len(final.terms))
    if monotone is not None and firth is not None:
        found.append(monotone_finding(monotone, outcome_name))
    fit = CoxFit(
        formula=formula,
        design=final,
        beta=fits.beta[0],
        cov=covariance,
        naive_cov=naive,
        covariance_kind=kind,
        log_likelihood=float(fits.log_likelihood[0]),
        null_log_likelihood=float(fits.null_log_likelihood[0]),
        n=n,
        n_events=n_events,
        n_dropped=dict(n_dropped or {}),
        development=development,
        chosen=chosen,
        clusters=clusters,
        strata=tuple(strata),
        strata_levels=tuple(strata_levels),
        horizons=when,
        time_unit=time_unit,
        findings=tuple(found),
        outcome=outcome_name,
    )
    if firth is None or (firth.only_separated and monotone is None):
        return fit
    return firth_cox_fit(fit)


def check_followed(times: SurvivalTimes, outcome_name: str) -> None:
    """Refuse patients without an event, or without follow-up."""
    refuse_unfollowed(times.size, int(times.event.sum()), float(times.exit.max()), outcome_name)


def _check_clusters(clusters: IntArray, parameters: int) -> None:
    count = int(clusters.max()) + 1
    if count <= parameters:
        raise FitError(
            f"The rows belong to {counted(count, 'cluster')}, and the model has "
            f"{counted(parameters, 'coefficient')}; clustered errors need more clusters than "
            "coefficients."
        )


def _covariance_kind(
    robust: bool | None, case_weights: FloatArray | None, clusters: IntArray | None
) -> str:
    if clusters is not None:
        if robust is False:
            raise ArgumentError(
                "cluster is given and robust is False; rows of one patient are not independent, "
                "so leave robust out, or leave cluster out."
            )
        return "cluster"
    if robust is None:
        fractional = case_weights is not None and (case_weights % 1 != 0).any()
        return "robust" if fractional else "model"
    return "robust" if robust else "model"
