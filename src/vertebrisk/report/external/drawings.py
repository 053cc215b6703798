"""The figures of an external validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import polars as pl

from vertebrisk._types import DataKind
from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.models.comparing.results import SharedRows
from vertebrisk.models.external.results import Counts, ExternalValidation
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report import figures
from vertebrisk.report.drawn import Drawing
from vertebrisk.report.external.over_time import numbered
from vertebrisk.report.external.source import Source
from vertebrisk.report.external.tables import labels, reason_text
from vertebrisk.report.printing import Printing
from vertebrisk.validation.results import CalibrationCurve, DecisionCurve, ThresholdTable


def external_drawings(
    found: ExternalValidation, model: RiskModel, source: Source, printing: Printing
) -> dict[str, Drawing]:
    """Every figure of a validation, by key; nothing is drawn yet."""
    words = printing.figure_words
    label = figure_label(found.data_kind, [model], words)
    reasons = [
        (reason_text(reason, labels(model), printing.words), count)
        for reason, count in found.counts.reasons.items()
    ]
    drawn: dict[str, Drawing] = {
        "external_flow": partial(
            figures.plot_flow,
            flow_of(found.counts),
            reasons=reasons,
            label=label,
            words=flow_words(words),
        ),
    }
    for place, (curve, decision) in enumerate(_views(found), start=1):
        drawn[numbered("external_calibration", place)] = partial(
            figures.plot_calibration, curve, label=label, words=curve_words(curve, printing)
        )
        if decision is not None and decision.frame["threshold"].n_unique() > 1:
            drawn[numbered("external_decision", place)] = partial(
                figures.plot_decision_curve,
                decision,
                source.thresholds,
                label=label,
                words=words,
            )
    if found.roc is not None:
        drawn["external_roc"] = partial(
            figures.plot_roc,
            found.roc,
            _asked(found, source),
            label=label,
            words=roc_words(words),
        )
    if found.linear_predictors is not None:
        drawn["external_linear_predictor"] = partial(
            figures.plot_linear_predictor,
            found.linear_predictors,
            developed_range(model),
            _means(found),
            label=label,
            words=words,
        )
    return drawn


def _views(
    found: ExternalValidation,
) -> list[tuple[CalibrationCurve, DecisionCurve | None]]:
    """Calibration and net benefit: once, or by each horizon."""
    if not found.horizons:
        return [(found.calibration, found.decision)]
    return [(each.calibration, each.decision) for each in found.horizons]


def _asked(found: ExternalValidation, source: Source) -> ThresholdTable | None:
    """The thresholds asked, as points on the curve; None without any."""
    if found.classes is None or not source.thresholds:
        return None
    frame = found.classes.frame.filter(pl.col("threshold").is_in(list(source.thresholds)))
    return ThresholdTable(frame.with_columns(source=pl.lit("protocol")))


def _means(found: ExternalValidation) -> tuple[float | None, float | None]:
    """Mean linear predictor of the patients of development, and of these."""
    developed = found.case_mix.developed
    return None if developed is None else developed.mean, found.linear_predictor_mean


def developed_range(model: RiskModel) -> tuple[float, float] | None:
    """Range of the linear predictor over the patients whom a model was made from."""
    ticks = model.linear_ticks
    return (float(ticks[0]), float(ticks[-1])) if ticks.size > 1 else None


def figure_label(kind: DataKind, models: Sequence[RiskModel], words: Mapping[str, str]) -> str:
    """What a figure must say where patients, or those of a model, are not real."""
    others = sorted({each.population.data_kind for each in models} - {"real"})
    parts = [] if kind == "real" else [figures.data_label(kind, words)]
    return " · ".join([*parts, *(words[f"model_of_{other}"] for other in others)])


def flow_of(counts: Counts | SharedRows) -> Flow:
    """The rows as a flow: outcome not known, no risk by the model or one of several, measured."""
    lost = counts.left_out if isinstance(counts, SharedRows) else counts.not_scored
    known = counts.rows - counts.outcome_missing
    steps = (
        FlowStep("outcome-missing", "", "", counts.outcome_missing, known),
        FlowStep("not-scored", "", "", lost, counts.n),
    )
    return Flow(
        unit="patient",
        n_read=counts.rows,
        steps=tuple(each for each in steps if each.removed),
        n=counts.n,
        n_events=counts.n_events,
        n_patients=counts.n,
    )


def flow_words(words: Mapping[str, str]) -> dict[str, str]:
    """Words of a flow in which patients are measured, and none analysed."""
    return {
        **words,
        "read_patient": words["rows_of_file"],
        "outcome_missing": words["outcome_unknown"],
        "analysed": words["measured"],
    }


def roc_words(words: Mapping[str, str]) -> dict[str, str]:
    """Words of a ROC curve whose thresholds are those that were asked."""
    return {**words, "protocol_threshold": words["asked_threshold"]}


def curve_words(curve: CalibrationCurve, printing: Printing) -> dict[str, str]:
    """Words of a curve on patients whom the model was not made from: nothing is apparent."""
    words = printing.figure_words
    smoother = {curve.smoother: printing.words.smoother(curve.smoother)}
    return {**words, **smoother, "apparent": words["observed_here"], "band": words["band_here"]}
