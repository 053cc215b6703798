"""The portable model of matched sets: odds ratios against a reference patient, no risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._types import FloatArray, IntervalKind
from vertebrisk.design.design import Design
from vertebrisk.models.portable.describing import Outcome, Population, Provenance
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.nomogram.build import linear_predictor_ticks

if TYPE_CHECKING:
    from vertebrisk.models.conditional.fit import ConditionalFit


def reference_row(design: Design) -> FloatArray:
    """Columns of the reference patient, shape (p,): reference levels, and numbers as adjusted."""
    at = {each.name: np.array([each.code(each.adjust_to)]) for each in design.predictors}
    return np.asarray(design.matrix(at)[0]) if design.terms else np.empty(0)


def relative_model(fit: ConditionalFit) -> RiskModel:
    """The model of a conditional fit, whose population refuses every risk.

    The intercept is such that the linear predictor is the log odds ratio against the
    reference patient.
    """
    reference = reference_row(fit.design)
    moved = np.vstack([-reference, np.eye(reference.size)])
    intercept = -float(reference @ fit.beta)
    kind: IntervalKind = "none" if fit.selection.chooses else "model-based"
    return RiskModel(
        design=fit.design,
        intercept=intercept,
        beta=fit.beta,
        covariance=moved @ fit.cov @ moved.T,
        draws=None,
        interval_kind=kind,
        linear_ticks=linear_predictor_ticks(intercept + fit.linear_predictor),
        outcome=Outcome(fit.outcome, fit.outcome),
        population=Population(
            fit.n, fit.n_events, design="case-control", matched=(matched_on(fit.sets),)
        ),
        provenance=Provenance(formula=fit.formula, selection=fit.selection.method),
        performance={},
    )


def matched_on(sets: str) -> str:
    """What controls were matched on where only the sets are known."""
    return f"the sets of '{sets}'"
