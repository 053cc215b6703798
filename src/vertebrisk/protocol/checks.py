"""Checks that need more than one table of the protocol. Each returns lines, one a problem."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from vertebrisk._checks import nearest
from vertebrisk._types import Timing
from vertebrisk.design.rules import Expression
from vertebrisk.design.terms import parse_terms
from vertebrisk.errors import ExpressionError
from vertebrisk.protocol.documents import TIMINGS, Analysis, Study, Variable
from vertebrisk.protocol.outcome import StudyOutcome, names_of_outcome
from vertebrisk.protocol.terms import names_of_term, quoted
from vertebrisk.text.plurals import with_article

_SHOWN = 20


def compare_problems(analysis: Analysis, described: Collection[str]) -> list[str]:
    """Compared variables that the codebook does not describe."""
    strangers = [name for name in analysis.compare if name not in described]
    return undescribed(strangers, "compare", described)


def candidate_problems(
    analysis: Analysis,
    described: Collection[str],
    variables: Mapping[str, Variable],
    study: Study | None,
    outcome: StudyOutcome | None,
) -> list[str]:
    """Candidates and terms that cannot be read, are unknown, or are known too late."""
    problems: list[str] = []
    explicit = analysis.candidates != ("compare",)
    texts = analysis.candidates if explicit else analysis.compare
    used: list[str] = []
    unknown: list[str] = []
    for text in texts:
        try:
            names = names_of_term(text, described)
        except ExpressionError as error:
            problems.append(f"A candidate in [analysis] cannot be read: {error}")
            continue
        strangers = [name for name in names if name not in described]
        if explicit:
            unknown += strangers
        used += [name for name in names if name in described]
    problems += undescribed(unknown, "candidates", described)
    if not texts:
        problems.append(
            "[analysis] names no candidate; list variables in 'compare' or 'candidates'."
        )
    deciding = deciding_names(outcome)
    for name in dict.fromkeys(used):
        if name in deciding:
            if explicit:
                problems.append(
                    f"'{name}' decides the outcome, so it cannot be a candidate predictor."
                )
            continue
        problems += _unwritable(name)
        if study is not None and name in variables:
            problems += too_late(variables[name], study.use_at)
    problems += _label_problems((*texts, *analysis.terms), described, variables)
    return problems + _term_problems(analysis, described, used)


def deciding_names(outcome: StudyOutcome | None) -> set[str]:
    """What decides the outcome, as far as its rules can be read."""
    if outcome is None:
        return set()
    try:
        return {outcome.name, *names_of_outcome(outcome)}
    except ExpressionError:
        return {outcome.name}


def undescribed(
    names: Sequence[str], key: str, described: Collection[str], table: str = "analysis"
) -> list[str]:
    """Names in a key of a table that the codebook does not describe."""
    lines = []
    for name in names[:_SHOWN]:
        close = nearest(name, described)
        way_out = close or f" Add a table [variables.{name}] with its label and timing."
        lines.append(f"'{name}' in '{key}' of [{table}] is not described in [variables].{way_out}")
    if len(names) > _SHOWN:
        more = len(names) - _SHOWN
        lines.append(f"{more} more names in '{key}' of [{table}] are not described in [variables].")
    return lines


def _unwritable(name: str) -> list[str]:
    try:
        quoted(name)
    except ExpressionError as error:
        return [str(error)]
    return []


def too_late(variable: Variable, use_at: Timing) -> list[str]:
    """A variable that is known only after the model is used."""
    if TIMINGS.index(variable.timing) <= TIMINGS.index(use_at):
        return []
    return [
        f"'{variable.name}' is {with_article(variable.timing)} variable, known only later than "
        f"the model's use_at = '{use_at}'. Leave it out of the candidates, or set use_at to "
        f"'{variable.timing}'."
    ]


def _term_problems(
    analysis: Analysis, described: Collection[str], candidates: Collection[str]
) -> list[str]:
    problems: list[str] = []
    shaped: set[str] = set()
    for term in analysis.terms:
        try:
            names = names_of_term(term, described)
        except ExpressionError as error:
            problems.append(f"A term in [analysis] cannot be read: {error}")
            continue
        name = names[0]
        unknown = next((each for each in names if each not in described), None)
        if unknown is not None:
            way_out = nearest(unknown, described) or f" Add a table [variables.{unknown}]."
            problems.append(
                f"'{term}' in 'terms' of [analysis] names '{unknown}', which is not described in "
                f"[variables].{way_out}"
            )
        elif len(names) > 1:
            problems.append(
                f"'{term}' in 'terms' of [analysis] is an interaction; write it in the list of "
                "'candidates' instead."
            )
        elif name not in candidates:
            problems.append(
                f"'{term}' in 'terms' of [analysis] shapes '{name}', which is no candidate. Add "
                "it to the candidates, or take the term out."
            )
        elif name in shaped:
            problems.append(f"'{name}' is shaped by two of the 'terms' of [analysis].")
        shaped.update(names)
    return problems


def _label_problems(
    texts: Sequence[str], described: Collection[str], variables: Mapping[str, Variable]
) -> list[str]:
    """Transformations of numbers that are written for variables with levels."""
    problems: list[str] = []
    for text in texts:
        if text in described:
            continue
        try:
            factors = [factor for term in parse_terms((text,)) for factor in term.factors]
        except ExpressionError:
            continue
        for factor in factors:
            variable = variables.get(factor.variable)
            if variable is None or factor.kind in ("plain", "categorical"):
                continue
            if variable.ordered_levels:
                problems.append(
                    f"'{factor.name}' in [analysis] needs numbers, but '{variable.name}' has "
                    "levels. Enter it as it is, or describe it as a number."
                )
    return problems


def derivation_problems(variables: Mapping[str, Variable]) -> list[str]:
    """Derived variables that need themselves."""
    own = [
        name
        for name, variable in variables.items()
        if variable.derive is not None and name in Expression.parse(variable.derive).names
    ]
    if own:
        return [
            f"'{name}' is derived from itself. Give the derived variable another name, such as "
            f"[variables.{name}_new]."
            for name in own
        ]
    try:
        derivation_order(variables)
    except CycleError as error:
        circle = " -> ".join(str(name) for name in error.args[1])
        return [
            f"Derived variables need one another in a circle: {circle}. Give "
            "the derived variable another name than the columns that it needs."
        ]
    return []


def derivation_order(variables: Mapping[str, Variable]) -> tuple[str, ...]:
    """Derived variables, each after those that it needs; raises CycleError for a circle."""
    graph = {
        name: Expression.parse(variable.derive).names
        for name, variable in variables.items()
        if variable.derive is not None
    }
    return tuple(name for name in TopologicalSorter(graph).static_order() if name in graph)
