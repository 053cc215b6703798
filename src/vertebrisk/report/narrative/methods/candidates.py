"""Candidate predictors and how each enters, and the size that they need."""

from __future__ import annotations

from vertebrisk.design.design import Predictor
from vertebrisk.design.factors import Factor, Term
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.report.tables.instability import criterion_name
from vertebrisk.text.phrases import in_sentence

MOST_LEVELS = 6


def candidates(told: Narration) -> list[str]:
    """Every candidate with its coding, and those that the protocol names in vain."""
    words, design = told.words, told.result.candidates
    if not design.terms:
        return []
    listed = words(
        "methods.candidates",
        n=len(design.terms),
        parameters=parameters(told),
        listed=words.separated([_term(told, term) for term in design.terms]),
    )
    variables = told.result.protocol.variables
    left = [
        variables[name].label.text(told.facts.language)
        for name in told.result.protocol.candidate_names
        if name in variables and name not in design.variables
    ]
    return [listed, words("methods.candidates_left", names=words.listed(left)) if left else ""]


def parameters(told: Narration) -> int:
    """Regression parameters of all candidates, with those that a search of shapes may take."""
    size = told.result.size
    if size is not None and size.expected.parameters:
        return size.expected.parameters
    return len(told.result.candidates.columns)


def _term(told: Narration, term: Term) -> str:
    words, design = told.words, told.result.candidates
    if len(term.factors) == 1:
        factor = term.factors[0]
        return _coded(told, factor, design.predictor(factor.variable))
    labels = [design.predictor(factor.variable).label for factor in term.factors]
    joined = labels[0]
    for label in labels[1:]:
        joined = words("methods.candidate.by", one=joined, other=label)
    return words("methods.candidate.interaction", terms=joined)


def _coded(told: Narration, factor: Factor, predictor: Predictor) -> str:
    """One variable and how it is coded."""
    words, shortest = told.words, told.numbers.shortest
    if factor.kind == "categorical":
        reference, *others = [predictor.level_label(level) for level in factor.levels]
        if len(others) >= MOST_LEVELS:
            return words(
                "methods.candidate.many_levels",
                label=predictor.label,
                n=len(factor.levels),
                reference=reference,
            )
        return words(
            "methods.candidate.levels",
            label=predictor.label,
            others=words.listed(others),
            reference=reference,
        )
    shape = words(
        f"methods.shape.{factor.kind}",
        power=shortest(factor.exponent),
        powers=words.listed([shortest(power) for power in factor.powers]),
        degree=factor.degree,
        alpha=told.numbers.p_below(told.result.protocol.analysis.shape_alpha),
        knots=words.listed([shortest(knot) for knot in factor.knots]),
    )
    if predictor.unit:
        shape = words("methods.unit_shape", unit=predictor.unit, shape=shape)
    return words("methods.candidate.number", label=predictor.label, shape=shape)


def size(told: Narration) -> list[str]:
    """Criteria by which the size of the study is judged."""
    found = told.result.size
    if found is None:
        return []
    criteria = [in_sentence(criterion_name(each, told.words)) for each in found.expected.criteria]
    return [
        told.words(
            "methods.size",
            parameters=found.expected.parameters,
            criteria=told.words.listed(criteria),
        )
    ]
