"""All tables of one report, numbered in the order in which they appear."""

from __future__ import annotations

from dataclasses import replace

from vertebrisk.report import tables_models as models
from vertebrisk.report import tables_patients as patients
from vertebrisk.report import tables_performance as performance
from vertebrisk.report.results import StudyResult
from vertebrisk.report.tables import TableSpec
from vertebrisk.report.words import Words


def variable_labels(result: StudyResult) -> dict[str, str]:
    """Label of each variable that any table of the result names."""
    labels = {variable.variable: variable.label for variable in result.comparison.variables}
    for row in (*result.univariable, *result.multivariable):
        if row.term and row.label and row.kind != "intercept":
            labels.setdefault(row.term, row.label)
    return labels


def build_tables(result: StudyResult) -> dict[str, TableSpec]:
    """Tables of a report by key, in reading order, those without content left out.

    Keys: comparison, univariable, multivariable, fit, vif, points, total, thresholds,
    calibration, performance, selection, decision, replication.
    """
    words = Words(result.facts.language)
    labels = variable_labels(result)
    candidates = (
        patients.comparison_table(result.comparison, words),
        models.univariable_table(result.univariable, words),
        models.multivariable_table(result.multivariable, words),
        models.fit_table(
            result.model_summary, words, selected=result.facts.selection != "prespecified"
        ),
        models.vif_table(result.vif, labels, words),
        models.points_table(result.nomogram, words),
        models.total_table(result.nomogram, words),
        performance.thresholds_table(result.thresholds, words),
        performance.calibration_table(result.validation.calibration, words),
        performance.performance_table(result.validation, result.validation_fixed, words),
        performance.selection_table(result.validation, labels, words),
        performance.decision_table(result.decision, result.facts.thresholds, words),
        patients.replication_table(result.replication, words),
    )
    present = [table for table in candidates if table is not None]
    return {table.key: replace(table, number=place) for place, table in enumerate(present, start=1)}
