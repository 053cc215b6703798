"""Univariable regression over a scan: each variable alone, in passes that all of them share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import polars as pl

from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.design.rules import Expression
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.engines.engine import Engine
from vertebrisk.engines.logistic import first_look, fit_logistic_stream
from vertebrisk.engines.logistic_passes import Regression
from vertebrisk.engines.shared import together
from vertebrisk.errors import FitError
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.models.selection.screening import (
    NO_VALUE,
    ODDS_RATIO,
    ONE_OUTCOME,
    SAME,
    SCREEN_SCHEMA,
    asked_terms,
    screened_rows,
)
from vertebrisk.models.streamed.designing import design_of_scan
from vertebrisk.models.streamed.patients import Complete, ScannedOutcome, ScannedRows


def screen_scan(
    scan: PatientScan, outcome: str, variables: Sequence[str], level: float
) -> pl.DataFrame:
    """`screen_univariable` of a scan; about a dozen passes, however many variables there are."""
    rule = Expression.parse(outcome)
    ScannedOutcome.of(scan, rule)
    terms = asked_terms(variables, scan.names)
    for term in terms:
        scan.check_names(term.variables)
    tasks = [partial(_screened, scan, rule, term, level) for term in terms]
    rows = [row for found in together(scan.engine, tasks) for row in found]
    return pl.DataFrame(rows, schema=SCREEN_SCHEMA)


def _screened(
    scan: PatientScan, rule: Expression, term: WrittenTerm, level: float, engine: Engine
) -> list[dict[str, object]]:
    """Rows of one variable."""
    outcome = ScannedOutcome.of(scan, rule)
    used = Complete.of(scan, outcome, term.variables)
    size, events = used.counted(engine, scan.columns)
    whole: dict[str, object] = {"n": size, "n_events": events, "note": ""}
    if size == 0:
        return [{"term": term.name, "level": "", **whole, "note": NO_VALUE}]
    design = design_of_scan(scan.on(engine), [term], used)
    rows = ScannedRows.of(scan, design, outcome)
    regression = Regression(engine, scan.columns, rows.names, rows)
    seen = first_look(regression)
    if events in (0, size):
        return [{"term": term.name, "level": "", **whole, "note": ONE_OUTCOME}]
    if not design.columns or (seen.lowest == seen.greatest).any():
        return [{"term": term.name, "level": "", **whole, "note": SAME}]
    found = fit_logistic_stream(regression, seen)
    fits = found.fits
    if fits.deficient[0]:
        raise FitError(f"'{term.name}' has linearly dependent columns; enter it more simply.")
    gain = max(2.0 * (float(fits.log_likelihood[0]) - found.null_log_likelihood), 0.0)
    df = len(design.columns)
    whole |= {"df": df, "lr_statistic": gain, "lr_p_value": float(chi2_upper(gain, df))}
    errors = np.sqrt(np.diag(fits.covariance()))[1:]
    run = fits.direction[0, 1:] if fits.separated[0] else None
    return screened_rows(design, fits.beta[0, 1:], errors, run, whole, level, ODDS_RATIO)
