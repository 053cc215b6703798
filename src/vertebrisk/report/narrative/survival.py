"""Sentences of a study of time to event."""

from __future__ import annotations

from vertebrisk.report.main_numbers import is_intercept_only, with_interval
from vertebrisk.report.narrative.narration import ALPHA, Narration, tied
from vertebrisk.report.tables.survival import incidence_list
from vertebrisk.text.phrases import in_sentence
from vertebrisk.validation.results import Estimate

_TESTED_ALL = "GLOBAL"


def follow_up(told: Narration) -> list[str]:
    """Length of follow-up, and who had the competing event."""
    survival, words = told.result.survival, told.words
    if survival is None:
        return []
    length = survival.follow_up
    sentences = []
    if None not in (length.median, length.q1, length.q3):
        sentences.append(
            words(
                "participants.follow_up",
                median=told.numbers.estimate(length.median, 1),
                q1=told.numbers.estimate(length.q1, 1),
                q3=told.numbers.estimate(length.q3, 1),
                unit=words.duration(survival.time_unit),
            )
        )
    if survival.competing_rule:
        sentences.append(words("participants.competing", n=survival.n_competing))
    return sentences


def survival(told: Narration) -> list[str]:
    """How many have the event by each horizon, and which groups differ."""
    found, words = told.result.survival, told.words
    if found is None:
        return []
    estimator = "aalen_johansen" if found.competing_rule else "kaplan_meier"
    sentences = [
        words(
            "survival.incidence",
            outcome=in_sentence(told.facts.outcome_label),
            values=incidence_list(found, words),
        ),
        words(f"survival.{estimator}"),
    ]
    if "group_tests" in told.tables:
        test = words("by_gray" if found.competing_rule else "by_log_rank")
        sentences.append(words("survival.tests", table=told.table("group_tests"), test=test))
    return [words.joined(sentences)]


def hazards(told: Narration) -> list[str]:
    """Whether hazard ratios are constant over follow-up."""
    found, words = told.result.survival, told.words
    if found is None or found.hazards.height == 0:
        return []
    labels = {row.term: row.label for row in told.result.multivariable}
    tested = {line["term"]: line["p_value"] for line in found.hazards.iter_rows(named=True)}
    whole = tested.pop(_TESTED_ALL, None)
    together = tied(told.numbers.p_statement(whole))
    moving = [
        f"{labels.get(term, term)}{words.bracketed(tied(told.numbers.p_statement(p)))}"
        for term, p in tested.items()
        if p is not None and p < ALPHA
    ]
    table = told.table("hazards")
    if moving:
        return [words("hazards.violated", terms=words.listed(moving), table=table)]
    held = whole is None or whole >= ALPHA
    return [words(f"hazards.{'held' if held else 'violated_together'}", p=together, table=table)]


def discrimination(told: Narration) -> list[str]:
    """Uno's C-index, and where the numbers at the horizons stand."""
    found, words = told.result.survival, told.words
    if found is None:
        return []
    sentences = []
    if found.uno is not None:
        sentences.append(words("discrimination.uno", c=_shown(found.uno, told)))
    if "horizons" in told.tables:
        sentences.append(words("discrimination.horizons", table=told.table("horizons")))
    elif not is_intercept_only(told.result):
        sentences.append(words("discrimination.entered"))
    return sentences


def measured_at_horizons(told: Narration) -> bool:
    """False where patients entered late, so that nothing is measured at a horizon."""
    found = told.result.survival
    return found is None or "horizons" in told.tables or is_intercept_only(told.result)


def beside(told: Narration) -> list[str]:
    """What a model of time to event means where the event has no time, and the logistic one."""
    found, words = told.result.survival, told.words
    if found is None or found.beside is None:
        return []
    logistic = found.beside
    sentences = [
        words(
            "beside.performance",
            apparent=_shown(logistic.c_index, told),
            corrected=_shown(logistic.corrected, told),
            resamples=logistic.resamples,
        )
    ]
    if logistic.n_censored:
        sentences.append(words("beside.censored", n=logistic.n_censored))
    return [words("beside.text"), words.joined(sentences)]


def limit(told: Narration) -> list[str]:
    """Up to when the model predicts."""
    found = told.result.survival
    if found is None:
        return []
    return [
        told.words(
            "limits.horizon", horizon=f"{found.limit:g}", unit=told.words.duration(found.time_unit)
        )
    ]


def _shown(estimate: Estimate, told: Narration) -> str:
    return with_interval((estimate.estimate, estimate.conf_low, estimate.conf_high), told.words)
