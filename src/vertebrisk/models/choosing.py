"""What a selection asks of the data, and what a reviewer would say of it."""

from __future__ import annotations

from vertebrisk.errors import FitError
from vertebrisk.findings import Finding
from vertebrisk.models.development import Development
from vertebrisk.models.objections import (
    chosen_by_stability,
    refitted_after_lasso,
    univariable_screening,
)
from vertebrisk.models.penalised.penalty import selecting_penalty
from vertebrisk.models.penalised.selecting import check_lasso, plain_likelihood
from vertebrisk.models.stability import Stability

FEWEST_OF_AN_OUTCOME = 4  # so that each half has two


def check_selection(development: Development) -> None:
    """Refuse a selection that these data cannot carry.

    Raises
    ------
    ArgumentError
        The model is one that the lasso does not know.
    FitError
        Too few events to find a penalty, or too many candidates to begin with all of them.
    """
    selection = development.selection
    if selection.method == "lasso":
        penalty = selecting_penalty(selection.penalty)
        check_lasso(development.event, penalty, development.likelihood)
    if selection.method == "stability":
        _check_stability(development)
    patients, parameters = development.matrix.shape
    if selection.method == "backward" and parameters >= patients - 1:
        raise FitError(
            f"Backward elimination begins with all {parameters} candidate parameters, and there "
            f"are {patients} patients; prespecify far fewer candidates, or select by lasso."
        )


def _check_stability(development: Development) -> None:
    asked = development.selection.stability or Stability()
    if asked.learner == "lasso":
        plain_likelihood(development.likelihood)
    fewer = int(min(development.event.sum(), (development.event < 0.5).sum()))
    if development.likelihood.intercepts == 0:
        fewer = int(development.event.sum())
    if fewer < FEWEST_OF_AN_OUTCOME:
        raise FitError(
            f"Stability selection halves the patients, and {fewer} have one of the outcomes; "
            f"{FEWEST_OF_AN_OUTCOME} are the least. Prespecify the predictors."
        )


def selection_findings(development: Development, chosen: int) -> list[Finding]:
    """What is to be said of the way in which `chosen` terms were selected."""
    candidates, method = len(development.design.terms), development.selection.method
    if method == "univariable":
        return [univariable_screening(candidates, chosen)]
    if method == "lasso":
        return [refitted_after_lasso(candidates, chosen)]
    if method == "stability":
        asked = development.selection.stability or Stability()
        return [chosen_by_stability(candidates, chosen, asked)]
    return []
