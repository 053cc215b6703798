"""Univariable Cox regression: each variable alone against the time to the event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice, check_fraction
from vertebrisk._frames import as_polars
from vertebrisk._types import IntArray, Ties
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.design.build import build_design
from vertebrisk.design.formulas import parse_survival_formula
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import FitError
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.models.likelihoods import PartialLikelihood
from vertebrisk.models.selection.screening import (
    COX_RATIO,
    NO_VALUE,
    asked_terms,
    screened_rows,
    untestable,
)
from vertebrisk.models.streamed.cox_screening import (
    COX_SCREEN_SCHEMA,
    NO_EVENT,
    SAME_AT_RISK,
    screen_cox_scan,
)
from vertebrisk.models.survival.inference import robust_covariance
from vertebrisk.models.survival.reading import read_rows


def screen_univariable_cox(
    data: object,
    outcome: str,
    variables: Sequence[str],
    *,
    ties: Ties = "efron",
    level: float = 0.95,
) -> pl.DataFrame:
    """How does each variable alone go with an earlier event?

    Parameters
    ----------
    data : frame
        polars, pandas or pyarrow, one row a patient; or a `PatientScan`, whose patients are
        sorted on a disk for each variable.
    outcome : str
        ``Surv(time, event)`` or ``Surv(entry, exit, event)``, as in `fit_cox`.
    variables : sequence of str
        Columns, or terms such as ``rcs(age, 4)``. Each is fitted on the rows that have
        it, the time and the event.
    ties : {"efron", "breslow"}
    level : float
        Confidence level.

    Returns
    -------
    polars.DataFrame
        A row per coefficient: term, level, estimate, std_error, statistic, p_value
        (Wald), conf_low, conf_high (log scale), hazard_ratio, hr_low, hr_high, then of the
        whole variable df, lr_statistic, lr_p_value, and n, n_events, note. Where no
        finite estimate exists, the hazard ratio is 0 or infinite, its Wald columns are null,
        the likelihood-ratio test stands, and `note` says so.

    Raises
    ------
    DataError, ExpressionError
        For columns that are missing or cannot be used, and times that are none.
    """
    check_fraction(level, "level")
    check_choice(ties, "ties", Ties)
    if isinstance(data, PatientScan):
        return screen_cox_scan(data, outcome, variables, ties, level)
    frame = as_polars(data)
    parsed = parse_survival_formula(f"{outcome} ~ 1")
    rows: list[dict[str, object]] = []
    for term in asked_terms(variables, frame.columns):
        read = read_rows(frame, replace(parsed, terms=(term,)), ())
        likelihood = PartialLikelihood(read.times, ties)
        rows.extend(screen_cox_term(read.frame, likelihood, term, level=level))
    return pl.DataFrame(rows, schema=COX_SCREEN_SCHEMA)


def screen_cox_term(
    frame: pl.DataFrame,
    likelihood: PartialLikelihood,
    term: WrittenTerm,
    clusters: IntArray | None = None,
    level: float = 0.95,
) -> list[dict[str, object]]:
    """Rows of one variable; see `screen_univariable_cox`.

    `frame` holds the patients of `likelihood`, all with a value. With `clusters`, codes from
    0 of the patient, errors are clustered and there is no likelihood-ratio test.
    """
    size, events = likelihood.times.size, int(likelihood.times.event.sum())
    whole: dict[str, object] = {"n": size, "n_events": events, "note": ""}

    def untested(note: str) -> list[dict[str, object]]:
        return [{"term": term.name, "level": "", **whole, "note": note}]

    if size == 0:
        return untested(NO_VALUE)
    if events == 0:
        return untested(NO_EVENT)
    design, codes = build_design(frame, [term])
    matrix = design.matrix(codes)
    problem = untestable(matrix)
    if problem:
        return untested(problem)
    fits = likelihood.fit(matrix, np.ones((1, size))).fits
    assert isinstance(fits, CoxFits)
    if fits.rank[0] == 0:
        return untested(SAME_AT_RISK)
    if fits.deficient[0]:
        raise FitError(f"'{term.name}' has linearly dependent columns; enter it more simply.")
    gain = max(2.0 * float(fits.log_likelihood[0] - fits.null_log_likelihood[0]), 0.0)
    covariance, df = fits.covariance(), matrix.shape[1]
    whole["df"] = df
    if clusters is None:
        whole |= {"lr_statistic": gain, "lr_p_value": float(chi2_upper(gain, df))}
    elif not fits.separated[0]:
        covariance = robust_covariance(matrix, fits.beta[0], covariance, likelihood, clusters)
    run = fits.direction[0] if fits.separated[0] else None
    variances = np.diag(covariance)  # of one that runs away, what rounding left of none
    errors = np.sqrt(np.where(variances > 0, variances, np.inf))
    return screened_rows(design, fits.beta[0], errors, run, whole, level, COX_RATIO)
