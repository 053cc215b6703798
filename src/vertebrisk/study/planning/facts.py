"""What a plan may know of the patients: never how a candidate goes with the outcome."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from vertebrisk._types import Timing
from vertebrisk.cohort import Cohort
from vertebrisk.cohort.candidates import term_parameters
from vertebrisk.design.rules import Expression
from vertebrisk.design.syntax import quoted
from vertebrisk.design.terms import WrittenTerm, parse_terms
from vertebrisk.protocol import TIMINGS, Protocol

RARE_SHARE = 0.05
RARE_COUNT = 10
_FEWEST_VALUES = 10  # of a number that may bend


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """One candidate as written, and what its own column says.

    `rare` are levels with few patients and how many have each; `cut_from` is the number that
    a derived variable cuts in groups, where the model could read that number instead.
    """

    text: str
    term: WrittenTerm
    parameters: int
    missing: float
    constant: bool
    bends: bool
    rare: tuple[tuple[str, int], ...]
    timing: Timing
    cut: bool
    cut_from: str | None


def candidate_facts(protocol: Protocol, cohort: Cohort) -> tuple[CandidateFacts, ...]:
    """Facts of each candidate, in the order of the protocol."""
    pairs = zip(protocol.candidates, parse_terms(protocol.model_terms), strict=True)
    return tuple(_facts(text, term, protocol, cohort) for text, term in pairs)


def plain_facts(name: str, protocol: Protocol, cohort: Cohort) -> CandidateFacts:
    """Facts of a described variable that would be a candidate as it stands."""
    return _facts(name, parse_terms((quoted(name),))[0], protocol, cohort)


def share_incomplete(candidates: Collection[CandidateFacts], cohort: Cohort) -> float:
    """Share of rows in which some candidate is missing."""
    names = list(dict.fromkeys(name for each in candidates for name in each.term.variables))
    if not names:
        return 0.0
    return 1.0 - cohort.frame.select(names).drop_nulls().height / cohort.n


def _facts(text: str, term: WrittenTerm, protocol: Protocol, cohort: Cohort) -> CandidateFacts:
    frame, names = cohort.frame, term.variables
    alone = frame[names[0]] if len(names) == 1 else None
    numeric = alone is not None and alone.dtype.is_numeric()
    source, cut = _cut_source(text, protocol, cohort)
    return CandidateFacts(
        text=text,
        term=term,
        parameters=term_parameters(term, frame.select(names).drop_nulls()),
        missing=1.0 - frame.select(names).drop_nulls().height / cohort.n,
        constant=any(frame[name].drop_nulls().n_unique() <= 1 for name in names),
        bends=numeric
        and term.factors[0].kind == "plain"
        and not cut
        and alone is not None
        and _may_bend(alone.drop_nulls()),
        rare=() if alone is None or numeric else _rare(alone),
        timing=max((protocol.variables[name].timing for name in names), key=TIMINGS.index),
        cut=cut,
        cut_from=source,
    )


def _may_bend(values: pl.Series) -> bool:
    """Enough different values for the knots of a spline."""
    if values.n_unique() < _FEWEST_VALUES:
        return False
    inner = [values.quantile(q, "linear") for q in (0.05, 0.35, 0.65, 0.95)]
    return len(set(inner)) == len(inner)


def _rare(values: pl.Series) -> tuple[tuple[str, int], ...]:
    known = values.drop_nulls().cast(pl.String)
    counts = known.value_counts().sort("count", known.name)
    limit = max(RARE_SHARE * known.len(), RARE_COUNT)
    return tuple((str(level), int(n)) for level, n in counts.iter_rows() if n < limit)


def _cut_source(text: str, protocol: Protocol, cohort: Cohort) -> tuple[str | None, bool]:
    """The number that a derived candidate cuts in groups, and whether it cuts one at all."""
    variable = protocol.variables.get(text)
    if variable is None or variable.derive is None or not re.search("[<>]", variable.derive):
        return None, False
    names = tuple(dict.fromkeys(Expression.parse(variable.derive).names))
    if len(names) != 1 or names[0] not in cohort.frame.columns:
        return None, True
    (name,) = names
    usable = (
        cohort.frame[name].dtype.is_numeric()
        and name not in protocol.outcome_names
        and name not in protocol.analysis.strata
        and TIMINGS.index(protocol.variables[name].timing) <= TIMINGS.index(protocol.study.use_at)
    )
    return (name if usable else None), True
