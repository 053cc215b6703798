"""The study of a binary outcome of patients that are read in pieces."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.design.rules import Expression
from vertebrisk.design.syntax import quoted
from vertebrisk.errors import CalibrationWarning
from vertebrisk.findings import gathered
from vertebrisk.models.layout import multivariable_rows, univariable_rows
from vertebrisk.models.selection.screening import screen_univariable
from vertebrisk.models.streamed.designing import design_of_scan
from vertebrisk.models.streamed.logistic import StreamedLogisticFit
from vertebrisk.models.streamed.logistic_fitting import fit_logistic_scan
from vertebrisk.models.streamed.patients import Complete, ScannedOutcome
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.results.study import StudyResult
from vertebrisk.study.describing import (
    candidates_of,
    described_model,
    study_facts,
    study_objections,
)
from vertebrisk.study.example import example_patient
from vertebrisk.study.shapes import straight
from vertebrisk.study.size import study_size, too_small
from vertebrisk.study.steps import nomogram_of, splines, threshold_grid
from vertebrisk.study.streamed.points import total_points
from vertebrisk.study.streamed.preparing import PreparedScan, ScannedRun
from vertebrisk.study.streamed.validating import validation_of
from vertebrisk.validation.discrimination import THRESHOLD_SCHEMA, roc_curve
from vertebrisk.validation.goodness import grouped_fit
from vertebrisk.validation.results import Roc, ThresholdTable
from vertebrisk.validation.streamed.performance import ScanPerformance, scan_performance


def streamed_study(prepared: PreparedScan) -> ScannedRun:
    """Fit, validate and describe the logistic model of a prepared study."""
    protocol, cohort, clock = prepared.protocol, prepared.cohort, prepared.clock
    language = prepared.options.language
    with clock("fit"):
        fit = fit_logistic_scan(prepared.formula, cohort.patients, prepared.info)
        univariable = _univariable(prepared)
    with clock("measure"), fit.scores() as scores:
        measured = _measured(prepared, scores)
        with clock("validate"):
            validation = validation_of(
                fit, measured.roc, measured.performance, threshold_grid(protocol), prepared.plan
            )
        model = described_model(fit, validation, protocol, cohort, language)
        nomogram = nomogram_of(model)
        spread = total_points(nomogram, scores)
    size = study_size(protocol, cohort, len(fit.design.columns), validation)
    result = StudyResult(
        facts=study_facts(
            protocol, cohort, prepared.options, prepared.plan, fit, validation, prepared.place.name
        ),
        flow=cohort.flow.said(language),
        comparison=prepared.comparison,
        univariable=univariable,
        multivariable=multivariable_rows(fit),
        equation=model.equation(),
        model_summary=_summary(fit, measured),
        vif=fit.vif(),
        c_index=measured.roc.auc,
        roc=measured.roc,
        thresholds=measured.thresholds(protocol.validation.thresholds),
        validation=validation,
        validation_fixed=None,
        decision=validation.decision,
        nomogram=nomogram,
        total_points=spread,
        example=example_patient(model, nomogram),
        findings=gathered(
            [
                *prepared.findings,
                *fit.findings,
                *study_objections(protocol, fit, validation),
                *too_small(size, fit.findings),
            ],
            prepared.options.language,
        ),
        protocol=protocol,
        candidates=candidates_of(fit),
        splines=splines(fit.design),
        size=size,
        timings=tuple(clock.spent.items()),
    )
    return ScannedRun(result, fit, model, cohort)


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """The performance of the model on the patients that it was made from."""

    roc: Roc
    performance: ScanPerformance

    def thresholds(self, wanted: tuple[float, ...]) -> ThresholdTable:
        """Classification at the thresholds of the protocol; the grid of the curve holds them."""
        found = self.performance.classification
        assert found is not None  # there is always a grid
        own = found.frame.filter(pl.col("threshold").is_in(list(wanted)))
        return ThresholdTable(
            own.with_columns(source=pl.lit("protocol")).select(list(THRESHOLD_SCHEMA))
        )


def _measured(prepared: PreparedScan, scores: PatientScan) -> _Measured:
    grid = threshold_grid(prepared.protocol)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)  # a finding says it
        measured = scan_performance(scores, thresholds=grid)
    return _Measured(roc_curve("event", "risk", scan=scores), measured)


def _summary(fit: StreamedLogisticFit, measured: _Measured) -> dict[str, float | None]:
    """Fit statistics of the final model, by name, with Hosmer and Lemeshow's test."""
    area = measured.roc.auc.estimate
    groups = measured.performance.groups.groups
    sizes, events, expected = (groups[name].to_numpy() for name in groups.columns)
    test = grouped_fit(sizes, events.astype(np.float64), expected, fitted=True)
    return {
        **fit.summary().to_dict(),
        "c_index": area,
        "dxy": 2.0 * area - 1.0,
        "hosmer_lemeshow": test.statistic,
        "hosmer_lemeshow_df": float(test.df),
        "hosmer_lemeshow_p": test.p_value,
    }


def _univariable(prepared: PreparedScan) -> tuple[RegressionRow, ...]:
    patients, name = prepared.cohort.patients, quoted(prepared.cohort.event_column)
    single = [straight(term) for term in prepared.terms if len(term.factors) == 1]
    rows = screen_univariable(patients, name, [term.name for term in single])
    outcome = ScannedOutcome.of(patients, Expression.parse(name))
    used = Complete.of(patients, outcome, [each for term in single for each in term.variables])
    design = design_of_scan(patients, single, used, prepared.info)
    return univariable_rows(rows, design, None)
