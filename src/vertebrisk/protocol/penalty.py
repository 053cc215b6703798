"""Which penalty belongs to which estimator and model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vertebrisk._checks import listed, nearest
from vertebrisk.design.terms import WrittenTerm, terms_named
from vertebrisk.protocol.documents import Analysis


def selection_problems(analysis: Analysis) -> list[str]:
    """Selections by the lasso of a model or with a measure that do not have it."""
    select = analysis.select
    by_lasso = select.method == "lasso" or (
        select.method == "stability"
        and (select.stability is None or select.stability.learner == "lasso")
    )
    if by_lasso and analysis.model == "fine-gray":
        return [
            f'select = "{select.method}" in [analysis] belongs to model = "logistic" or "cox"; '
            'this one is "fine-gray".'
        ]
    if select.penalty is None or select.penalty.measure != "auc" or analysis.model == "logistic":
        return []
    return [
        'measure = "auc" in [analysis.select.penalty] belongs to model = "logistic"; the penalty '
        "of a Cox model is found by the deviance of its partial likelihood."
    ]


def factor_problems(analysis: Analysis, terms: Sequence[WrittenTerm]) -> list[str]:
    """Penalty factors of what is no candidate, and factors that leave nothing to penalise."""
    plans = (("penalty", analysis.penalty), ("select.penalty", analysis.select.penalty))
    return [
        problem
        for table, plan in plans
        if plan is not None and plan.factors
        for problem in _wrong_factors(f"'factors' in [analysis.{table}]", plan.factors, terms)
    ]


def _wrong_factors(
    where: str, factors: Mapping[str, float], terms: Sequence[WrittenTerm]
) -> list[str]:
    known = [term.name for term in terms]
    meant = {name: terms_named(name, terms) for name in factors}
    problems = []
    for name in (name for name, own in meant.items() if not own):
        close = nearest(name, known) or f" Candidates are {listed(known)}."
        problems.append(f"{where} names '{name}', which is no candidate.{close}")
    every = [term for own in meant.values() for term in own]
    problems += [
        f"{where} speaks of '{term}' {every.count(term)} times; keep one."
        for term in dict.fromkeys(every)
        if every.count(term) > 1
    ]
    if {term for name, own in meant.items() for term in own if factors[name] == 0} == set(known):
        problems.append(
            f"{where} is 0 for every candidate, so nothing is penalised. Give some candidate a "
            "factor above 0."
        )
    return problems


def penalty_problems(analysis: Analysis) -> list[str]:
    """Penalties without their estimator, and options that a penalised model does not have."""
    return [*_shrinkage_problems(analysis), *_penalty_problems(analysis)]


def _shrinkage_problems(analysis: Analysis) -> list[str]:
    if analysis.shrinkage is None:
        return []
    problems = []
    if analysis.model == "fine-gray":
        problems.append(
            'shrinkage in [analysis] belongs to model = "logistic" or "cox"; this one is '
            '"fine-gray". Leave it out.'
        )
    if analysis.estimator != "ml":
        problems.append(
            'shrinkage in [analysis] goes with estimator = "ml"; this one is '
            f'"{analysis.estimator}", which shrinks by itself. Keep one of them.'
        )
    return problems


def _penalty_problems(analysis: Analysis) -> list[str]:
    penalty, estimator = analysis.penalty, analysis.estimator
    if not analysis.penalised:
        problems = selection_problems(analysis)
        if penalty is None:
            return problems
        return [
            *problems,
            '[analysis.penalty] belongs to estimator = "ridge", "lasso" or "elastic_net"; this one '
            f'is "{estimator}".',
        ]
    problems = []
    if analysis.model == "fine-gray":
        problems.append(
            f'estimator = "{estimator}" in [analysis] belongs to model = "logistic" or "cox"; this '
            'one is "fine-gray".'
        )
    if analysis.select.method != "prespecified":
        problems.append(
            f'estimator = "{estimator}" in [analysis] weighs all candidates together, so write '
            f'select = "prespecified"; this one is "{analysis.select.method}".'
        )
    if analysis.intervals == "profile":
        problems.append(
            f'intervals = "profile" in [analysis] goes with maximum likelihood; estimator = '
            f'"{estimator}" has no such intervals. Leave it out.'
        )
    if penalty is not None and penalty.mix is not None and estimator != "elastic_net":
        problems.append(
            "'mix' in [analysis.penalty] belongs to estimator = \"elastic_net\"; this one is "
            f'"{estimator}".'
        )
    if penalty is not None and penalty.rule not in ("min", "1se") and estimator != "ridge":
        problems.append(
            f'rule = "{penalty.rule}" in [analysis.penalty] belongs to estimator = "ridge"; this '
            f'one is "{estimator}". Write "min" or "1se".'
        )
    if penalty is not None and penalty.measure == "auc" and analysis.model != "logistic":
        problems.append(
            'measure = "auc" in [analysis.penalty] belongs to model = "logistic"; the penalty of '
            "a Cox model is found by the deviance of its partial likelihood."
        )
    return problems
