"""What a reviewer would say of a penalised model, said first."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk._checks import listed
from vertebrisk.design.design import Design
from vertebrisk.findings import Finding
from vertebrisk.models.firth.objections import monotone_cause
from vertebrisk.models.penalised.penalty import Shrinkage
from vertebrisk.models.separation import Separation
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import counted

NAMES = {"ridge": say("ridge"), "lasso": say("the lasso"), "elastic_net": say("the elastic net")}
FEW_EVENTS = 100


def shrunken(
    shrinkage: Shrinkage, value: float, candidates: int, kept: int, explained: str
) -> Finding:
    """Coefficients are shrunken, and have no standard errors or P values.

    `explained` says how the penalty was found.
    """
    name = NAMES[shrinkage.estimator]
    chose = (
        say(
            " and kept {kept} of {candidates}",
            kept=kept,
            candidates=counted(candidates, "candidate"),
        )
        if shrinkage.chooses
        else ""
    )
    return Finding(
        code="post-selection" if shrinkage.chooses else "shrunken-coefficients",
        severity="note",
        message=say(
            "Estimation by {name} with a penalty of {value:.4g} ({explained}) shrank the "
            "coefficients{chose}.",
            name=name,
            value=value,
            explained=explained,
            chose=chose,
        ),
        remedy=say(
            "Read risks and their intervals from the repeated procedure; do not quote P "
            "values or Wald intervals of these coefficients, or of a plain refit of the "
            "chosen predictors."
        ),
        explanation=say(
            "Shrunken coefficients are biased on purpose, so no standard error describes "
            "them. What a penalty keeps out may matter all the same: of predictors that "
            "say much the same it keeps one, and another sample would often keep another "
            "(Taylor and Tibshirani 2015, doi:10.1073/pnas.1507583112)."
        ),
    )


def unpenalised_separation(found: Separation, outcome: str) -> str:
    """The refusal of candidates that are never penalised and separate the outcomes."""
    return (
        f"No finite estimate exists: of the candidates that are never penalised (factor 0) "
        f"{found.text} the patients with and without '{outcome}'. Give a factor above 0, which "
        "holds the estimate, or merge levels."
    )


def held_separation(found: Separation, outcome: str) -> Finding:
    """Patients are separated, and the penalty alone keeps the estimate finite."""
    kind = say("complete") if found.complete else say("quasi-complete")
    return _held(
        say(
            "{variables} the patients with and without '{outcome}' ({kind} separation)",
            variables=found.text,
            outcome=outcome,
            kind=kind,
        )
    )


def held_monotone(found: Separation, outcome: str) -> Finding:
    """A partial likelihood is monotone, and the penalty alone keeps the estimate finite."""
    cause = monotone_cause(found, outcome)
    return _held(say("The likelihood is monotone: {cause}", cause=cause))


def _held(cause: str) -> Finding:
    return Finding(
        code="separation",
        severity="warning",
        message=say("{cause}. Without a penalty there is no finite estimate.", cause=cause),
        remedy=say(
            "Merge levels, or leave the predictor out, where that makes sense "
            "clinically; Firth's penalised likelihood (estimator 'firth') has intervals "
            "that say how little is known."
        ),
        explanation=say(
            "How large the coefficient is follows from the penalty, not from the "
            "patients (Heinze and Schemper 2002, doi:10.1002/sim.1047)."
        ),
    )


def unstable_shrinkage(n_events: int, *, by_folds: bool) -> list[Finding]:
    """Few patients say little about how much to shrink."""
    if n_events >= FEW_EVENTS:
        return []
    return [
        Finding(
            code="unstable-penalty",
            severity="warning",
            message=say(
                "The penalty was found by {by_folds} on {events}.",
                by_folds=say("cross-validation") if by_folds else say("a criterion"),
                events=counted(n_events, "event"),
            ),
            remedy=say(
                "Read the spread of penalties and slopes over the resamples; prefer few "
                "prespecified predictors to a penalty that is asked to make up for too few "
                "patients."
            ),
            explanation=say(
                "The amount of shrinkage is itself estimated, and badly where patients are "
                "few: some samples are shrunken too much and some not at all (Van Calster et "
                "al. 2020, doi:10.1177/0962280220921415; Riley et al. 2021, "
                "doi:10.1016/j.jclinepi.2020.12.005)."
            ),
        )
    ]


def penalty_at_an_end(
    step: int, steps: int, *, free: bool, separated: bool = False
) -> list[Finding]:
    """The best penalty lies at an end of those that were tried; `free` if some have none."""
    if 0 < step < steps - 1:
        return []
    if step == 0:
        others = say("no other predictor") if free else say("no predictor")
        message = say("The largest penalty was preferred: {others} helped.", others=others)
        remedy = say(
            "Report that {others} was found; do not choose a smaller penalty by eye.", others=others
        )
    else:
        message = say("The smallest penalty that was tried was preferred.")
        remedy = (
            say(
                "The patients are separated, which any smaller penalty fits better still; "
                "look at what separates them."
            )
            if separated
            else say("There is little to shrink here; maximum likelihood will be much the same.")
        )
    return [Finding("penalty-at-an-end", "note", message, remedy)]


def merged_levels(design: Design, columns: Sequence[bool]) -> list[Finding]:
    """Levels whose coefficient is zero while another of their term is not."""
    found = []
    for name, part in design.slices.items():
        term = next(each for each in design.terms if each.name == name)
        kept = list(columns[part])
        if len(term.factors) > 1 or term.factors[0].kind != "categorical":
            continue
        if all(kept) or not any(kept):
            continue
        levels = [design.columns[part.start + i].level for i, use in enumerate(kept) if not use]
        reference = term.factors[0].levels[0]
        found.append(
            Finding(
                code="levels-merged-by-penalty",
                severity="note",
                message=say(
                    "Of '{name}' the penalty left {levels} at zero: together with the reference "
                    "'{reference}'.",
                    name=name,
                    levels=listed(levels),
                    reference=reference,
                ),
                remedy=say(
                    "Choose a reference level that makes this sensible, or merge the levels "
                    "beforehand."
                ),
                explanation=say(
                    "As in glmnet every level is a column of its own, so the model depends on "
                    "which level is the reference."
                ),
                column=name,
            )
        )
    return found


def constant_candidates(names: Sequence[str]) -> list[Finding]:
    """Columns that are the same in all patients."""
    return [
        Finding(
            code="candidate-left-out",
            severity="warning",
            message=say(
                "Candidate '{name}' has a column that is the same in all patients analysed; "
                "its coefficient is zero.",
                name=name,
            ),
            remedy=say("Take it out of the candidates, or merge its levels."),
            column=name,
        )
        for name in dict.fromkeys(names)
    ]
