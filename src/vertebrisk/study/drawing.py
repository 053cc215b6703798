"""The figures of a study: for each its key, and how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from vertebrisk.comparison.agreement.results import ContinuousAgreement
from vertebrisk.models.inference import INTERCEPT
from vertebrisk.report.drawn import Drawing
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.patients import with_unit
from vertebrisk.report.words import Words
from vertebrisk.text.phrases import in_sentence
from vertebrisk.validation.results import CalibrationCurve, DecisionCurve


def study_drawings(result: StudyResult) -> dict[str, Drawing]:
    """Every figure that a study's result has, by key; nothing is drawn yet."""
    from vertebrisk.report import figures

    facts = result.facts
    words = figures.figure_words(facts.language, result.validation.method, facts.journal)
    label = figures.data_label(facts.data_kind, words)
    shared: dict[str, Any] = {"label": label, "words": words}
    groups = [group.label for group in result.comparison.groups]
    drawings: dict[str, Drawing] = {
        "flow": partial(figures.plot_flow, result.flow, groups[1], groups[0], **shared),
        **_performance(result, shared),
        **_nomogram(result, shared),
    }
    if any(each.smd is not None for each in result.comparison.variables):
        drawings["balance"] = partial(figures.plot_balance, result.comparison, **shared)
    told = result.matched is not None and bool(result.multivariable)
    if (result.nomogram.axes or told) and result.penalised is None:
        drawings["forest"] = partial(
            figures.plot_forest, result.multivariable, model=result.facts.model, **shared
        )
    if result.centres is not None:
        drawings["centres"] = partial(figures.plot_forest_centres, result.centres, **shared)
    if result.validation.selected.height:
        labels = {row.term: row.label for row in result.univariable}
        chosen = {row.term for row in result.multivariable}
        drawings["selection"] = partial(
            figures.plot_selection, result.validation.selected, chosen, labels, **shared
        )
    return (
        drawings
        | _unstable(result, shared)
        | _imputed(result, shared)
        | _penalty(result, shared)
        | _effects(result, shared)
        | _over_time(result, shared)
        | _followed(result, shared)
    )


def _nomogram(result: StudyResult, shared: Mapping[str, Any]) -> dict[str, Drawing]:
    from vertebrisk.report import figures

    if result.nomogram.axes:
        outcome = in_sentence(result.facts.outcome_label)
        drawn = (result.nomogram, result.example, result.total_points, outcome)
        unit = _unit(result, shared["words"])
        return {"nomogram": partial(figures.plot_nomogram, *drawn, unit=unit, **shared)}
    if result.matched is not None and result.matched.nomogram.axes:
        return {"nomogram": partial(figures.plot_nomogram, result.matched.nomogram, **shared)}
    return {}


def _performance(result: StudyResult, shared: Mapping[str, Any]) -> dict[str, Drawing]:
    """ROC curve; calibration and decision curves, one each or one each for every horizon."""
    from vertebrisk.report import figures

    thresholds = list(result.facts.thresholds)
    validation = result.validation
    pairs: list[tuple[CalibrationCurve | None, DecisionCurve | None]]
    if result.matched is not None:
        pairs = []
    elif result.survival is None:
        pairs = [(validation.calibration, result.decision)]
    else:
        pairs = [(each.calibration, each.decision) for each in result.survival.horizons]
    drawings: dict[str, Drawing] = {}
    if result.roc is not None and result.thresholds is not None:
        drawings["roc"] = partial(
            figures.plot_roc, result.roc, result.thresholds, validation, **shared
        )
    for place, (calibration, decision) in enumerate(pairs, start=1):
        suffix = "" if place == 1 else f"_{place}"
        if calibration is not None:
            smoother = Words.of(result).smoother(calibration.smoother)
            named = {**shared, "words": {**shared["words"], calibration.smoother: smoother}}
            drawings[f"calibration{suffix}"] = partial(
                figures.plot_calibration, calibration, validation, **named
            )
        if decision is not None:
            drawings[f"decision{suffix}"] = partial(
                figures.plot_decision_curve, decision, thresholds, **shared
            )
    return drawings


def _unstable(result: StudyResult, shared: Mapping[str, Any]) -> dict[str, Drawing]:
    """How far the models of resamples scatter."""
    from vertebrisk.report import figures

    found = result.instability
    if found is None:
        return {}
    shared = {**shared, "time_unit": _unit(result, shared["words"])}
    drawings: dict[str, Drawing] = {
        "instability_prediction": partial(figures.plot_prediction_instability, found, **shared),
        "instability_classification": partial(
            figures.plot_classification_instability, found, **shared
        ),
    }
    if not found.calibration.is_empty():
        drawings["instability_calibration"] = partial(
            figures.plot_calibration_instability, found, **shared
        )
    if not found.decision.is_empty():
        drawings["instability_decision"] = partial(
            figures.plot_decision_instability, found, **shared
        )
    return drawings


