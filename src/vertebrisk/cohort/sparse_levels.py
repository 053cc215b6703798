"""Levels so rare that the event may happen to be in none of their patients, or in all."""

from __future__ import annotations

import math

import polars as pl

from vertebrisk.cohort.cohort import Cohort
from vertebrisk.design.terms import parse_terms
from vertebrisk.findings import Finding
from vertebrisk.protocol import Protocol
from vertebrisk.text.messages import joined, say
from vertebrisk.text.plurals import agreeing, counted

LIKELY = 0.05  # chance from which on it is told
_MODELS = ("logistic", "cox")


def sparse_levels(cohort: Cohort, protocol: Protocol) -> tuple[Finding, ...]:
    """What could stop a maximum-likelihood fit, told without looking at who had the event.

    The chance is that of events dealt to the patients at random, so only their number is used.
    Of a Cox model only a level without events counts.
    """
    analysis = protocol.analysis
    if analysis.estimator != "ml" or analysis.model not in _MODELS or cohort.sets is not None:
        return ()
    names = dict.fromkeys(
        name for term in parse_terms(protocol.model_terms) for name in term.variables
    )
    known = cohort.frame if protocol.missing.imputes else cohort.frame.drop_nulls(list(names))
    events = round(cohort.n_events * known.height / max(cohort.n, 1))
    either = analysis.model == "logistic"
    found = [
        say(
            "{name} = {level} ({patients}, {chance:.0%})",
            name=name,
            level=level,
            patients=counted(count, "patient"),
            chance=chance,
        )
        for name in names
        if isinstance(known[name].dtype, pl.Enum)
        for level, count in _counts(known[name])
        for chance in [one_sided(count, known.height, events, either=either)]
        if chance >= LIKELY
    ]
    if not found or not 0 < events < known.height:
        return ()
    what = say("none or all of") if either else say("none of")
    return (
        Finding(
            "sparse-levels",
            "note",
            say(
                "{levels} of the candidates {are} so rare that by chance alone {what} "
                "{their} patients may have the event: {found}. Maximum likelihood then has "
                "no finite estimate, and the run stops.",
                levels=counted(len(found), "level"),
                are=agreeing(len(found), "is", "are"),
                what=what,
                their=agreeing(len(found), "its", "their"),
                found=joined(found, "; "),
            ),
            say(
                'Write estimator = "auto" in [analysis]: Firth\'s penalised likelihood where '
                "that happens, maximum likelihood elsewhere. Or merge rare levels for "
                "clinical reasons."
            ),
            say(
                "The chances are those of as many events dealt out at random: who had the "
                "event was not looked at, so this can still be decided without having seen a "
                "result."
            ),
            file=cohort.data_name,
        ),
    )


def _counts(column: pl.Series) -> list[tuple[str, int]]:
    held = column.drop_nulls().value_counts()
    counts = dict(zip(held[column.name].to_list(), held["count"].to_list(), strict=True))
    assert isinstance(column.dtype, pl.Enum)  # as every column with levels
    return [(level, counts[level]) for level in column.dtype.categories if level in counts]


def one_sided(count: int, n: int, events: int, *, either: bool) -> float:
    """Chance that of `count` patients none, or if `either` none or all, are among the events.

    Events are dealt to `n` patients at random; a group of all patients has none by chance.
    """
    if count >= n:
        return 0.0
    none = _dealt(count, n, n - events)
    return none + (_dealt(count, n, events) if either else 0.0)


def _dealt(count: int, n: int, kind: int) -> float:
    """Chance that `count` patients are all of one kind."""
    if count > kind:
        return 0.0
    return math.exp(
        math.lgamma(kind + 1)
        - math.lgamma(kind - count + 1)
        - math.lgamma(n + 1)
        + math.lgamma(n - count + 1)
    )
