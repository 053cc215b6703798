"""Captions of the figures of a run, in the order of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.words import Words

if TYPE_CHECKING:
    from vertebrisk.report.results.shapes import EffectResult

FIGURES = (
    "flow",
    "balance",
    "forest",
    "path",
    "cross_validation",
    "nomogram",
    "roc",
    "calibration",
    "selection",
    "centres",
    "decision",
)
INSTABILITY_FIGURES = (
    "instability_prediction",
    "instability_classification",
    "instability_calibration",
    "instability_decision",
)
IMPUTED_FIGURES = ("missing_patterns", "convergence", "imputed_values")
SURVIVAL_FIGURES = (
    "flow",
    "balance",
    "kaplan_meier",
    "incidence",
    "forest",
    "schoenfeld",
    "path",
    "cross_validation",
    "nomogram",
    "over_time",
    "kaplan_meier_thirds",
    "calibration",
    "selection",
    "centres",
    "decision",
)


def figure_captions(result: StudyResult, words: Words) -> dict[str, str]:
    """Caption of every figure a report may have, by key, in the order of the page.

    Calibration and decision curve of a later horizon have a number behind their key:
    ``calibration_2``.
    """
    survival = result.survival
    flow, balance, *others = FIGURES if survival is None else SURVIVAL_FIGURES
    keys = (flow, balance, *(IMPUTED_FIGURES if result.imputed is not None else ()), *others)
    unstable = _plain_captions(INSTABILITY_FIGURES, result, words)
    if survival is None:
        return _plain_captions(keys, result, words) | unstable | _further_captions(result, words)
    captions: dict[str, str] = {}
    unit = words.duration(survival.time_unit)
    for key in keys:
        if key not in ("calibration", "decision"):
            captions |= _plain_captions((key,), result, words)
            continue
        for place, each in enumerate(survival.horizons, start=1):
            numbered = key if place == 1 else f"{key}_{place}"
            captions[numbered] = words(f"figure.{key}_at", horizon=f"{each.horizon:g}", unit=unit)
    return captions | unstable | _further_captions(result, words)


def _plain_captions(keys: tuple[str, ...], result: StudyResult, words: Words) -> dict[str, str]:
    """Captions of figures that a report has once; the effects follow the penalty."""
    captions: dict[str, str] = {}
    for key in keys:
        captions[key] = words(f"figure.{_shown(key, result)}")
        if key == "balance":
            captions[key] += _without_difference(result, words)
        if key == "cross_validation" and result.shapes is not None:
            for place, effect in enumerate(result.shapes.effects, start=1):
                captions[f"effect_{place}"] = _effect_caption(effect, result, words)
    return captions


def _without_difference(result: StudyResult, words: Words) -> str:
    """Which variables the plot of differences leaves out, as where nobody varies; else nothing."""
    left = [each.label for each in result.comparison.variables if each.smd is None]
    if not left:
        return ""
    return words.space + words("figure.balance_without", variables=words.listed(left))


def _shown(key: str, result: StudyResult) -> str:
    """The caption's name: another where a curve has a band."""
    banded = result.roc is not None and "sensitivity_low" in result.roc.curve.columns
    return "roc_band" if key == "roc" and banded else key


def _effect_caption(effect: EffectResult, result: StudyResult, words: Words) -> str:
    """What an effect plot shows, and where the other predictors are held."""
    unit = "" if result.survival is None else words.duration(result.survival.time_unit)
    by = words("effect.by", by=effect.by_label) if effect.by else ""
    held = words.listed(
        [words("effect.held_one", label=label, value=value) for label, value in effect.held]
    )
    risk = (
        words("effect.risk")
        if effect.horizon is None
        else words("effect.risk_by", horizon=f"{effect.horizon:g}", unit=unit)
    )
    return words(
        "figure.effect",
        risk=risk,
        label=effect.label,
        by=by,
        band=words("effect.band") if effect.banded else "",
        held=words("effect.held", held=held) if held else "",
    )


def _further_captions(result: StudyResult, words: Words) -> dict[str, str]:
    """Captions of the scores over follow-up and of the readers' measurements."""
    captions = {}
    for place, score in enumerate(result.followup, start=1):
        key = "followup" if score.record.mixed is None else "followup_mixed"
        captions[f"followup_{place}"] = words(f"figure.{key}", label=score.label)
    for place, readers in enumerate(result.agreement, start=1):
        captions[f"agreement_{place}"] = words("figure.agreement", label=readers.label)
    return captions
