"""All figures of a report, drawn once and rendered to every format that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from vertebrisk.comparison.agreement.results import ContinuousAgreement
from vertebrisk.findings import Finding
from vertebrisk.models.inference import INTERCEPT
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.results.survival import SurvivalResult
from vertebrisk.report.tables.patients import with_unit
from vertebrisk.text.phrases import in_sentence
from vertebrisk.validation.results import CalibrationCurve, DecisionCurve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FigureFormat = Literal["svg", "pdf", "png", "tiff"]
Drawing = Callable[[], "Axes | Figure"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure's name and its bytes by format."""

    name: str
    files: dict[FigureFormat, bytes]


def draw_figures(
    result: StudyResult, formats: Sequence[FigureFormat]
) -> tuple[tuple[Drawn, ...], tuple[Finding, ...]]:
    """Draw the report's figures.

    Returns
    -------
    figures, findings
        A finding says which characters no font of this machine can draw.
    """
    from vertebrisk.report.figures import figure_texts, missing_glyphs, render

    drawn: list[Drawn] = []
    lacking: set[str] = set()
    for name, draw in _drawings(result).items():
        figure = draw().figure
        lacking |= missing_glyphs(figure_texts(figure))  # type: ignore[arg-type]
        files = {each: render(figure, each) for each in formats}  # type: ignore[arg-type]
        drawn.append(Drawn(name, files))
    return tuple(drawn), _missing(lacking)


def _missing(lacking: set[str]) -> tuple[Finding, ...]:
    if not lacking:
        return ()
    return (
        Finding(
            code="missing-font",
            severity="note",
            message=f"No font of this machine draws {len(lacking)} of the characters in the "
            "figures; SVG figures leave them to the viewer's fonts, other formats show boxes.",
            remedy="Install a font for the language, such as Noto Sans CJK for Chinese.",
        ),
    )


def _drawings(result: StudyResult) -> dict[str, Drawing]:
    from vertebrisk.report import figures

    words = figures.figure_words(result.facts.language, result.validation.method)
    label = figures.data_label(result.facts.data_kind, words)
    validation = result.validation
    groups = [group.label for group in result.comparison.groups]
    drawings: dict[str, Drawing] = {
        "flow": lambda: figures.plot_flow(
            result.flow, groups[1], groups[0], label=label, words=words
        ),
        **_performance(result, label),
    }
    roc, cuts = result.roc, result.thresholds
    if roc is not None and cuts is not None:
        drawings["roc"] = lambda: figures.plot_roc(roc, cuts, validation, label=label, words=words)
    told = result.matched is not None and bool(result.multivariable)
    if (result.nomogram.axes or told) and result.penalised is None:
        drawings["forest"] = lambda: figures.plot_forest(
            result.multivariable, model=result.facts.model, label=label, words=words
        )
    if result.matched is not None and result.matched.nomogram.axes:
        drawings["nomogram"] = partial(
            figures.plot_nomogram, result.matched.nomogram, label=label, words=words
        )
    if result.nomogram.axes:
        drawings["nomogram"] = lambda: figures.plot_nomogram(
            result.nomogram,
            result.example,
            result.total_points,
            in_sentence(result.facts.outcome_label),
            label=label,
            unit=_unit(result, words),
            words=words,
        )
    drawings |= _unstable(result, label)
    drawings |= _imputed(result, label)
    centres = result.centres
    if centres is not None:
        drawings["centres"] = lambda: figures.plot_forest_centres(
            centres, label=label, words=words
        )[0]
    drawings |= _penalty(result, label)
    drawings |= _effects(result, label)
    drawings |= _over_time(result, label)
    drawings |= _followed(result, label)
    if validation.selected.height:
        labels = {row.term: row.label for row in result.univariable}
        chosen = {row.term for row in result.multivariable}
        drawings["selection"] = lambda: figures.plot_selection(
            validation.selected, chosen, labels, label=label, words=words
        )
    return drawings


def _performance(result: StudyResult, label: str) -> dict[str, Drawing]:
    """Calibration and decision curves: one each, or one each for every horizon."""
    from vertebrisk.report import figures

    words = figures.figure_words(result.facts.language, result.validation.method)
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
    for place, (calibration, decision) in enumerate(pairs, start=1):
        suffix = "" if place == 1 else f"_{place}"
        if calibration is not None:
            drawings[f"calibration{suffix}"] = partial(
                figures.plot_calibration, calibration, validation, label=label, words=words
            )
        if decision is not None:
            drawings[f"decision{suffix}"] = partial(
                figures.plot_decision_curve, decision, thresholds, label=label, words=words
            )
    return drawings


