"""Univariable Cox regression over a scan: each variable alone against the time to the event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from vertebrisk._types import Ties
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.design.formulas import SurvivalFormula, parse_survival_formula
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.engines.cox import CoxPasses, highest
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.errors import FitError
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.models.selection.screening import (
    COX_RATIO,
    SAME,
    asked_terms,
    screen_schema,
    screened_rows,
)
from vertebrisk.models.streamed.designing import design_of_scan
from vertebrisk.models.streamed.follow_up import FollowUp, looked_at

COX_SCREEN_SCHEMA = screen_schema(COX_RATIO)
NO_EVENT = "no event among the patients who have a value"
SAME_AT_RISK = "the same in all patients at risk at any event"


def screen_cox_scan(
    scan: PatientScan, outcome: str, variables: Sequence[str], ties: Ties, level: float
) -> pl.DataFrame:
    """`screen_univariable_cox` of a scan; patients are sorted for each variable."""
    parsed = parse_survival_formula(f"{outcome} ~ 1")
    return screen_cox_terms(scan, parsed, asked_terms(variables, scan.names), ties, level)


def screen_cox_terms(
    scan: PatientScan,
    parsed: SurvivalFormula,
    terms: Sequence[WrittenTerm],
    ties: Ties = "efron",
    level: float = 0.95,
) -> pl.DataFrame:
    """The same of terms, and of a formula whose own terms are not looked at."""
    rows: list[dict[str, object]] = []
    for term in terms:
        rows.extend(_screened(scan, replace(parsed, terms=(term,)), term, ties, level))
    return pl.DataFrame(rows, schema=COX_SCREEN_SCHEMA)


def _screened(
    scan: PatientScan, formula: SurvivalFormula, term: WrittenTerm, ties: Ties, level: float
) -> list[dict[str, object]]:
    """Rows of one variable; see `screen_cox_term`."""
    follow = FollowUp.of(scan, formula)
    counts = follow.counts
    whole: dict[str, object] = {"n": counts.used, "n_events": counts.events, "note": ""}

    def untested(note: str) -> list[dict[str, object]]:
        return [{"term": term.name, "level": "", **whole, "note": note}]

    if not counts.events:
        return untested(NO_EVENT)
    design = design_of_scan(scan, [term], follow.complete)
    if not design.columns:
        return untested(SAME)
    with ScratchFolder(needed=follow.needed(design)) as scratch:
        patients, _ = follow.in_order(design, scratch)
        seen = looked_at(patients, scan.engine)
        if (seen.lowest == seen.greatest).any():
            return untested(SAME)
        fits = highest(CoxPasses.of(patients, scan.engine, ties))
    if fits.rank[0] == 0:
        return untested(SAME_AT_RISK)
    if fits.deficient[0]:
        raise FitError(f"'{term.name}' has linearly dependent columns; enter it more simply.")
    gain = max(2.0 * float(fits.log_likelihood[0] - fits.null_log_likelihood[0]), 0.0)
    df = len(design.columns)
    whole |= {"df": df, "lr_statistic": gain, "lr_p_value": float(chi2_upper(gain, df))}
    run = fits.direction[0] if fits.separated[0] else None
    errors = np.sqrt(np.diag(fits.covariance()))
    return screened_rows(design, fits.beta[0], errors, run, whole, level, COX_RATIO)
