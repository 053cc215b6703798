"""What an update is asked for, checked; the patients for it; and the estimate that is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from vertebrisk._checks import check_choice, check_fraction
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import ArgumentError, FitError, ModelError
from vertebrisk.models.portable.lineage import is_date
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.updating.extension import extending_terms
from vertebrisk.models.updating.methods import (
    EXTENDING,
    REVISING,
    Estimate,
    Method,
    closed_test,
    drawn_in,
    estimates,
    levelled,
    tests_table,
)
from vertebrisk.models.updating.patients import NewPatients, new_patients
from vertebrisk.models.updating.survival import (
    FollowedPatients,
    check_survival_model,
    followed_patients,
    hazard_estimates,
)

AskedMethod = Literal[
    "closed-test",
    "none",
    "in-the-large",
    "baseline",
    "recalibration",
    "extension",
    "revision",
    "revised-extension",
]
OF_LOGISTIC: tuple[Method, ...] = ("none", "in-the-large")
OF_COX: tuple[Method, ...] = ("baseline",)


def check_asked(
    model: RiskModel,
    outcome: str,
    method: AskedMethod,
    extension: Sequence[str],
    alpha: float,
    when: str = "",
) -> tuple[WrittenTerm, ...]:
    """The terms of the extension, where all that was asked of `update_model` can be."""
    check_choice(method, "method", AskedMethod)
    check_fraction(alpha, "alpha")
    _check_outcome(outcome)
    _check_date(when)
    _check_model(model)
    if model.kind == "logistic" and outcome.lstrip().startswith("Surv("):
        raise ModelError(
            "A logistic model has one time point; leave the time out, and let the outcome be what "
            "had happened by then."
        )
    _check_method(model, method, extension)
    return extending_terms(model.design, extension)


def read_patients(
    model: RiskModel,
    patients: object,
    outcome: str,
    terms: Sequence[WrittenTerm],
    info: Mapping[str, VariableInfo] | None,
) -> NewPatients | FollowedPatients:
    """Patients with all inputs, as the kind of the model needs them."""
    if model.kind == "logistic":
        return new_patients(model, patients, outcome, terms, info)
    return followed_patients(model, patients, outcome, terms, info)


def estimated(
    model: RiskModel,
    used: NewPatients | FollowedPatients,
    method: AskedMethod,
    alpha: float,
    *,
    shrink: bool,
) -> tuple[Mapping[Method, Estimate], Estimate]:
    """Every way to update, and the one that was named or that the closed test takes."""
    if isinstance(used, FollowedPatients):
        found = hazard_estimates(model, used)
        return found, _asked(found, method, alpha, shrink=shrink)
    found = estimates(np.append(model.intercept, model.beta), used)
    update = _asked(found, method, alpha, shrink=shrink)
    return found, update if update.shrinkage is None else levelled(update, used)


def _check_outcome(outcome: object) -> None:
    if not isinstance(outcome, str):
        raise ArgumentError(
            f"outcome is {outcome!r}; a text is needed, such as 'residual_pain', 'vas >= 4' or, "
            "for a Cox model, 'Surv(months, refracture)'."
        )


def _check_date(when: object) -> None:
    if when != "" and not (isinstance(when, str) and is_date(when)):
        raise ArgumentError(
            f"when is {when!r}; a date is needed, such as '2026-03' or '2026-03-14'."
        )


def _check_model(model: object) -> None:
    if not isinstance(model, RiskModel):
        raise ArgumentError(
            f"model is a {type(model).__name__}; a RiskModel is needed, such as fit.model or "
            "RiskModel.load(path)."
        )
    if model.kind != "logistic":
        check_survival_model(model)
    if model.population.refuses_risks:
        raise ModelError("Its controls were matched, so the model has no risk to update.")


def _check_method(model: RiskModel, method: AskedMethod, extension: Sequence[str]) -> None:
    if model.kind == "logistic" and method in OF_COX:
        raise ModelError(
            "A logistic model has no baseline hazard; its intercept moves by method='in-the-large'."
        )
    if model.kind != "logistic" and method in OF_LOGISTIC:
        raise ModelError(
            f"method is '{method}', and a Cox model has no intercept: in new patients its baseline "
            "hazard is estimated anew, by method='baseline', the coefficients kept."
        )
    if method in EXTENDING and not extension:
        raise ArgumentError(
            f"method is '{method}', and extension names no term; name new predictors, such as "
            "extension=['t_score']."
        )
    if extension and method not in (*EXTENDING, "closed-test"):
        raise ArgumentError(
            f"extension names new predictors, and the method '{method}' takes none; use "
            "method='extension', 'revised-extension' or 'closed-test'."
        )


def _asked(
    found: Mapping[Method, Estimate], method: AskedMethod, alpha: float, *, shrink: bool
) -> Estimate:
    """The estimate that was named, or that the closed test takes."""
    largest = list(found)[-1]
    needed: Method = largest if method == "closed-test" else method
    if found[needed].reason:
        raise FitError(_not_possible(found, needed, method))
    chosen = closed_test(tests_table(found), alpha) if method == "closed-test" else method
    update = found[chosen]
    if not shrink or not (chosen in REVISING or chosen in EXTENDING):
        return update
    if found["recalibration"].reason:
        raise FitError(
            "Nothing can be shrunk towards the recalibrated model, which cannot be estimated in "
            f"these patients: {found['recalibration'].reason}. Leave shrink out."
        )
    return drawn_in(found, chosen)


def _not_possible(found: Mapping[Method, Estimate], needed: Method, method: AskedMethod) -> str:
    possible = [each.method for each in found.values() if each.method != "none" and not each.reason]
    instead = " or ".join(f"method='{each}'" for each in possible)
    named = {"revised-extension": "revised extension"}.get(needed, str(needed))
    article = "An" if named == "extension" else "A"
    what = f"The closed test needs the {named}, which" if method == "closed-test" else ""
    return (
        f"{what or f'{article} {named}'} cannot be estimated in these patients: "
        f"{found[needed].reason}. " + (f"Use {instead}." if possible else "Collect more patients.")
    )
