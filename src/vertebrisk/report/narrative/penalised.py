"""Sentences about ridge, lasso, elastic net and uniform shrinkage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vertebrisk.report.narrative.narration import Narration
from vertebrisk.report.tables.naming import Names
from vertebrisk.text.numbers import Numbers

if TYPE_CHECKING:
    from vertebrisk.report.results.penalised import PenalisedResult


def coefficients(told: Narration, found: PenalisedResult) -> list[str]:
    """What the penalty kept, and how its coefficients are to be read."""
    key = "penalised.opening" if found.mix > 0.0 else "penalised.ridge"
    opening = told.words(
        key,
        estimator=told.words(f"estimator.{found.estimator}"),
        penalty=shown(found.penalty, told.numbers),
        kept=found.n_kept,
        candidates=found.n_candidates,
        table=told.table("multivariable"),
    )
    return [opening, told.words("penalised.caution")]


def shrinkage(told: Narration) -> list[str]:
    """By which factor all coefficients were shrunken."""
    found = told.result.shrinkage
    if found is None:
        return []
    if found.estimated > 1.0:
        return [told.words("shrinkage.none", factor=told.numbers.estimate(found.estimated, 3))]
    factor = told.numbers.estimate(found.factor, 3)
    return [told.words("shrinkage.told", factor=factor, table=told.table("shrinkage"))]


def method(told: Narration, found: PenalisedResult, stated: Mapping[str, str]) -> str:
    """How the coefficients were estimated, and the penalty found; `stated` are the ties."""
    words = told.words
    if found.given:
        how = words("methods.penalty_given", penalty=shown(found.penalty, told.numbers))
    elif found.cross_validation.is_empty():
        how = words("methods.penalty_criterion", rule=words(f"rule.{found.rule}"))
    else:
        how = words(
            "methods.penalty_found",
            folds=found.folds,
            measure=words(f"measure.cv.{found.measure}"),
            rule=words(f"rule.{found.rule}"),
            seed=found.seed,
        )
    mixed = found.estimator == "elastic_net"
    return words(
        "methods.penalised",
        estimator=words(f"estimator.{found.estimator}"),
        mix=words("methods.mix", mix=told.numbers.shortest(found.mix)) if mixed else "",
        found=words.joined([how, *factors(told, found.factors)]),
        **stated,
    )


def factors(told: Narration, found: Mapping[str, float]) -> list[str]:
    """Which candidates have a penalty of their own, or none."""
    labels, words = Names.of(told.result).variables, told.words
    free = [labels.get(term, term) for term, factor in found.items() if factor == 0.0]
    own = [
        f"{labels.get(term, term)} ({factor:g})"
        for term, factor in found.items()
        if factor not in (0.0, 1.0)
    ]
    sentences = []
    if free:
        sentences.append(words("methods.never_penalised", names=words.listed(free)))
    if own:
        sentences.append(words("methods.penalty_factors", names=words.listed(own)))
    return sentences


def shown(penalty: float, numbers: Numbers) -> str:
    """A penalty as sentences print it: three digits that tell."""
    return numbers.estimate(penalty, 4) if 0.001 <= penalty < 100 else f"{penalty:.3g}"
