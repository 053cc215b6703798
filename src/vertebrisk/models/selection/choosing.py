"""What a selection asks of the data, and what a reviewer would say of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.findings import Finding
from vertebrisk.kernels.newton import MANY
from vertebrisk.models.development import Development, Selection
from vertebrisk.models.fractional.reporting import search_findings
from vertebrisk.models.fractional.search import asked_search
from vertebrisk.models.likelihoods import BinaryLikelihood, Likelihood, PartialLikelihood
from vertebrisk.models.objections.selection import (
    chosen_by_stability,
    refitted_after_lasso,
    univariable_screening,
)
from vertebrisk.models.penalised.penalty import selecting_penalty
from vertebrisk.models.penalised.selecting import check_lasso, plain_likelihood
from vertebrisk.models.preparing import check_estimable
from vertebrisk.models.selection.approximate import check_approximate
from vertebrisk.models.selection.stability import Stability

FEWEST_OF_AN_OUTCOME = 4  # so that each half has two


def developed(
    design: Design,
    codes: Mapping[str, FloatArray],
    likelihood: Likelihood,
    selection: Selection,
    clusters: IntArray | None = None,
) -> Development:
    """The procedure on these patients, checked, with the powers that they give.

    Raises
    ------
    ArgumentError, FitError
        See `check_selection` and `check_estimable`.
    """
    stay = selection.alpha if selection.chooses else 1.0
    search = asked_search(design, codes, selection.shape_alpha, stay)
    if search is not None:
        _check_search(selection)
        design = search.design
    size = likelihood.event.size
    ends = None
    if not design.terms:
        matrix = np.empty((size, 0))
    elif isinstance(likelihood, BinaryLikelihood | PartialLikelihood) and size >= MANY:
        matrix, ends = design.long_matrix(codes)
    else:
        matrix = design.matrix(codes)
    found = Development(design, matrix, likelihood, selection, codes, clusters, search)
    check_estimable(design, matrix, selection, ends)
    check_selection(found)
    return found.searched()


def _check_search(selection: Selection) -> None:
    """Refuse a selection that knows no candidates whose shapes are to be found."""
    backward = selection.method == "backward" and selection.criterion == "p"
    if selection.approximate:
        raise ArgumentError(
            "The powers of fp() are found with refits at every step; leave approximate out, or "
            "write known powers, such as powers(x, -1)."
        )
    if selection.chooses and not backward:
        named = selection.method + (" by " + selection.criterion) * (selection.method == "backward")
        raise ArgumentError(
            "The powers of fp() are found in a prespecified model, or with backward elimination "
            f"by P, and the selection is {named}; choose one of these, or write known powers, "
            "such as powers(x, -1)."
        )


def check_selection(development: Development) -> None:
    """Refuse a selection that these data cannot carry.

    Raises
    ------
    ArgumentError
        The model is one that the lasso, or an approximate elimination, does not know.
    FitError
        Too few events to find a penalty, or too many candidates to begin with all of them.
    """
    selection = development.selection
    if selection.approximate:
        check_approximate(development.likelihood)
    if selection.method == "lasso":
        penalty = selecting_penalty(selection.penalty)
        check_lasso(development.event, penalty, development.likelihood)
    if selection.method == "stability":
        _check_stability(development)
    patients, parameters = development.matrix.shape[0], development.parameters
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
    found = search_findings(development)
    if method == "univariable":
        found.append(univariable_screening(candidates, chosen))
    if method == "lasso":
        found.append(refitted_after_lasso(candidates, chosen))
    if method == "stability":
        asked = development.selection.stability or Stability()
        found.append(chosen_by_stability(candidates, chosen, asked))
    return found
