"""Findings: predictors that the data chose, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.phrases import term

if TYPE_CHECKING:
    from vertebrisk.models.selection.stability import Stability


def univariable_screening(candidates: int, chosen: int) -> Finding:
    """Predictors were chosen by their own p values."""
    return Finding(
        code="univariable-screening",
        severity="warning",
        message=say(
            "{chosen} of {candidates} candidates were chosen by their univariable p values.",
            chosen=chosen,
            candidates=candidates,
        ),
        remedy=say(
            "Prespecify predictors from clinical knowledge; where the screen is kept, "
            "repeat it inside the validation, as is done here."
        ),
        explanation=say(
            "Screening one variable at a time misses confounded predictors, keeps chance "
            "findings, and makes Wald intervals and p values of the final model too "
            "optimistic (Sun et al. 1996, doi:10.1016/0895-4356(96)00025-X; PROBAST)."
        ),
    )


def refitted_after_lasso(candidates: int, chosen: int) -> Finding:
    """Predictors were chosen by the lasso and fitted anew without a penalty."""
    return Finding(
        code="refit-after-lasso",
        severity="warning",
        message=say(
            "{chosen} of {candidates} candidates were chosen by the lasso and fitted "
            "anew without a penalty.",
            chosen=chosen,
            candidates=candidates,
        ),
        remedy=say(
            "For a model that predicts, keep the shrunken coefficients (estimator = "
            "lasso); where the refit is kept, read the intervals of the repeated "
            "procedure and shrink by its slope."
        ),
        explanation=say(
            "The refit gives back the shrinkage that the lasso paid for its choice, so "
            "its coefficients lie too far from zero, and its Wald intervals and P values "
            "take the predictors for prespecified (Taylor and Tibshirani 2015, "
            "doi:10.1073/pnas.1507583112; Heinze et al. 2018, "
            "doi:10.1002/bimj.201700067)."
        ),
    )


def chosen_by_stability(candidates: int, chosen: int, asked: Stability) -> Finding:
    """Predictors were chosen by stability selection, with the bound on false choices."""
    sharper = asked.unimodal_bound(candidates)
    also = (
        ""
        if sharper is None
        else say(" (or {sharper:.2g} if their shares have one mode)", sharper=sharper)
    )
    return Finding(
        code="stability-selection",
        severity="note",
        message=say(
            "{chosen} of {candidates} candidates were chosen in at least {threshold:g} % "
            "of {pairs} halves of the patients, each of which chose {chosen_per_half}; "
            "of candidates no better than chance at most {bound:.2g} are expected among "
            "them{also}.",
            chosen=chosen,
            candidates=candidates,
            threshold=100 * asked.threshold,
            pairs=2 * asked.pairs,
            chosen_per_half=asked.chosen_per_half(candidates),
            bound=asked.bound(candidates),
            also=also,
        ),
        remedy=say(
            "Read which candidates were chosen, not that others do not matter; read the "
            "intervals of the repeated procedure."
        ),
        explanation=say(
            "The bound is on candidates chosen in a half no more often than the average "
            "one (Shah and Samworth 2013, doi:10.1111/j.1467-9868.2011.01034.x). It is "
            "cautious, so weak predictors are left out, and the coefficients of the "
            "others are fitted as if they had been prespecified."
        ),
    )


def data_driven_selection(candidates: int, chosen: int, method: str) -> Finding:
    """Predictors were chosen by the data in another way."""
    return Finding(
        code="data-driven-selection",
        severity="warning",
        message=say(
            "{chosen} of {candidates} candidates were chosen by {method} selection.",
            chosen=chosen,
            candidates=candidates,
            method=term(method),
        ),
        remedy=say("Prespecify predictors, or read the intervals of the repeated procedure."),
        explanation=say(
            "Coefficients of selected predictors are biased away from zero and their "
            "Wald intervals are too narrow (Heinze et al. 2018, "
            "doi:10.1002/bimj.201700067)."
        ),
    )


def nothing_selected(*, in_sets: bool = False) -> Finding:
    """No candidate was chosen; `in_sets` tells a model of matched sets."""
    left = (
        say("cases and controls of a set cannot be told apart")
        if in_sets
        else say("the model is the mean risk, the same for everyone")
    )
    return Finding(
        code="nothing-selected",
        severity="warning",
        message=say("No candidate was chosen: {left}.", left=left),
        remedy=say("Report that no predictor was found; do not relax the rule after the fact."),
    )
