"""All tables of one report, numbered in the order in which they appear."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vertebrisk.report.main_numbers import shown_nomogram
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables import agreement as readers
from vertebrisk.report.tables import imputed, models, patients, penalised, performance, selection
from vertebrisk.report.tables import survival as at_horizons
from vertebrisk.report.tables.centres import centres_table
from vertebrisk.report.tables.followup import followup_tables
from vertebrisk.report.tables.instability import instability_table, size_table
from vertebrisk.report.tables.matched import odds_table, sets_table, varying_table
from vertebrisk.report.tables.naming import Names
from vertebrisk.report.tables.periods import split_table
from vertebrisk.report.tables.powers import powers_table, repeated_powers_table
from vertebrisk.report.tables.sampling import sampling_table
from vertebrisk.report.tables.shapes import shapes_table
from vertebrisk.report.tables.table import TableSpec
from vertebrisk.report.words import Words

if TYPE_CHECKING:
    from vertebrisk.report.results.survival import SurvivalResult


def build_tables(result: StudyResult) -> dict[str, TableSpec]:
    """Tables of a report by key, in reading order, those without content left out.

    Keys: comparison, missing_patterns, missingness, matched_sets, varying_sets, incidence,
    group_tests, univariable, stability, multivariable, complete_cases, powers,
    cross_validation, shrinkage, shapes, fit, vif, sampling, hazards, points, total, horizons,
    thresholds, calibration, performance, selection, models, moved, powers_repeated,
    selection_cost, centres, split, decision, instability, size, logistic, followup_1_visits (and
    _changes, _tests, _mixed, _groups; then followup_2), agreement_categorical,
    agreement_continuous, replication.
    """
    words = Words.of(result)
    names = Names.of(result)
    labels = names.variables
    survival = result.survival
    candidates = (
        patients.comparison_table(result.comparison, words),
        imputed.patterns_table(result.imputed, words),
        imputed.missingness_table(result.imputed, survival, words),
        sets_table(result.matched, words),
        varying_table(result.matched, words),
        *_survival_tables(result.survival, names, words),
        _univariable(result, words),
        selection.stability_table(result.stability, labels, words),
        _multivariable(result, words),
        imputed.complete_table(result, words),
        powers_table(result.shapes, words),
        penalised.cross_validation_table(result.penalised, words),
        penalised.shrinkage_table(result.shrinkage, result.multivariable, words),
        shapes_table(
            result.shapes,
            words,
            selected=result.facts.selection != "prespecified",
            pooled=result.imputed is not None,
        ),
        models.fit_table(
            result.model_summary, words, selected=result.facts.selection != "prespecified"
        ),
        models.vif_table(result.vif, names, words),
        sampling_table(result.sampling, names, words),
        None
        if survival is None
        else at_horizons.hazards_table(survival, labels, words, pooled=result.imputed is not None),
        models.points_table(shown_nomogram(result), words),
        _totals_table(result, words),
        None if survival is None else at_horizons.horizons_table(survival, words),
        performance.thresholds_table(result.thresholds, words),
        performance.calibration_table(result.validation.calibration, words),
        performance.performance_table(result.validation, result.validation_fixed, words),
        performance.selection_table(result.validation, labels, words),
        selection.models_table(result.validation.choices, labels, words),
        selection.coefficients_table(result.validation.choices, names, words),
        repeated_powers_table(result.shapes, words),
        selection.cost_table(result.selection_cost, words),
        centres_table(result.centres, words),
        split_table(result.split, words),
        _decision_table(result, words),
        instability_table(result.instability, words),
        size_table(result.size, words),
        None if survival is None else at_horizons.beside_table(survival.beside, words),
        *followup_tables(result.followup, words),
        readers.categorical_table(result.agreement, words),
        readers.continuous_table(result.agreement, words),
        patients.replication_table(result.replication, words),
    )
    present = [table for table in candidates if table is not None]
    return {table.key: replace(table, number=place) for place, table in enumerate(present, start=1)}


def _univariable(result: StudyResult, words: Words) -> TableSpec | None:
    table = models.univariable_table(result.univariable, words)
    if table is None or result.imputed is None:
        return table
    return replace(table, footnotes=(*table.footnotes, words("note.imputed_alone")))


def _multivariable(result: StudyResult, words: Words) -> TableSpec:
    if result.imputed is not None:
        note = "note.imputed_firth" if result.facts.by_firth else "note.imputed"
        return imputed.model_table(result.multivariable, result.imputed, words, note)
    if result.penalised is None:
        table = models.multivariable_table(result.multivariable, words)
        if not result.facts.by_firth:
            return table
        return replace(table, footnotes=(*table.footnotes, words("note.firth")))
    return penalised.coefficients_table(result.multivariable, result.penalised, words)


def _survival_tables(
    survival: SurvivalResult | None, names: Names, words: Words
) -> tuple[TableSpec | None, ...]:
    """What the cohort itself shows over time."""
    if survival is None:
        return ()
    return at_horizons.incidence_table(survival, words), at_horizons.group_table(
        survival, names, words
    )


def _totals_table(result: StudyResult, words: Words) -> TableSpec | None:
    if result.matched is not None:
        return odds_table(result.matched.nomogram, words)
    if result.survival is None:
        return models.total_table(result.nomogram, words)
    return at_horizons.totals_table(result.nomogram, result.survival.time_unit, words)


def _decision_table(result: StudyResult, words: Words) -> TableSpec | None:
    thresholds = result.facts.thresholds
    if result.survival is not None:
        return at_horizons.horizon_decision_table(result.survival, thresholds, words)
    return performance.decision_table(result.decision, thresholds, words)
