"""Figures of the report, each from numbers that already exist.

Every function takes a result and, if wished, the axes to draw in, and returns the axes.
None computes statistics, prints, shows or changes a setting. matplotlib is imported
when the first figure is drawn.
"""

from __future__ import annotations

from vertebrisk.report.figures.agreement import plot_bland_altman
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
