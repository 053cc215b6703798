"""Penalised fits from prepared rows; see `fit_logistic` and `fit_cox`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray, Ties
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.design import Design
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.findings import Finding
from vertebrisk.kernels.patterns import find_patterns
from vertebrisk.kernels.sampling import SourcePopulation
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.development import Development, Selection
from vertebrisk.models.likelihoods import BinaryLikelihood, PartialLikelihood
from vertebrisk.models.objections.events import few_events, few_timed_events
from vertebrisk.models.penalised.checking import check_free, check_penalised, check_variation
from vertebrisk.models.penalised.factors import column_factors, free_part
from vertebrisk.models.penalised.fit import PenalisedCoxFit, PenalisedLogisticFit
from vertebrisk.models.penalised.likelihoods import PenalisedBinary, PenalisedPartial, taken
from vertebrisk.models.penalised.made import made_of
from vertebrisk.models.penalised.objections import (
    held_monotone,
    held_separation,
    unpenalised_separation,
)
from vertebrisk.models.penalised.penalty import Shrinkage
from vertebrisk.models.preparing import designed
from vertebrisk.models.separation import find_monotone, find_separation
from vertebrisk.models.survival.checking import checked_horizons
from vertebrisk.models.survival.objections import heavy_ties, silent_strata


def fit_penalised_logistic(
    frame: pl.DataFrame,
    event: FloatArray,
    terms: Sequence[WrittenTerm],
    selection: Selection,
    shrinkage: Shrinkage,
    *,
    formula: str,
    outcome_name: str,
    info: Mapping[str, VariableInfo] | None = None,
    clusters: IntArray | None = None,
    n_dropped: Mapping[str, int] | None = None,
    source: SourcePopulation | None = None,
    design: Design | None = None,
) -> PenalisedLogisticFit:
    """Fit on complete rows; `event` has shape (n,) with 1 for the event."""
    n, n_events = event.size, int(event.sum())
    fewer = min(n_events, n - n_events)
    check_penalised(selection, shrinkage, fewer, f"patients with and without '{outcome_name}'")
    if clusters is not None and source is not None:
        raise ArgumentError(
            "The correction for sampled controls takes the rows for independent; give either "
            "clusters or a source population."
        )
    design, codes = designed(frame, terms, info, design)
    matrix = design.matrix(codes)
    check_variation(design, matrix)
    factors = column_factors(shrinkage.penalty.factors, design)
    check_free(design, matrix, factors)
    separation = find_separation(*free_part(design, matrix, factors), event)
    if separation is not None:
        raise FitError(unpenalised_separation(separation, outcome_name))
    likelihood = PenalisedBinary(BinaryLikelihood(event), shrinkage, clusters, factors)
    development = Development(design, matrix, likelihood, selection, codes)
    everyone = np.ones((1, n))
    tuned = likelihood.tuned(find_patterns(matrix), everyone, whole=True)
    fits = (
        taken(tuned, 1)
        if shrinkage.penalty.value is None
        else likelihood.fit(matrix, everyone).fits
    )
    found = find_separation(design, matrix, event) if _told_apart(matrix) else None
    held = None if found is None else held_separation(found, outcome_name)
    made = made_of(development, fits.beta[0, 1:], tuned, shrinkage, fewer, n, held)
    sampling = None if source is None else source.sampled(event > 0.5)
    size = len(made.design.columns)
    return PenalisedLogisticFit(
        formula=formula,
        design=made.design,
        intercept=float(fits.beta[0, 0]) - (0.0 if sampling is None else sampling.offset),
        beta=made.beta,
        cov=np.full((size + 1, size + 1), np.nan),
        covariance_kind="none",
        log_likelihood=float(fits.log_likelihood[0]),
        n=n,
        n_events=n_events,
        n_dropped=dict(n_dropped or {}),
        development=development,
        chosen=made.chosen,
        clusters=clusters,
        findings=(*few_events(n, n_events, len(design.columns)), *made.findings),
        outcome=outcome_name,
        sampling=sampling,
        shrinkage=shrinkage,
        penalty=made.penalty,
        tuning=made.tuning,
    )


def fit_penalised_cox(
    frame: pl.DataFrame,
    times: SurvivalTimes,
    terms: Sequence[WrittenTerm],
    selection: Selection,
    shrinkage: Shrinkage,
    *,
    formula: str,
    outcome_name: str,
    ties: Ties,
    case_weights: FloatArray | None = None,
    clusters: IntArray | None = None,
    strata: Sequence[str] = (),
    strata_levels: Sequence[str] = (),
    horizons: Sequence[float] | None = None,
    time_unit: str = "",
    info: Mapping[str, VariableInfo] | None = None,
    n_dropped: Mapping[str, int] | None = None,
    findings: Sequence[Finding] = (),
    design: Design | None = None,
) -> PenalisedCoxFit:
    """Fit on complete rows with checked times."""
    n, n_events = times.size, int(times.event.sum())
    if shrinkage.penalty.measure != "deviance":
        raise ArgumentError(
            f"measure is '{shrinkage.penalty.measure}'; the penalty of a Cox model is "
            "cross-validated by the deviance of its partial likelihood."
        )
    check_penalised(selection, shrinkage, n_events, f"patients with '{outcome_name}'")
    design, codes = designed(frame, terms, info, design)
    matrix = design.matrix(codes)
    check_variation(design, matrix)
    factors = column_factors(shrinkage.penalty.factors, design)
    check_free(design, matrix, factors)
    monotone = find_monotone(*free_part(design, matrix, factors), times)
    if monotone is not None:
        raise FitError(unpenalised_separation(monotone, outcome_name))
    plain = PartialLikelihood(times, ties, case_weights)
    likelihood = PenalisedPartial(plain, shrinkage, clusters, factors)
    development = Development(design, matrix, likelihood, selection, codes)
    everyone = np.ones((1, n))
    tuned = likelihood.tuned(matrix, everyone, whole=True)
    fits = (
        taken(tuned, 0)
        if shrinkage.penalty.value is None
        else likelihood.fit(matrix, everyone).fits
    )
    found = find_monotone(design, matrix, times) if _told_apart(matrix) else None
    held = None if found is None else held_monotone(found, outcome_name)
    made = made_of(development, fits.beta[0], tuned, shrinkage, n_events, n_events, held)
    size = len(made.design.columns)
    return PenalisedCoxFit(
        formula=formula,
        design=made.design,
        beta=made.beta,
        cov=np.full((size, size), np.nan),
        naive_cov=np.full((size, size), np.nan),
        covariance_kind="none",
        log_likelihood=float(fits.log_likelihood[0]),
        null_log_likelihood=float(likelihood.empty(everyone)[0]),
        n=n,
        n_events=n_events,
        n_dropped=dict(n_dropped or {}),
        development=development,
        chosen=made.chosen,
        clusters=clusters,
        strata=tuple(strata),
        strata_levels=tuple(strata_levels),
        horizons=checked_horizons(horizons, times),
        time_unit=time_unit,
        findings=(
            *few_timed_events(n_events, len(design.columns)),
            *findings,
            *heavy_ties(times, ties),
            *silent_strata(times),
            *made.findings,
        ),
        outcome=outcome_name,
        shrinkage=shrinkage,
        penalty=made.penalty,
        tuning=made.tuning,
    )


def _told_apart(matrix: FloatArray) -> bool:
    """True where there are more patients than columns, which else separate whatever they are."""
    n, columns = matrix.shape
    return bool(columns + 1 < n)
