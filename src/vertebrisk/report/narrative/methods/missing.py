"""What was done with patients whose data are incomplete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.report.narrative.methods.performance import TESTED_ON_ALL
from vertebrisk.report.narrative.narration import Narration

if TYPE_CHECKING:
    from vertebrisk.report.results.imputed import ImputedResult


def missing(told: Narration) -> list[str]:
    """Complete cases with their numbers, or how missing values were imputed and pooled."""
    words, found = told.words, told.result.imputed
    without_outcome = _left(told, "outcome-missing")
    if found is not None:
        return _imputed(told, found, without_outcome)
    without_predictor = _left(told, "predictor-missing")
    if not without_outcome + without_predictor:
        return [words("methods.nothing_missing")]
    return [
        words(
            "methods.complete",
            outcome=without_outcome,
            predictor=without_predictor,
            unit=told.unit(),
        )
    ]


def _left(told: Narration, kind: str) -> int:
    return sum(step.removed for step in told.result.flow.steps if step.kind == kind)


def _imputed(told: Narration, found: ImputedResult, without_outcome: int) -> list[str]:
    words = told.words
    labels = dict(found.variables.select("variable", "label").iter_rows())
    others = [labels[name] for name in found.auxiliary]
    auxiliary = words("methods.auxiliary", variables=words.listed(others)) if others else ""
    on_all = told.result.validation.method in TESTED_ON_ALL
    return [
        words(
            "methods.imputed",
            incomplete=found.n_incomplete,
            n=told.result.flow.n,
            unit=told.unit(),
            imputations=found.imputations,
            iterations=found.iterations,
            seed=found.seed,
            auxiliary=auxiliary,
            drawn=_drawn(told, found),
            outcome=without_outcome,
        ),
        words(
            "methods.pooled",
            validated=words(
                "methods.imputed_anew",
                resampled=found.resampled,
                rounds=found.resampled_iterations,
                tested=words(f"methods.tested_{'all' if on_all else 'rest'}"),
            ),
        ),
    ]


def _drawn(told: Narration, found: ImputedResult) -> str:
    """Each way of drawing values, with the variables that were drawn so."""
    words = told.words
    lacking = found.variables.filter(found.variables["n_missing"] > 0)
    by_method: dict[str, list[str]] = {}
    for method, label in lacking.select("method", "label").iter_rows():
        by_method.setdefault(method, []).append(label)
    return words.separated(
        [
            words(
                "methods.drawn",
                method=words(f"methods.drawn.{method}"),
                variables=words.listed(labels),
            )
            for method, labels in by_method.items()
        ]
    )