def _unstable(result: StudyResult, label: str) -> dict[str, Drawing]:
    """How far the models of resamples scatter."""
    from vertebrisk.report import figures

    found = result.instability
    if found is None:
        return {}
    words = figures.WORDS[result.facts.language]
    shared: dict[str, Any] = {"time_unit": _unit(result, words), "label": label, "words": words}
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


def _imputed(result: StudyResult, label: str) -> dict[str, Drawing]:
    """Patterns, convergence and drawn values of an imputation."""
    from vertebrisk.report import figures

    found = result.imputed
    if found is None:
        return {}
    words = figures.WORDS[result.facts.language]
    labels = dict(found.variables.select("variable", "label").iter_rows())
    drawings: dict[str, Drawing] = {}
    if found.patterns["missing"].list.len().max():
        drawings["missing_patterns"] = partial(
            figures.plot_missing_patterns, found.patterns, labels, label=label, words=words
        )
    if found.convergence.height:
        drawings["convergence"] = lambda: figures.plot_convergence(
            found.convergence, labels, label=label, words=words
        )[0]
        drawings["imputed_values"] = lambda: figures.plot_imputed_values(
            found.densities, labels, label=label, words=words
        )[0]
    return drawings


def _penalty(result: StudyResult, label: str) -> dict[str, Drawing]:
    """Path and cross-validation of a penalised model."""
    from vertebrisk.report import figures

    found = result.penalised
    if found is None:
        return {}
    words = figures.WORDS[result.facts.language]
    kept = found.coefficients.filter((pl.col("estimate") != 0.0) & (pl.col("term") != INTERCEPT))
    drawings: dict[str, Drawing] = {
        "path": partial(
            figures.plot_path,
            found.path,
            found.penalty,
            _column_labels(result),
            set(kept.select("term", "level").iter_rows()),
            label=label,
            words=words,
        )
    }
    if not found.cross_validation.is_empty():
        partial_likelihood = result.survival is not None and found.measure == "deviance"
        drawings["cross_validation"] = partial(
            figures.plot_cross_validation,
            found.cross_validation,
            found.penalty,
            "partial_deviance" if partial_likelihood else found.measure,
            label=label,
            words=words,
        )
    return drawings


def _effects(result: StudyResult, label: str) -> dict[str, Drawing]:
    """Risk against every number that enters other than as it is."""
    from vertebrisk.report import figures
    from vertebrisk.report.figures.words import duration

    words = figures.WORDS[result.facts.language]
    unit = _unit(result, words)
    effects = () if result.shapes is None else result.shapes.effects
    return {
        f"effect_{place}": partial(
            figures.plot_effect,
            each.frame,
            with_unit(each.label, each.unit),
            each.by_label,
            "" if each.horizon is None else duration(each.horizon, unit, words),
            label=label,
            words=words,
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


def _over_time(result: StudyResult, label: str) -> dict[str, Drawing]:
    """Curves of a study of time to event."""
    from vertebrisk.report import figures

    survival = result.survival
    if survival is None:
        return {}
    words = figures.WORDS[result.facts.language]
    horizons = [each.horizon for each in survival.horizons]
    shared: dict[str, Any] = {"time_unit": _unit(result, words), "label": label, "words": words}
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
        drawings["schoenfeld"] = partial(_schoenfeld, result, survival, shared)
    if not curves.auc.is_empty():
        drawings["over_time"] = lambda: figures.plot_over_time(curves.auc, curves.brier, **shared)[
            0
        ]
    return drawings


def _schoenfeld(result: StudyResult, survival: SurvivalResult, shared: dict[str, Any]) -> Figure:
    from vertebrisk.report import figures

    rows = survival.hazards.iter_rows(named=True)
    figure, _ = figures.plot_schoenfeld(
        survival.curves.residuals,
        None if survival.curves.trend.is_empty() else survival.curves.trend,
        {row["term"]: row["p_value"] for row in rows},
        None,
        {row.term: row.label for row in result.multivariable},
        **shared,
    )
    drawn: Figure = figure
    return drawn


def _followed(result: StudyResult, label: str) -> dict[str, Drawing]:
    """Scores over follow-up, and measurements of two readers."""
    from vertebrisk.report import figures

    words = figures.WORDS[result.facts.language]
    drawings: dict[str, Drawing] = {}
    for place, score in enumerate(result.followup, start=1):
        drawings[f"followup_{place}"] = partial(
            figures.plot_followup,
            score.record,
            with_unit(score.label, score.unit),
            score.group_labels,
            score.limits,
            words[score.time_unit] if score.time_unit else "",
            label=label,
            words=words,
        )
    for place, readers in enumerate(result.agreement, start=1):
        if isinstance(readers.record, ContinuousAgreement):
            drawings[f"agreement_{place}"] = partial(
                figures.plot_bland_altman,
                readers.record.bland_altman,
                with_unit(readers.label, readers.unit),
                readers.readers,
                label=label,
                words=words,
            )
    return drawings
