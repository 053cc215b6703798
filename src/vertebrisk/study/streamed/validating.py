"""Internal validation of a model of a scan, as far as its measures are sums."""

from __future__ import annotations

import polars as pl

from vertebrisk.models.streamed.logistic import StreamedLogisticFit
from vertebrisk.study.streamed.preparing import PreparedScan
from vertebrisk.validation.decision import BENEFIT_COLUMNS
from vertebrisk.validation.estimates import TABLE_SCHEMA, Row, empty_row
from vertebrisk.validation.results import DecisionCurve, Roc, Validation
from vertebrisk.validation.streamed.performance import ScanPerformance
from vertebrisk.validation.summary import SELECTED_SCHEMA, emax_row

SUMS = ("r2", "intercept", "slope", "brier")


def validation_of(
    prepared: PreparedScan, fit: StreamedLogisticFit, roc: Roc, measured: ScanPerformance
) -> Validation:
    """The bootstrap of the model, with what is known of the other measures.

    Those that need the order of all patients by each resample's model, or a smooth curve of it,
    are apparent only.
    """
    plan, calibration = prepared.plan, measured.calibration
    drawn = fit.bootstrap(plan.resamples, plan.seed)
    own: dict[str, Row] = {row[0]: row for row in drawn.table.iter_rows()}
    area = roc.auc.estimate
    rows = [
        empty_row("c_index", area),
        empty_row("dxy", 2.0 * area - 1.0),
        *(own[name] for name in SUMS),
        emax_row(own["intercept"], own["slope"], plan.method),
        *(empty_row(name, getattr(calibration, name)) for name in ("ici", "e50", "e90", "emax")),
    ]
    return Validation(
        procedure="model held fixed",
        resamples=drawn.resamples,
        seed=drawn.seed,
        n_separated=drawn.n_separated,
        n_deficient=drawn.n_deficient,
        n_failed=drawn.n_failed,
        smoother=calibration.smoother,
        table=pl.DataFrame(rows, schema=TABLE_SCHEMA, orient="row"),
        calibration=calibration.curve,
        selected=pl.DataFrame(schema=SELECTED_SCHEMA),
        draws=drawn.draws,
    )


def decision_of(measured: ScanPerformance) -> DecisionCurve:
    """The apparent decision curve with the band of resampled patients."""
    assert measured.decision is not None  # there is always a grid of thresholds
    frame = measured.decision.select(BENEFIT_COLUMNS)
    return DecisionCurve(frame, measured.n_events / measured.n)