def _imputed(result: StudyResult, shared: Mapping[str, Any]) -> dict[str, Drawing]:
    """Patterns, convergence and drawn values of an imputation."""
    from vertebrisk.report import figures

    found = result.imputed
    if found is None:
        return {}
    labels = dict(found.variables.select("variable", "label").iter_rows())
    drawings: dict[str, Drawing] = {}
    if found.patterns["missing"].list.len().max():
        drawings["missing_patterns"] = partial(
            figures.plot_missing_patterns, found.patterns, labels, **shared
        )
    if found.convergence.height:
        drawings["convergence"] = partial(
            figures.plot_convergence, found.convergence, labels, **shared
        )
        drawings["imputed_values"] = partial(
            figures.plot_imputed_values, found.densities, labels, **shared
        )
    return drawings


def _penalty(result: StudyResult, shared: Mapping[str, Any]) -> dict[str, Drawing]:
    """Path and cross-validation of a penalised model."""
    from vertebrisk.report import figures

    found = result.penalised
    if found is None:
        return {}
    kept = found.coefficients.filter((pl.col("estimate") != 0.0) & (pl.col("term") != INTERCEPT))
    drawings: dict[str, Drawing] = {
        "path": partial(
            figures.plot_path,
            found.path,
            found.penalty,
            _column_labels(result),
            set(kept.select("term", "level").iter_rows()),
            **shared,
        )
    }
    if not found.cross_validation.is_empty():
        partial_likelihood = result.survival is not None and found.measure == "deviance"
        drawings["cross_validation"] = partial(
            figures.plot_cross_validation,
            found.cross_validation,
            found.penalty,
            "partial_deviance" if partial_likelihood else found.measure,
            **shared,
        )
    return drawings


def _effects(result: StudyResult, shared: Mapping[str, Any]) -> dict[str, Drawing]:
    """Risk against every number that enters other than as it is."""
    from vertebrisk.report import figures
    from vertebrisk.report.figures.words import duration

    words = shared["words"]
    unit = _unit(result, words)
    effects = () if result.shapes is None else result.shapes.effects
    return {
        f"effect_{place}": partial(
            figures.plot_effect,
            each.frame,
            with_unit(each.label, each.unit),
            each.by_label,
            "" if each.horizon is None else duration(each.horizon, unit, words),
            **shared,
        )
        for place, each in enumerate(effects, start=1)
    }


def _column_labels(result: StudyResult) -> dict[tuple[str, str], str]:
    """What each coefficient is called on a figure."""
    levels: dict[str, int] = {}
    for row in result.univariable:
        levels[row.term] = levels.get(row.term, 0) + (row.kind == "estimate")
    labels = {}
    for row in result.univariable:
        plain = row.label.rsplit(", ", 1)[0] if not row.level else row.label
        several = levels[row.term] > 1 and row.level
        labels[row.term, row.level] = f"{plain}: {row.shown_level}" if several else plain
    return labels


def _unit(result: StudyResult, words: Mapping[str, str]) -> str:
    """Unit of the times, as the figures write it."""
    unit = "" if result.survival is None else result.survival.time_unit
    return words[unit] if unit else ""


def _over_time(result: StudyResult, shared: Mapping[str, Any]) -> dict[str, Drawing]:
    """Curves of a study of time to event."""
    from vertebrisk.report import figures

    survival = result.survival
    if survival is None:
        return {}
    words = shared["words"]
    horizons = [each.horizon for each in survival.horizons]
    shared = {**shared, "time_unit": _unit(result, words)}
    curves = survival.curves
    drawings: dict[str, Drawing] = {
        "kaplan_meier": partial(
            figures.plot_kaplan_meier, curves.survival, horizons=horizons, **shared
        )
    }
    if not curves.thirds.is_empty():
        thirds = {str(place): words[f"third_{place}"] for place in range(3)}
        drawings["kaplan_meier_thirds"] = partial(
            figures.plot_kaplan_meier, curves.thirds, thirds, horizons=horizons, **shared
        )
    if curves.incidence is not None:
        drawings["incidence"] = partial(
            figures.plot_cumulative_incidence, curves.incidence, horizons=horizons, **shared
        )
    if not curves.residuals.is_empty():
        drawings["schoenfeld"] = partial(
            figures.plot_schoenfeld,
            curves.residuals,
            None if curves.trend.is_empty() else curves.trend,
            {row["term"]: row["p_value"] for row in survival.hazards.iter_rows(named=True)},
            None,
            {row.term: row.label for row in result.multivariable},
            **shared,
        )
    if not curves.auc.is_empty():
        drawings["over_time"] = partial(figures.plot_over_time, curves.auc, curves.brier, **shared)
    return drawings


def _followed(result: StudyResult, shared: Mapping[str, Any]) -> dict[str, Drawing]:
    """Scores over follow-up, and measurements of two readers."""
    from vertebrisk.report import figures

    words = shared["words"]
    drawings: dict[str, Drawing] = {}
    for place, score in enumerate(result.followup, start=1):
        drawings[f"followup_{place}"] = partial(
            figures.plot_followup,
            score.record,
            with_unit(score.label, score.unit),
            score.group_labels,
            score.limits,
            words[score.time_unit] if score.time_unit else "",
            **shared,
        )
    for place, readers in enumerate(result.agreement, start=1):
        if isinstance(readers.record, ContinuousAgreement):
            drawings[f"agreement_{place}"] = partial(
                figures.plot_bland_altman,
                readers.record.bland_altman,
                with_unit(readers.label, readers.unit),
                readers.readers,
                **shared,
            )
    return drawings
