"""`fit_logistic`: data and formula in, a fitted model out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, overload

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice, listed
from vertebrisk._frames import as_polars
from vertebrisk._types import Estimator, FloatArray, IntArray, MeanRisk, SelectionMethod
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.design.build import VariableInfo, needed_columns
from vertebrisk.design.design import Design
from vertebrisk.design.formulas import outcome_name, parse_formula
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.engines.threads import one_thread
from vertebrisk.errors import ArgumentError, DataError, FewEventsWarning, FitError
from vertebrisk.findings import Finding
from vertebrisk.kernels.newton import LogisticFits
from vertebrisk.kernels.sampling import SourcePopulation
from vertebrisk.models import inference
from vertebrisk.models.development import Selection
from vertebrisk.models.firth.asked import Firth, asked_firth
from vertebrisk.models.firth.fit import firth_fit
from vertebrisk.models.firth.likelihoods import FirthBinary
from vertebrisk.models.firth.objections import refusal, separated
from vertebrisk.models.fitted import UsedRows
from vertebrisk.models.likelihoods import BinaryLikelihood
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.logistic.sampled import corrected_covariance
from vertebrisk.models.objections.events import few_events
from vertebrisk.models.penalised.fitting import fit_penalised_logistic
from vertebrisk.models.penalised.penalty import Penalty, Shrinkage, asked_shrinkage
from vertebrisk.models.preparing import (
    check_predictors,
    cluster_codes,
    complete_rows,
    designed,
    frequencies,
)
from vertebrisk.models.selection.choosing import developed, selection_findings
from vertebrisk.models.separation import find_separation
from vertebrisk.models.streamed.asked import check_streamed
from vertebrisk.models.streamed.logistic import StreamedLogisticFit

Fit = TypeVar("Fit", LogisticFit, StreamedLogisticFit)


@overload
def fit_logistic(  # type: ignore[overload-overlap]
    formula: str, data: PatientScan, *, info: Mapping[str, VariableInfo] | None = None
) -> StreamedLogisticFit: ...


@overload
def fit_logistic(
    formula: str,
    data: object,
    *,
    estimator: Estimator = "ml",
    mean_risk: MeanRisk | None = None,
    penalty: float | Penalty | None = None,
    mix: float | None = None,
    select: SelectionMethod | Selection = "prespecified",
    weights: str | None = None,
    cluster: str | None = None,
    source: SourcePopulation | None = None,
    info: Mapping[str, VariableInfo] | None = None,
) -> LogisticFit: ...


def fit_logistic(
    formula: str,
    data: object,
    *,
    estimator: Estimator = "ml",
    mean_risk: MeanRisk | None = None,
    penalty: float | Penalty | None = None,
    mix: float | None = None,
    select: SelectionMethod | Selection = "prespecified",
    weights: str | None = None,
    cluster: str | None = None,
    source: SourcePopulation | None = None,
    info: Mapping[str, VariableInfo] | None = None,
) -> LogisticFit | StreamedLogisticFit:
    """Which factors go with the event, and what is each patient's risk?

    Parameters
    ----------
    formula : str
        ``event ~ a + rcs(b, 4) + C(d, ref="x") + e:f``. The left side is a boolean or 0/1
        column, or a rule such as ``vas_mean >= 4``: true is the event. The right side
        lists predictors, or candidates where `select` chooses among them.
    data : frame
        polars, pandas or pyarrow, one row a patient. Rows with a missing outcome or
        predictor are left out and counted in `n_dropped`. Or a `PatientScan` of any number of
        patients: the result is then a `StreamedLogisticFit` with the same numbers, of terms
        that are prespecified and estimated by maximum likelihood.
    estimator : {"ml", "firth", "auto", "ridge", "lasso", "elastic_net"}
        Maximum likelihood. Firth's penalised likelihood, whose estimate is always finite and
        nearly unbiased where events are rare; the result is a `FirthLogisticFit`. "auto":
        Firth's where the outcomes are separated, with a finding that says so, and maximum
        likelihood elsewhere, in each resample too. Or a penalty, as ``glmnet``: columns are
        penalised in their standard deviations, each level of a category by itself. The result
        is then a `PenalisedLogisticFit`, without standard errors and tests.
    mean_risk : {"flic", "flac", "uncorrected"}, optional
        Firth's estimate draws the mean risk towards one half. "flic", the default, estimates
        the intercept anew so that the mean risk is the prevalence; "flac" adds a covariate,
        which moves the other coefficients, too; "uncorrected" leaves Firth's own.
    penalty : float or Penalty, optional
        glmnet's lambda; by default found by 10-fold cross-validation, in validation anew in
        every resample. `Penalty` says otherwise: "1se", folds, seed, AUC.
    mix : float, optional
        glmnet's alpha of an elastic net, 0.5 by default.
    select : {"prespecified", "univariable", "backward", "lasso", "stability"}
        or Selection
        How predictors are chosen among the candidates.
    weights : str, optional
        Column of whole frequencies; a row counts as that many patients.
    cluster : str, optional
        Column that names the patient where rows are vertebrae: errors are then
        clustered (as ``rms::robcov``) and whole patients are resampled.
    source : SourcePopulation, optional
        Where controls were sampled, the population that they came from: intercept, risks and
        performance are then those of that population (King and Zeng 2001).
    info : mapping, optional
        Labels, units and level orders by variable.

    Returns
    -------
    LogisticFit

    Raises
    ------
    DataError
        A column is missing or unusable, or only one outcome class occurs.
    ExpressionError
        The formula is not in the grammar.
    FitError
        No finite or unique estimate exists: constant or linearly dependent predictors,
        more parameters than patients, separation (the message names the term).

    Warns
    -----
    FewEventsWarning
        Fewer than 10 events, or non-events, per candidate parameter.

    References
    ----------
    McCullagh and Nelder 1989, Generalized Linear Models; R's ``glm`` and ``rms::lrm``.
    Firth 1993, doi:10.1093/biomet/80.1.27. Heinze and Schemper 2002, doi:10.1002/sim.1047.
    Puhr et al. 2017, doi:10.1002/sim.7273.
    """
    check_choice(estimator, "estimator", Estimator)
    if not isinstance(formula, str):
        raise ArgumentError("formula comes first and is a text, such as 'pain ~ ivc + cement'.")
    selection = select if isinstance(select, Selection) else Selection(select)
    shrinkage = asked_shrinkage(estimator, penalty, mix)
    firth = asked_firth(estimator, mean_risk)
    if isinstance(data, PatientScan):
        check_streamed(
            estimator=estimator != "ml",
            mean_risk=mean_risk is not None,
            penalty=penalty is not None,
            mix=mix is not None,
            select=selection.chooses,
            weights=weights is not None,
            cluster=cluster is not None,
            source=source is not None,
        )
        from vertebrisk.models.streamed.logistic_fitting import fit_logistic_scan

        return _warned(fit_logistic_scan(formula, data, info))
    parsed = parse_formula(formula)
    frame = as_polars(data)
    extra = [name for name in (weights, cluster) if name is not None]
    needed_columns(frame, [*parsed.outcome.names, *parsed.variables, *extra])
    check_predictors(frame, parsed.variables)
    event = parsed.outcome.rule(frame)
    complete, dropped = complete_rows(frame, event, [*parsed.variables, *extra])
    whole = bool(complete.all())
    used, known = (frame, event) if whole else (frame.filter(complete), event.filter(complete))
    positions = np.flatnonzero(complete.to_numpy())
    if weights is not None:
        repeated = np.repeat(np.arange(used.height), frequencies(used[weights]))
        used, known, positions = used[repeated], known[repeated], positions[repeated]
    outcome = known.to_numpy().astype(np.float64)
    fit = fit_prepared(
        used,
        outcome,
        parsed.terms,
        selection,
        formula=formula,
        outcome_name=outcome_name(parsed),
        info=info,
        clusters=None if cluster is None else cluster_codes(used[cluster]),
        n_dropped=dropped,
        source=source,
        shrinkage=shrinkage,
        firth=firth,
    )
    return replace(_warned(fit), rows=UsedRows(positions, frame.height, parsed.outcome))


def _warned(fit: Fit) -> Fit:
    for finding in fit.findings:
        if finding.code == "few-events":
            warnings.warn(finding.message, FewEventsWarning, stacklevel=3)
    return fit


@one_thread()  # threads of the BLAS wait for one another longer than they work
def fit_prepared(
    frame: pl.DataFrame,
    event: FloatArray,
    terms: Sequence[WrittenTerm],
    selection: Selection,
    *,
    formula: str,
    outcome_name: str,
    info: Mapping[str, VariableInfo] | None = None,
    clusters: IntArray | None = None,
    n_dropped: Mapping[str, int] | None = None,
    source: SourcePopulation | None = None,
    design: Design | None = None,
    shrinkage: Shrinkage | None = None,
    firth: Firth | None = None,
) -> LogisticFit:
    """Fit on complete rows; `event` has shape (n,) with 1 for the event. See `fit_logistic`.

    `design` gives knots and levels that are not to be learnt from these rows.
    """
    if shrinkage is not None:
        return fit_penalised_logistic(
            frame,
            event,
            terms,
            selection,
            shrinkage,
            formula=formula,
            outcome_name=outcome_name,
            info=info,
            clusters=clusters,
            n_dropped=n_dropped,
            source=source,
            design=design,
        )
    n, n_events = event.size, int(event.sum())
    everyone = np.ones((1, event.size))
    check_outcomes(event, outcome_name)
    design, codes = designed(frame, terms, info, design)
    plain = BinaryLikelihood(event)
    likelihood = plain if firth is None else FirthBinary(plain, firth)
    development = developed(design, codes, likelihood, selection, clusters)
    design, chosen = development.design, development.chosen()
    columns = development.term_columns(chosen)
    matrix = development.of_columns(columns)
    final = design.keep(term.name for term, use in zip(design.terms, chosen, strict=True) if use)
    check_rows(final, n)
    model = development.subset(columns, everyone)
    assert isinstance(model.fits, LogisticFits)
    likely, near = (model.fits, None) if firth is None else (None, model.fits)
    separation = find_separation(final, matrix, event, likely, model.patterns, near)
    if separation is not None and firth is None:
        raise FitError(refusal(separation, outcome_name))
    if model.fits.deficient[0]:
        raise FitError(
            "The chosen predictors are linearly dependent in these patients; leave one of "
            f"{listed([term.name for term in final.terms])} out."
        )
    if likely is not None and not likely.converged[0]:
        raise FitError(
            "Newton's method did not end at a maximum: a number lies far from all others. Look for "
            "a code such as 999999, or a unit that is not that of the others."
        )
    inverse = model.fits.covariance()
    covariance, kind = inverse, "model"
    if clusters is not None:
        risk = 1.0 / (1.0 + np.exp(-model.linear()[0, model.patterns.of]))
        whole = np.column_stack([np.ones(event.size), matrix])
        covariance = inference.clustered_covariance(whole, event - risk, inverse, clusters)
        kind = "cluster"
    sampling = None if source is None else source.sampled(event > 0.5)
    if sampling is not None:
        if clusters is not None:
            raise ArgumentError(
                "The correction for sampled controls takes the rows for independent; give either "
                "clusters or a source population."
            )
        covariance = corrected_covariance(covariance, sampling)
    findings: list[Finding] = [*few_events(n, n_events, development.parameters)]
    findings += selection_findings(development, len(final.terms))
    if separation is not None and firth is not None:
        findings.append(separated(separation, outcome_name, firth.mean_risk))
    fit = LogisticFit(
        formula=formula,
        design=final,
        intercept=float(model.fits.beta[0, 0]) - (0.0 if sampling is None else sampling.offset),
        beta=model.fits.beta[0, 1:],
        cov=covariance,
        covariance_kind=kind,
        log_likelihood=float(model.fits.log_likelihood[0]),
        n=n,
        n_events=n_events,
        n_dropped=dict(n_dropped or {}),
        development=development,
        chosen=chosen,
        clusters=clusters,
        findings=tuple(findings),
        outcome=outcome_name,
        sampling=sampling,
    )
    if firth is None or (firth.only_separated and separation is None):
        return fit
    return firth_fit(fit, firth, model)


def check_outcomes(event: FloatArray, outcome_name: str) -> None:
    """Refuse patients who all have the event, or of whom none has; and nobody."""
    n, n_events = event.size, int(event.sum())
    if n == 0:
        raise DataError(
            f"No patient has the outcome '{outcome_name}' and a value of every predictor."
        )
    if n_events in (0, n):
        raise DataError(
            f"The outcome '{outcome_name}' has {n_events} events among {n} patients with complete "
            "data; both outcomes must occur."
        )


def check_rows(design: Design, n: int) -> None:
    """Refuse a model with as many parameters as patients."""
    parameters = len(design.columns) + 1
    if parameters >= n:
        raise FitError(
            f"The model has {parameters} parameters for {n} patients; "
            "choose far fewer predictors beforehand."
        )
