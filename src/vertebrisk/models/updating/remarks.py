"""What a reviewer would say of an update."""

from __future__ import annotations

from vertebrisk.findings import Finding
from vertebrisk.models.objections import EVENTS_PER_PARAMETER
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.updating.methods import Method
from vertebrisk.models.updating.patients import NewPatients
from vertebrisk.text.plurals import counted


def few_events(patients: NewPatients, method: Method) -> list[Finding]:
    """Fewer than ten events, or non-events, for each parameter that is estimated."""
    coefficients = patients.columns.shape[1] - 1
    parameters = {"in-the-large": 1, "recalibration": 2, "revision": coefficients}
    smaller = min(patients.n_events, patients.n - patients.n_events)
    noun = "event" if smaller == patients.n_events else "non-event"
    return few_of(smaller, noun, parameters.get(method, 0), method)


def few_of(smaller: int, noun: str, parameters: int, method: Method) -> list[Finding]:
    """The finding itself, where the smaller outcome class holds too few."""
    wanted = EVENTS_PER_PARAMETER * parameters
    if smaller >= wanted:
        return []
    return [
        Finding(
            code="few-events-for-update",
            severity="warning",
            message=f"{counted(smaller, noun)} for the {counted(parameters, 'parameter')} "
            f"of the {method}; {wanted} are wanted.",
            remedy="Collect more patients, or name a method with fewer parameters beforehand.",
            explanation="With few patients a revision predicts worse than a model that was only "
            "recalibrated, and a closed test that keeps the original has shown little "
            "(Steyerberg et al. 2004, doi:10.1002/sim.1844; Vergouwe et al. 2017, "
            "doi:10.1002/sim.7179).",
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
            message=f"The slope of the original linear predictor is {slope:.2f}: its high risks "
            "are low ones in these patients.",
            remedy="Check the coding of the outcome and of the inputs before anything else.",
            explanation="A model that ranks patients the wrong way is not mended by recalibration.",
        )
    ]


def lost_limits(model: RiskModel, method: Method) -> list[Finding]:
    """The updated model has no limits though the original has."""
    if method in ("none", "revision") or model.interval_kind != "procedure-bootstrap":
        return []
    return [
        Finding(
            code="limits-not-carried",
            severity="note",
            message="The updated model gives risks without limits.",
            remedy="Validate it in patients of its own.",
            explanation="The limits of the original come from its development repeated on "
            "resamples, which was not repeated with the update.",
        )
    ]
