"""How a plan fits, imputes and validates, given what the patients can carry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vertebrisk._types import Estimator
from vertebrisk.cohort import Cohort
from vertebrisk.design.syntax import quoted
from vertebrisk.kernels.sample_size.developing import (
    SHARE_OF_LARGEST,
    expected_shrinkage,
    largest_r2_binary,
    largest_r2_survival,
    margin_of_overall_risk,
    most_parameters,
)
from vertebrisk.protocol import Protocol
from vertebrisk.protocol.terms import names_of_term
from vertebrisk.study.planning.candidates import first_to_go
from vertebrisk.study.planning.editing import Change
from vertebrisk.study.planning.facts import CandidateFacts
from vertebrisk.study.planning.results import Proposal, Size
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted

LOSS = 0.05
HEAVY_LOSS = 0.25
RARE_EVENTS = 50
FEW_FOR_FOLDS = 20
_FEWEST_IMPUTATIONS, _MOST_IMPUTATIONS = 5, 100
_RILEY = say("(Riley et al. 2020, doi:10.1136/bmj.m441)")


@dataclass(frozen=True, slots=True)
class Way:
    """How the model is to be fitted; `shrinks` is by one factor for all coefficients."""

    estimator: str
    imputes: bool = False
    shrinks: bool = False


def size_of(
    candidates: Sequence[CandidateFacts], protocol: Protocol, cohort: Cohort, lost: float
) -> Size:
    """What the patients can carry, without the share `lost` to missing values.

    The number of events among the patients that stay is expected and not counted: counting
    it would look at how values are missing by outcome.
    """
    n, events = cohort.n, cohort.n_events
    share = events / n
    binary = protocol.outcome.kind == "binary"
    largest = largest_r2_binary(share) if binary else largest_r2_survival(min(share, 1 - 1e-9))
    expected = max(cohort.flow.n_patients * (1 - lost), 1.0)
    parameters = sum(each.parameters for each in candidates)
    r2 = SHARE_OF_LARGEST * largest
    return Size(
        n=n,
        n_events=events,
        n_patients=cohort.flow.n_patients,
        n_expected=expected,
        parameters=parameters,
        most_parameters=most_parameters(expected, r2, largest),
        expected_shrinkage=expected_shrinkage(expected, max(parameters, 1), r2),
        margin=margin_of_overall_risk(max(round(expected), 1), share)
        if binary and protocol.matched_set is None
        else None,
    )


def chosen_way(protocol: Protocol, size: Size, lost: float) -> Way:
    """Estimator and imputation that fit the size and one another."""
    analysis, given = protocol.analysis, protocol.analysis.estimator
    few = _smaller(size) < RARE_EVENTS
    likely: Estimator = "auto" if given == "ml" and few else given
    if protocol.missing.imputes:
        return Way(likely, imputes=True)
    if lost > LOSS and _can_impute(protocol):
        crowded = size.parameters > size.most_parameters
        if lost > HEAVY_LOSS or not crowded:
            return Way(likely, imputes=True)
    if analysis.model == "fine-gray" or analysis.penalised or analysis.shrinkage is not None:
        return Way(given)
    if size.parameters > size.most_parameters and protocol.matched_set is None:
        return Way("ridge") if protocol.sampling is None else Way("ml", shrinks=True)
    return Way(likely)


def _can_impute(protocol: Protocol) -> bool:
    """True where imputation is joined with the rest of the protocol."""
    return (
        protocol.analysis.model in ("logistic", "cox")
        and protocol.analysis.estimator in ("ml", "firth", "auto")
        and protocol.analysis.beside is None
        and protocol.analysis.shrinkage is None
        and protocol.study.unit == "patient"
        and protocol.sampling is None
    )


def crowding(candidates: Sequence[CandidateFacts], size: Size) -> list[Proposal]:
    """More parameters than the patients carry, and what is done about it."""
    if size.parameters <= size.most_parameters:
        return []
    least = size.most_parameters
    asked = (
        say("Choose that many by clinical knowledge")
        if least
        else say("So few patients carry no model; describe them, or test a published model on them")
    )
    return [
        Proposal(
            "few-events",
            say(
                "{events} among {rows} carry at most {parameters}, and the candidates have "
                "{proposed}. {asked}.{against}",
                events=counted(size.n_events, "event"),
                rows=counted(size.n, "row"),
                parameters=counted(least, "parameter"),
                proposed=size.parameters,
                asked=asked,
                against=first_to_go(candidates),
            ),
            say(
                "With R² at {share_of_largest:.0%} of its largest value, maximum likelihood "
                "would need coefficients shrunk by {expected_shrinkage:.2f}, where 0.9 is "
                "wanted {riley}.",
                share_of_largest=SHARE_OF_LARGEST,
                expected_shrinkage=size.expected_shrinkage,
                riley=_RILEY,
            ),
        )
    ]


def estimation(size: Size, way: Way, protocol: Protocol) -> list[Proposal]:
    """The estimator, and what no longer goes with it."""
    analysis = protocol.analysis
    found: list[Proposal] = []
    if way.estimator != analysis.estimator:
        found.append(_estimator(size, way))
        if way.estimator == "ridge" and _smaller(size) < FEW_FOR_FOLDS:
            found.append(_without_folds(size))
    if way.shrinks:
        found.append(_shrunken())
    profile = analysis.intervals == "profile"
    pooled = way.imputes and way.estimator != "firth"
    if profile and (pooled or way.estimator == "ridge"):
        found.append(
            _taken_out("intervals", say("Profile intervals do not exist for the estimator below."))
        )
    if analysis.mean_risk is not None and way.estimator not in ("firth", "auto"):
        found.append(_taken_out("mean_risk", say("Only Firth's estimator moves the mean risk.")))
    return found


def _estimator(size: Size, way: Way) -> Proposal:
    if way.estimator == "ridge":
        message = say("All candidates stay and are shrunk together by ridge.")
        reason = say(
            "A penalty holds back coefficients that so few patients would make too "
            "extreme; it lessens overfitting and does not replace patients {riley}.",
            riley=_RILEY,
        )
    elif way.estimator == "auto":
        message = say("Firth's estimator takes over where patients are separated.")
        reason = say(
            "With {patients} in the smaller outcome group a combination of levels may "
            "tell them apart, and maximum likelihood then has no finite estimate (Heinze "
            "and Schemper 2002, doi:10.1002/sim.1047).",
            patients=counted(_smaller(size), "patient"),
        )
    else:
        message = say("Maximum likelihood, shrunken afterwards.")
        reason = say("One factor for all coefficients goes with it.")
    change = Change("analysis", "estimator", way.estimator, f"{message} {reason}")
    return Proposal("estimator", message, reason, change)


def _shrunken() -> Proposal:
    message = say("All coefficients are shrunken by one factor, the bootstrap slope.")
    reason = say(
        "It holds back coefficients that so few patients would make too extreme, and "
        "unlike ridge goes with the correction for sampled controls; it does not "
        "replace patients {riley}.",
        riley=_RILEY,
    )
    change = Change("analysis", "shrinkage", "bootstrap", f"{message} {reason}")
    return Proposal("shrinkage", message, reason, change)


def _without_folds(size: Size) -> Proposal:
    message = say("The penalty is that of the best corrected AIC, without cross-validation.")
    reason = say(
        "{patients} of one outcome are too few to deal into folds.",
        patients=counted(_smaller(size), "patient"),
    )
    change = Change("analysis", "penalty", {"rule": "aic_c"}, f"{message} {reason}")
    return Proposal("penalty", message, reason, change)


def _taken_out(key: str, reason: str) -> Proposal:
    message = say("'{key}' is taken out.", key=key)
    return Proposal(key, message, reason, Change("analysis", key, None, f"{message} {reason}"))


def _smaller(size: Size) -> int:
    return min(size.n_events, size.n - size.n_events)


def selection(protocol: Protocol) -> list[Proposal]:
    """Prespecified in place of a choice by the data."""
    method = protocol.analysis.select.method
    if method == "prespecified":
        return []
    message = say(
        'select = "prespecified" in place of "{method}": all candidates stay in the model.',
        method=method,
    )
    reason = say(
        "A choice by the same outcomes that the model is fitted to drops predictors "
        "that matter, keeps those that chance favours, and makes intervals too "
        "narrow (Heinze et al. 2018, doi:10.1002/bimj.201700067)."
    )
    code = "univariable-screening" if method == "univariable" else "data-driven-selection"
    change = Change("analysis", "select", "prespecified", f"{message} {reason}")
    return [Proposal(code, message, reason, change)]


def shapes(
    candidates: Sequence[CandidateFacts], size: Size, way: Way, protocol: Protocol
) -> tuple[list[Proposal], int]:
    """Splines where the size allows, terms of candidates that left taken out; new parameters."""
    names = {name for each in candidates for name in each.term.variables}
    given = protocol.analysis.terms
    kept = [term for term in given if names_of_term(term, protocol.variables)[0] in names]
    room = size.most_parameters - size.parameters
    bending = [each for each in candidates if each.bends]
    knots = 0
    if bending and way.estimator in ("ml", "auto", "firth"):
        knots = next((k for k in (4, 3) if len(bending) * (k - 2) <= room), 0)
    added = [f"rcs({quoted(each.text)}, {knots})" for each in bending] if knots else []
    terms = [*kept, *added]
    if tuple(terms) == given:
        return [], 0
    if added:
        message = say(
            "{numbers} may bend, as {splines} with {knots} knots.",
            numbers=counted(len(added), "number"),
            splines=agreeing(len(added), "a restricted cubic spline", "restricted cubic splines"),
            knots=knots,
        )
        reason = say("The patients carry the parameters, and few effects are straight lines.")
    else:
        message = say("Terms of candidates that left are taken out.")
        reason = say("A term shapes a candidate.")
    change = Change("analysis", "terms", terms or None, f"{message} {reason}")
    return [Proposal("terms", message, reason, change)], len(added) * (knots - 2)


def missing_values(lost: float, way: Way, protocol: Protocol) -> list[Proposal]:
    """Imputation, or why there is none although many patients would leave."""
    if lost <= LOSS:
        return []
    wanted = min(max(math.ceil(100 * lost), _FEWEST_IMPUTATIONS), _MOST_IMPUTATIONS)
    sterne = say("(Sterne et al. 2009, doi:10.1136/bmj.b2393)")
    if not way.imputes:
        return [
            Proposal(
                "complete-case-loss",
                say(
                    "{lost:.0%} of rows would leave because a candidate is missing, and "
                    "imputation is not joined with {obstacle}. Complete the data from the "
                    "records, or leave out candidates that are often missing.",
                    lost=lost,
                    obstacle=_obstacle(protocol, way),
                ),
                say(
                    "Patients with complete records may differ from the others {sterne}.",
                    sterne=sterne,
                ),
            )
        ]
    if protocol.missing.imputes and protocol.missing.imputations >= wanted:
        return []
    message = say(
        "{lost:.0%} of rows lack a candidate: {wanted} imputations keep them.",
        lost=lost,
        wanted=wanted,
    )
    reason = say(
        "As many imputations as the percentage of incomplete rows make the result "
        "repeatable (White et al. 2011, doi:10.1002/sim.4067), and complete cases "
        "may differ from the others {sterne}.",
        sterne=sterne,
    )
    found = []
    if not protocol.missing.imputes:
        change = Change("missing", "method", "imputation", f"{message} {reason}")
        found.append(Proposal("complete-case-loss", message, reason, change))
    change = Change("missing", "imputations", wanted, "One for each percent of incomplete rows.")
    found.append(
        Proposal(
            "imputations",
            say("imputations = {wanted}.", wanted=wanted),
            say("One for each percent of incomplete rows."),
            change,
        )
    )
    return found


def _obstacle(protocol: Protocol, way: Way) -> str:
    if protocol.sampling is not None:
        return "[sampling]"
    if protocol.study.unit == "vertebra":
        return 'unit = "vertebra"'
    if protocol.analysis.model != "logistic":
        return f'model = "{protocol.analysis.model}"'
    if protocol.analysis.shrinkage is not None:
        return "'shrinkage'"
    return f'estimator = "{way.estimator}"'
