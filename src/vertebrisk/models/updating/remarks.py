"""What a reviewer would say of an update."""

from __future__ import annotations

from collections.abc import Mapping

from vertebrisk.findings import Finding
from vertebrisk.models.objections.events import EVENTS_PER_PARAMETER
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.updating.methods import REVISING, Estimate, Method
from vertebrisk.models.updating.patients import NewPatients
from vertebrisk.models.updating.survival import FollowedPatients
from vertebrisk.text.messages import say
from vertebrisk.text.phrases import term
from vertebrisk.text.plurals import counted


def few_of(
    patients: NewPatients | FollowedPatients, found: Mapping[Method, Estimate], asked: str
) -> list[Finding]:
    """Fewer than ten events, or non-events, for each parameter of the largest model estimated."""
    ways, (smaller, noun) = list(found.values()), patients.smaller
    largest = ways[-1] if asked == "closed-test" else next(e for e in ways if e.method == asked)
    # The intercept is no more a parameter here than in a model's development.
    revised = largest.method in REVISING and ways[0].method == "none"
    parameters = largest.df - 1 if revised else largest.df
    wanted = EVENTS_PER_PARAMETER * parameters
    if smaller >= wanted:
        return []
    enough = [
        each.method
        for each in ways
        if each.df > 0 and EVENTS_PER_PARAMETER * each.df <= smaller and not each.reason
    ]
    instead = enough[-1] if enough else ways[0 if ways[0].method == "baseline" else 1].method
    return [
        Finding(
            code="few-events-for-update",
            severity="warning",
            message=say(
                "{events} for the {parameters} of the {replace}; {wanted} are wanted.",
                events=counted(smaller, noun),
                parameters=counted(parameters, "parameter"),
                replace=term(largest.method.replace("-", " ", 1)),
                wanted=wanted,
            ),
            remedy=say(
                "Collect more patients, or name a method with fewer parameters beforehand, "
                "here method='{instead}'.",
                instead=instead,
            ),
            explanation=say(
                "With few patients a revision predicts worse than a model that was only "
                "recalibrated, and a closed test that keeps the original has shown little "
                "(Steyerberg et al. 2004, doi:10.1002/sim.1844; Vergouwe et al. 2017, "
                "doi:10.1002/sim.7179)."
            ),
        )
    ]


def turned(slope: float | None) -> list[Finding]:
    """The model ranks the new patients the wrong way."""
    if slope is None or slope > 0.0:
        return []
    return [
        Finding(
            code="slope-not-positive",
            severity="warning",
            message=say(
                "The slope of the original linear predictor is {slope:.2f}: its high risks "
                "are low ones in these patients.",
                slope=slope,
            ),
            remedy=say("Check the coding of the outcome and of the inputs before anything else."),
            explanation=say(
                "A model that ranks patients the wrong way is not mended by recalibration."
            ),
        )
    ]


def lost_limits(model: RiskModel, update: Estimate) -> list[Finding]:
    """The updated model has no limits, and why."""
    if update.shrinkage is not None:
        reason = say(
            "What shrinkage takes off the coefficients was itself read from these "
            "patients, and no formula holds its error."
        )
    elif update.method == "none" or update.method in REVISING:
        return []
    elif model.interval_kind == "procedure-bootstrap":
        reason = say(
            "The limits of the original come from its development repeated on resamples, "
            "which was not repeated with the update."
        )
    elif model.interval_kind == "none" or model.covariance is None:
        reason = say(
            "The errors of the original coefficients are not known, so those of an "
            "update that builds upon them are not, either."
        )
    else:
        return []
    return [
        Finding(
            code="limits-not-carried",
            severity="note",
            message=say("The updated model gives risks without limits."),
            remedy=say("Validate it in patients of its own."),
            explanation=reason,
        )
    ]


def asks_for_all(before: RiskModel, after: RiskModel) -> list[Finding]:
    """An extended model averages over no missing input though the original does."""
    if before.missing_inputs is None or after.missing_inputs is not None:
        return []
    return [
        Finding(
            code="missing-inputs-not-carried",
            severity="note",
            message=say(
                "The extended model asks for every input; the original averages over those "
                "that are missing."
            ),
            explanation=say("How the new predictors go with the others was not learnt."),
        )
    ]


def too_late(before: RiskModel, after: RiskModel) -> list[Finding]:
    """New predictors that are known only after the model is used."""
    from vertebrisk.protocol.documents import TIMINGS

    order: dict[str, int] = {timing: place for place, timing in enumerate(TIMINGS)}
    used = order.get(after.provenance.use_at, len(order))
    return [
        Finding(
            code="extended-by-what-comes-later",
            severity="warning",
            message=say(
                "'{name}' is {timing}, and the model is used when only what is {use_at} is known.",
                name=each.name,
                timing=term(each.timing),
                use_at=term(after.provenance.use_at),
            ),
            remedy=say("Leave it out, or say that the model is used later."),
            column=each.name,
        )
        for each in after.design.predictors
        if each.name not in before.design.variables and order.get(each.timing, 0) > used
    ]
