"""Sentences about how well the model predicts."""

from __future__ import annotations

from vertebrisk.report.main_numbers import (
    corrected_estimate,
    is_intercept_only,
    performance_row,
    usable,
    with_interval,
    with_range,
)
from vertebrisk.report.narrative import matched, survival
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.report.narrative.powers import shapes_found_again
from vertebrisk.report.narrative.selection import repeated_selection
from vertebrisk.report.tables.performance import decision_rows
from vertebrisk.validation.results import DecisionCurve

_FEW_EVENTS = 200


def discrimination(told: Narration) -> list[str]:
    """The area under the curve."""
    auc = told.result.c_index
    shown = with_interval((auc.estimate, auc.conf_low, auc.conf_high), told.words)
    sentences = [told.words("discrimination.auc", auc=shown)]
    if "thresholds" in told.tables:
        sentences.append(told.words("discrimination.thresholds", table=told.table("thresholds")))
    sentences += survival.discrimination(told)
    return [told.words.joined(sentences)]


def calibration(told: Narration) -> list[str]:
    """Slope, intercept, error and smoother; nothing where there are no risks."""
    if told.result.matched is not None:
        return []
    words, flow = told.words, told.result.flow
    curve = told.result.validation.calibration
    slope = corrected_estimate(told.result, "slope")
    intercept = corrected_estimate(told.result, "intercept")
    measured = survival.measured_at_horizons(told)
    at_horizons = measured and told.result.survival is not None
    sentences = [words("calibration.survival")] if at_horizons else []
    if usable(slope[0]) and usable(intercept[0]):
        sentences.append(
            words(
                "calibration.slope",
                slope=with_range(slope, told.words),
                intercept=with_range(intercept, told.words),
            )
        )
    elif usable(slope[0]):
        sentences.append(words("calibration.slope_only", slope=with_range(slope, told.words)))
    if usable(curve.mean_absolute_error):
        sentences.append(
            words(
                "calibration.error",
                error=told.numbers.estimate(curve.mean_absolute_error, 3),
            )
        )
    if not measured:
        return [words.joined(sentences)]
    smoother = words.smoother(curve.smoother)
    sentences.append(words("calibration.smoother", smoother=smoother))
    if min(flow.n_events, flow.n - flow.n_events) < _FEW_EVENTS:
        sentences.append(words("calibration.band", events=flow.n_events))
    return [words.joined(sentences)]


def validation(told: Narration) -> list[str]:
    """What the bootstrap took off, and how stable the choice was."""
    words, validation = told.words, told.result.validation
    line = performance_row(validation, "c_index")
    whole = "whole" in validation.procedure
    sentences = []
    if usable(line.get("corrected")):
        sentences.append(
            words(
                "validation.c",
                resamples=validation.resamples,
                procedure=words("validation.whole" if whole else "validation.held"),
                apparent=told.numbers.estimate(line.get("apparent"), 3),
                corrected=with_interval(corrected_estimate(told.result, "c_index"), told.words),
                optimism=told.numbers.estimate(line.get("optimism"), 3),
            )
        )
    sentences.append(matched.slope(told))
    if is_intercept_only(told.result):
        sentences.append(words("validation.nothing_selected"))
    sentences.append(_held_fixed(told))
    imputed = told.result.imputed is not None
    failed = validation.n_failed - (validation.n_separated if imputed else 0)
    if validation.n_separated:
        sentences.append(words(_separated(told), n=validation.n_separated))
    if failed:
        sentences.append(words("validation.failed", n=failed))
    if "selection" in told.tables:
        sentences.append(words("validation.selected", table=told.table("selection")))
    sentences += [*repeated_selection(told), *shapes_found_again(told)]
    return [words.joined(sentences)]


def _separated(told: Narration) -> str:
    if told.result.imputed is not None:
        return "validation.separated_imputed"
    if told.facts.in_pieces:
        return "validation.separated_pieces"
    return "validation.separated"


def _held_fixed(told: Narration) -> str:
    fixed = told.result.validation_fixed
    corrected = None if fixed is None else performance_row(fixed, "c_index").get("corrected")
    if not usable(corrected):
        return ""
    return told.words("validation.fixed", corrected=told.numbers.estimate(corrected, 3))


def decision(told: Narration) -> list[str]:
    """Net benefit at the thresholds of the protocol, at every horizon."""
    words, result = told.words, told.result
    if result.matched is not None:
        return []
    if result.survival is None:
        benefits = _benefits(told, result.decision)
        if words.method == "632+":
            benefits.append(words("decision.apparent"))
        return [words.joined([*benefits, words("decision.range")])]
    paragraphs = []
    unit = words.duration(result.survival.time_unit)
    for each in result.survival.horizons:
        opening = words(
            "decision.survival",
            horizon=f"{each.horizon:g}",
            unit=unit,
        )
        benefits = _benefits(told, each.decision)
        if benefits:
            paragraphs.append(words.joined([opening, *benefits]))
    if not survival.measured_at_horizons(told):
        return [words("decision.entered")]
    return [*paragraphs, words("decision.range")]


def _benefits(told: Narration, curve: DecisionCurve | None) -> list[str]:
    """One sentence for each threshold of the protocol."""
    words = told.words
    sentences = []
    for threshold, lines in decision_rows(curve, told.facts.thresholds):
        apparent = lines.get("model", {}).get("net_benefit")
        line = lines.get("model_corrected", {})
        if not usable(line.get("net_benefit")):
            continue
        limits = (line["net_benefit"], line.get("conf_low"), line.get("conf_high"))
        everyone = lines.get("all", {}).get("net_benefit")
        sentences.append(
            words(
                "decision.at",
                threshold=told.numbers.risk(threshold, 0 if _whole(threshold * 100.0) else 1),
                net_benefit=with_interval(limits, told.words),
                apparent=told.numbers.estimate(apparent, 3),
                all=told.numbers.estimate(everyone, 3),
            )
        )
    return sentences


def _whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-9
