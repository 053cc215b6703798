"""The figures of models compared on one cohort."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from vertebrisk.models.comparing.results import ModelComparison
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report import figures
from vertebrisk.report.drawn import Drawing
from vertebrisk.report.external.drawings import figure_label, flow_of, flow_words
from vertebrisk.report.printing import Printing


def compared_drawings(
    found: ModelComparison, models: Mapping[str, RiskModel], printing: Printing
) -> dict[str, Drawing]:
    """Every figure of a comparison, by key; nothing is drawn yet."""
    words = printing.figure_words
    label = figure_label(found.data_kind, list(models.values()), words)
    each = found.validations
    lost = [(name, count) for name, count in found.rows.not_scored.items() if count]
    own = {**flow_words(words), "not_scored": words["not_by_all"]}
    drawn: dict[str, Drawing] = {
        "compared_flow": partial(
            figures.plot_flow, flow_of(found.rows), reasons=lost, label=label, words=own
        ),
        "compared_calibration": partial(
            figures.plot_calibrations,
            {name: one.calibration for name, one in each.items()},
            label=label,
            words=words,
        ),
    }
    rocs = {name: one.roc for name, one in each.items() if one.roc is not None}
    if rocs:
        drawn["compared_roc"] = partial(figures.plot_rocs, rocs, label=label, words=words)
    decisions = {name: one.decision for name, one in each.items() if one.decision is not None}
    if decisions and next(iter(decisions.values())).frame["threshold"].n_unique() > 1:
        drawn["compared_decision"] = partial(
            figures.plot_decision_curves, decisions, found.thresholds, label=label, words=words
        )
    pairs = [(pair.first, pair.second, pair.joint) for pair in found.pairs]
    drawn["compared_joint"] = partial(
        figures.plot_joint_risks, pairs, found.thresholds, label=label, words=words
    )
    return drawn
