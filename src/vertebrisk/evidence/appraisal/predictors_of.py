"""Which predictors a paper ended with, which it tried, and how many parameters those are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vertebrisk.evidence.published import CONSTANT, PaperModel, PaperVariable, PublishedStudy
from vertebrisk.text.messages import Message, say, translated
from vertebrisk.text.plurals import counted, in_sequence

_LIMIT = re.compile(r"\s*(?:<=|>=|<|>|≤|≥|＜|＞)\s*[-−]?\d")
_NUMBERS = re.compile(r"\s*(?:<=|>=|<|>|≤|≥|＜|＞)?\s*[-−]?\d")


@dataclass(frozen=True, slots=True)
class Candidates:
    """How many parameters were tried. `whole` is False where there may have been more."""

    parameters: int
    whole: bool
    told: Message
    places: tuple[str, ...]


def final_model(study: PublishedStudy) -> PaperModel | None:
    """The model that is judged: 'final', or else one with a constant, or else the last."""
    with_constant = (model for model in study.model if model.constant is not None)
    return (
        study.regression("final") or next(with_constant, None) or next(reversed(study.model), None)
    )


def final_terms(study: PublishedStudy) -> tuple[str, ...]:
    """Variables of the final model, in print order."""
    return _terms(final_model(study))


def _terms(model: PaperModel | None) -> tuple[str, ...]:
    if model is None:
        return ()
    return tuple(dict.fromkeys(row.term for row in model.coefficient if row.term != CONSTANT))


def tried_variables(study: PublishedStudy) -> tuple[str, ...]:
    """Variables of every comparison by outcome and of every regression.

    What the outcome's definition uses and no regression has is a description of the
    outcome, and is left out.
    """
    modelled = dict.fromkeys(term for model in study.model for term in _terms(model))
    uses = study.methods.outcome_uses.value if study.methods.outcome_uses is not None else ()
    compared = [row.variable for row in study.compared] if compared_by_outcome(study) else []
    described = set(uses) - set(modelled)
    return tuple(name for name in dict.fromkeys([*compared, *modelled]) if name not in described)


def compared_by_outcome(study: PublishedStudy) -> bool:
    """True if the groups that are compared are those with and without the event."""
    return bool(study.compared) and len({group.event for group in study.groups}) == 2


def candidates(study: PublishedStudy) -> Candidates:
    """Parameters that were tried, as far as the file tells."""
    methods = study.methods
    if methods.candidates is not None:
        number = round(methods.candidates.value.value)
        return Candidates(number, True, say("as printed"), (methods.candidates.place,))
    fixed = methods.selection is not None and methods.selection.value in (
        "prespecified",
        "all-candidates",
    )
    names = final_terms(study) if fixed else tried_variables(study)
    total = sum(_parameters(study, name) for name in names)
    whole = fixed or (compared_by_outcome(study) and study.citation.source == "paper")
    places = [row.place for row in study.compared if row.variable in names]
    places += [model.place for model in study.model if set(_terms(model)) & set(names)]
    told = counted(len(names), "variable")
    return Candidates(total, whole, told, tuple(dict.fromkeys(places)))


def _parameters(study: PublishedStudy, name: str) -> int:
    """Parameters of one variable: levels less one, unless it went in as a number."""
    rows = [row for model in study.model for row in model.coefficient if row.term == name]
    weighed = [row for row in rows if row.estimate is not None or row.ratio is not None]
    if weighed and not any(row.level for row in rows):
        return 1
    return max(len(study.variables[name].levels) - 1, 1)


def is_cut(variable: PaperVariable) -> bool:
    """True for a number that was cut into levels, as the file or the levels' names say.

    Names say so where all begin with a number, and one of them with a limit: ``<60``,
    ``60-70``. Grades such as ``0-1`` and ``2`` have no limit.
    """
    levels = variable.levels
    named = all(map(_NUMBERS.match, levels)) and any(map(_LIMIT.match, levels))
    return variable.cut or (bool(levels) and named)


def label_of(study: PublishedStudy, variable: str) -> Message:
    """Label of a variable in both languages."""
    return translated(study.label(variable), study.label(variable, "zh"))


def names_of(study: PublishedStudy, variables: tuple[str, ...] | list[str]) -> Message:
    """Labels of variables as a sentence lists them."""
    return in_sequence([label_of(study, name) for name in variables])
