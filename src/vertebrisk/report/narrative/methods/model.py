"""How predictors were chosen, how the model was estimated, and what its errors assume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.protocol.documents import PenaltyPlan
from vertebrisk.report.narrative import penalised
from vertebrisk.report.narrative.narration import Narration

if TYPE_CHECKING:
    from vertebrisk.report.results.stability import StabilityResult


def selecting(told: Narration) -> list[str]:
    """From the candidates to the predictors."""
    single = told.words("methods.single") if told.result.univariable else ""
    return [single, _selection(told)]


def _selection(told: Narration) -> str:
    words, select = told.words, told.result.protocol.analysis.select
    pooled, alpha = told.result.imputed is not None, told.numbers.p_below(select.alpha)
    match told.facts.selection:
        case "univariable":
            test = "pooled" if pooled else select.test
            return words(f"methods.univariable.{test}", alpha=alpha)
        case "backward":
            return _backward(told)
        case "lasso":
            return _lasso(told)
        case "stability" if told.result.stability is not None:
            return _stability(told, told.result.stability)
        case _:
            found = told.result.penalised
            zeroing = found is not None and found.mix > 0.0
            return words("methods.prespecified_penalised" if zeroing else "methods.prespecified")


def _backward(told: Narration) -> str:
    words, select = told.words, told.result.protocol.analysis.select
    alpha, criterion = told.numbers.p_below(select.alpha), select.criterion.upper()
    if told.result.imputed is not None:
        return words("methods.backward.pooled", alpha=alpha)
    by = "p" if select.criterion == "p" else "criterion"
    key = f"approximate_{by}" if select.approximate else by
    return words(f"methods.backward.{key}", alpha=alpha, criterion=criterion)


def _lasso(told: Narration) -> str:
    words, protocol = told.words, told.result.protocol
    penalty = protocol.analysis.select.penalty
    if penalty is not None and penalty.value is not None:
        chosen = words("methods.lasso.given", penalty=penalised.shown(penalty.value, told.numbers))
    else:
        plan = penalty or PenaltyPlan()
        chosen = words(
            "methods.lasso.cv",
            folds=plan.folds,
            rule=words(f"rule.{plan.rule}"),
            seed=protocol.validation.seed if plan.seed is None else plan.seed,
        )
    factors = penalty.factors if penalty is not None else {}
    return words.joined([chosen, *penalised.factors(told, factors)])


def _stability(told: Narration, found: StabilityResult) -> str:
    return told.words(
        "methods.stability",
        per_half=found.per_half,
        learner=told.words(f"methods.learner.{found.learner}"),
        threshold=told.numbers.shortest(found.threshold),
        halves=2 * found.pairs,
    )


def estimating(told: Narration) -> list[str]:
    """The estimator, and what was done to its estimates afterwards."""
    words, found = told.words, told.result.penalised
    stated = _stated(told)
    if found is not None:
        return [penalised.method(told, found, stated)]
    if told.facts.by_firth:
        mean_risk = told.facts.mean_risk
        auto = told.result.protocol.analysis.estimator == "auto"
        return [
            words("methods.firth", **stated),
            words("methods.auto") if auto else "",
            words(f"methods.mean_risk_{mean_risk}") if mean_risk else "",
        ]
    return [
        words("methods.ml", **stated),
        _shrunken(told),
    ]


def _shrunken(told: Narration) -> str:
    """The factor that all coefficients were multiplied by, if it was below 1."""
    found = told.result.shrinkage
    if found is None:
        return ""
    return told.words(f"methods.shrinkage_{found.kind if found.estimated < 1.0 else 'none'}")


def _stated(told: Narration) -> dict[str, str]:
    """What the sentence on estimation says of ties and of the competing event."""
    found = told.result.survival
    if found is None:
        return {}
    return {"ties": found.ties.capitalize(), "rule": found.competing_rule}


def errors(told: Narration) -> list[str]:
    """Where P values and intervals come from, and what was checked."""
    result, words, protocol = told.result, told.words, told.result.protocol
    variables = protocol.variables
    strata = [variables[name].label.text(told.facts.language) for name in protocol.analysis.strata]
    survival = result.survival
    tested = tested_by(told)
    said = tested is not None and tested != "pooled"  # which the imputation tells of
    sentences = [words(f"methods.{tested}")] if said else []
    if told.facts.unit == "vertebra":
        sentences.append(words("methods.clustered"))
    if strata:
        sentences.append(words("methods.strata", variables=words.listed(strata)))
    if survival is not None and survival.hazards.height:
        scale = words.or_plain(f"transform.{survival.transform}", survival.transform)
        sentences.append(words("methods.hazards", transform=scale))
    if survival is not None and survival.beside is not None:
        sentences.append(words("methods.beside"))
    return sentences


def tested_by(told: Narration) -> str | None:
    """Which P values and intervals the coefficients have; None under a penalty."""
    asked, facts = told.result.protocol.analysis.intervals, told.facts
    if told.result.penalised is not None:
        return None
    imputed = told.result.imputed is not None
    if facts.by_firth and asked != "wald" and facts.unit != "vertebra":
        return "profile_pooled" if imputed else "profile_firth"
    if imputed:
        return "pooled"
    return "profile" if asked == "profile" else "wald"


def sampled(told: Narration) -> list[str]:
    """How sampled controls were corrected for."""
    found, words = told.result.sampling, told.words
    if found is None:
        return []
    return [
        words(
            "methods.sampling",
            prevalence=told.numbers.risk(found.prevalence),
            variance=words("methods.sampling_variance") if found.has_errors else "",
        )
    ]
