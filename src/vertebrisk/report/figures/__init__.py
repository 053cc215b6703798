"""Figures of the report, each from numbers that already exist.

Every function takes a result and, if wished, the axes to draw in, and returns the axes.
None computes statistics, prints, shows or changes a setting. A figure's module is loaded when it
is asked for, and matplotlib when the first is drawn.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vertebrisk.report.figures.agreement import plot_bland_altman
    from vertebrisk.report.figures.balance import plot_balance
    from vertebrisk.report.figures.calibration import plot_calibration
    from vertebrisk.report.figures.decision import plot_decision_curve
    from vertebrisk.report.figures.effect import plot_effect
    from vertebrisk.report.figures.flow import plot_flow
    from vertebrisk.report.figures.followup import plot_followup
    from vertebrisk.report.figures.forest import plot_forest
    from vertebrisk.report.figures.forest_centres import plot_forest_centres
    from vertebrisk.report.figures.forest_pooled import plot_forest_pooled
    from vertebrisk.report.figures.funnel import plot_funnel
    from vertebrisk.report.figures.instability import (
        plot_calibration_instability,
        plot_classification_instability,
        plot_decision_instability,
        plot_prediction_instability,
    )
    from vertebrisk.report.figures.learning import plot_learning_curve
    from vertebrisk.report.figures.lettering import missing_glyphs
    from vertebrisk.report.figures.linear_predictor import plot_linear_predictor
    from vertebrisk.report.figures.missing import (
        plot_convergence,
        plot_imputed_values,
        plot_missing_patterns,
    )
    from vertebrisk.report.figures.monitoring import plot_drift, plot_observed_expected
    from vertebrisk.report.figures.nomogram import plot_nomogram
    from vertebrisk.report.figures.output import figure_texts, inline_svg, render
    from vertebrisk.report.figures.over_time import (
        plot_brier,
        plot_over_time,
        plot_time_dependent_auc,
    )
    from vertebrisk.report.figures.penalty import plot_cross_validation, plot_path
    from vertebrisk.report.figures.roc import plot_roc
    from vertebrisk.report.figures.schemes import figure_words
    from vertebrisk.report.figures.schoenfeld import plot_schoenfeld
    from vertebrisk.report.figures.several import (
        plot_calibrations,
        plot_decision_curves,
        plot_joint_risks,
        plot_rocs,
    )
    from vertebrisk.report.figures.stability import plot_selection
    from vertebrisk.report.figures.style import PALETTE
    from vertebrisk.report.figures.survival import plot_cumulative_incidence, plot_kaplan_meier
    from vertebrisk.report.figures.words import WORDS, data_label

__all__ = [
    "PALETTE",
    "WORDS",
    "data_label",
    "figure_texts",
    "figure_words",
    "inline_svg",
    "missing_glyphs",
    "plot_balance",
    "plot_bland_altman",
    "plot_brier",
    "plot_calibration",
    "plot_calibration_instability",
    "plot_calibrations",
    "plot_classification_instability",
    "plot_convergence",
    "plot_cross_validation",
    "plot_cumulative_incidence",
    "plot_decision_curve",
    "plot_decision_curves",
    "plot_decision_instability",
    "plot_drift",
    "plot_effect",
    "plot_flow",
    "plot_followup",
    "plot_forest",
    "plot_forest_centres",
    "plot_forest_pooled",
    "plot_funnel",
    "plot_imputed_values",
    "plot_joint_risks",
    "plot_kaplan_meier",
    "plot_learning_curve",
    "plot_linear_predictor",
    "plot_missing_patterns",
    "plot_nomogram",
    "plot_observed_expected",
    "plot_over_time",
    "plot_path",
    "plot_prediction_instability",
    "plot_roc",
    "plot_rocs",
    "plot_schoenfeld",
    "plot_selection",
    "plot_time_dependent_auc",
    "render",
]

_HOMES = {
    "PALETTE": "style",
    "WORDS": "words",
    "data_label": "words",
    "figure_texts": "output",
    "figure_words": "schemes",
    "inline_svg": "output",
    "missing_glyphs": "lettering",
    "plot_balance": "balance",
    "plot_bland_altman": "agreement",
    "plot_brier": "over_time",
    "plot_calibration": "calibration",
    "plot_calibration_instability": "instability",
    "plot_calibrations": "several",
    "plot_classification_instability": "instability",
    "plot_convergence": "missing",
    "plot_cross_validation": "penalty",
    "plot_cumulative_incidence": "survival",
    "plot_decision_curve": "decision",
    "plot_decision_curves": "several",
    "plot_decision_instability": "instability",
    "plot_drift": "monitoring",
    "plot_effect": "effect",
    "plot_flow": "flow",
    "plot_followup": "followup",
    "plot_forest": "forest",
    "plot_forest_centres": "forest_centres",
    "plot_forest_pooled": "forest_pooled",
    "plot_funnel": "funnel",
    "plot_imputed_values": "missing",
    "plot_joint_risks": "several",
    "plot_kaplan_meier": "survival",
    "plot_learning_curve": "learning",
    "plot_linear_predictor": "linear_predictor",
    "plot_missing_patterns": "missing",
    "plot_nomogram": "nomogram",
    "plot_observed_expected": "monitoring",
    "plot_over_time": "over_time",
    "plot_path": "penalty",
    "plot_prediction_instability": "instability",
    "plot_roc": "roc",
    "plot_rocs": "several",
    "plot_schoenfeld": "schoenfeld",
    "plot_selection": "stability",
    "plot_time_dependent_auc": "over_time",
    "render": "output",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vertebrisk.report.figures' has no attribute '{name}'")
    return getattr(import_module(f"vertebrisk.report.figures.{_HOMES[name]}"), name)
