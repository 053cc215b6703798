"""A logistic regression of a scan fitted, after what is to be refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.design import Design
from vertebrisk.design.formulas import Formula, outcome_name, parse_formula
from vertebrisk.engines.engine import Chunk
from vertebrisk.engines.logistic import StreamedFit, first_look, fit_logistic_stream
from vertebrisk.engines.logistic_passes import Regression
from vertebrisk.errors import DataError, FitError
from vertebrisk.kernels.steps import dependent_columns
from vertebrisk.kernels.streamed.rows import Look, Rows, complete
from vertebrisk.models.objections.events import few_events
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.models.preparing import (
    ALIASED,
    guilty_columns,
    refuse_constant,
    refuse_dependent,
    refuse_extreme,
    refuse_many,
)
from vertebrisk.models.streamed.designing import design_of_scan
from vertebrisk.models.streamed.logistic import StreamedLogisticFit
from vertebrisk.models.streamed.patients import Complete, ScannedOutcome, ScannedRows


@dataclass(frozen=True, slots=True, eq=False)
class _Scored:
    """The linear predictor of each row, and the square of what its risk is wrong by."""

    rows_of: ScannedRows
    intercept: float
    beta: FloatArray

    def __call__(self, chunk: Chunk) -> Rows:
        rows, _, _ = complete(self.rows_of(chunk))
        linear = rows.linear(self.intercept, self.beta)
        return Rows((linear, (rows.target - expit(linear)) ** 2), rows.target, whole=True)


def fit_logistic_scan(
    formula: str | Formula, scan: PatientScan, info: Mapping[str, VariableInfo] | None = None
) -> StreamedLogisticFit:
    """`fit_logistic` of a scan, by maximum likelihood and with prespecified terms."""
    parsed = parse_formula(formula) if isinstance(formula, str) else formula
    outcome = ScannedOutcome.of(scan, parsed.outcome)
    used = Complete.of(scan, outcome, parsed.variables)
    design = design_of_scan(scan, parsed.terms, used, info)
    rows = ScannedRows.of(scan, design, outcome)
    regression = Regression(scan.engine, scan.columns, rows.names, rows)
    seen = first_look(regression)
    name = outcome_name(parsed)
    _check(design, seen, name)
    found = fit_logistic_stream(regression, seen)
    _check_finite(design, found, name)
    intercept, beta = float(found.fits.beta[0, 0]), found.fits.beta[0, 1:]
    scored = first_look(
        Regression(scan.engine, scan.columns, rows.names, _Scored(rows, intercept, beta))
    )
    n, n_events = seen.size, round(seen.events)
    sd = float(np.sqrt(scored.cross[0, 0] / (n - 1)))
    return StreamedLogisticFit(
        formula=parsed.source,
        design=design,
        intercept=intercept,
        beta=beta,
        cov=found.fits.covariance(),
        log_likelihood=float(found.fits.log_likelihood[0]),
        null_log_likelihood=found.null_log_likelihood,
        n=n,
        n_events=n_events,
        n_dropped=_dropped(seen),
        brier=float(scored.mean[1]),
        linear=LinearSpread(float(scored.mean[0]), sd),
        linear_range=(float(scored.lowest[0]), float(scored.greatest[0])),
        findings=tuple(few_events(n, n_events, len(design.columns))),
        outcome=name,
        scan=scan,
        scaling=found.fits.scaling,
    )


def _dropped(seen: Look) -> dict[str, int]:
    counts = {
        "outcome missing": seen.without_outcome,
        "predictor missing": seen.without_predictor,
    }
    return {reason: count for reason, count in counts.items() if count}


def _check(design: Design, seen: Look, outcome: str) -> None:
    """Refuse what no data like these can tell apart."""
    if seen.events in (0.0, float(seen.size)):
        raise DataError(
            f"The outcome '{outcome}' has {round(seen.events)} events among {seen.size} patients "
            "with complete data; both outcomes must occur."
        )
    nowhere = [name for name, part in design.slices.items() if part.start == part.stop]
    refuse_extreme(design, seen.lowest, seen.greatest)
    refuse_constant(nowhere + _terms(design, seen.lowest == seen.greatest))
    refuse_many(len(design.columns), seen.size)
    refuse_dependent(list(dict.fromkeys(_terms(design, dependent_columns(seen.cross, ALIASED)))))


def _terms(design: Design, marked: BoolArray) -> list[str]:
    return [column.term for column, mark in zip(design.columns, marked, strict=True) if mark]


def _check_finite(design: Design, found: StreamedFit, outcome: str) -> None:
    """Refuse a likelihood without a maximum, or of which none is proved."""
    if found.finite:
        return
    if found.fits.separated[0]:
        direction = found.fits.direction[0, 1:] * found.look.spread
        guilty = guilty_columns(design, direction)
        raise FitError(
            f"No finite maximum-likelihood estimate exists: {' and '.join(guilty)} "
            f"{'separates' if len(guilty) == 1 else 'separate'} the patients with and without "
            f"'{outcome}'. Merge levels, or leave the predictor out; or use Firth's estimator, "
            "which needs the patients in memory: engine = 'memory' in a protocol, or a frame for "
            "fit_logistic, with estimator = 'firth'."
        )
    raise FitError(
        f"It could not be proved whether a finite maximum-likelihood estimate of '{outcome}' "
        "exists: predictors are nearly dependent, or nearly separate the outcomes. Merge rare "
        "levels, or leave a predictor out; fit_logistic of a part of the patients in memory "
        "finds out by a linear programme."
    )
