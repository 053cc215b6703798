"""Sentences about the regression model and its nomogram."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.main_numbers import (
    bracketed_units,
    is_intercept_only,
    told_rows,
    usable,
)
from vertebrisk.report.narrative import matched, penalised, powers, survival
from vertebrisk.report.narrative.methods.model import tested_by
from vertebrisk.report.narrative.narration import ALPHA, Narration, tied
from vertebrisk.report.narrative.patients import MOST_NAMED
from vertebrisk.report.tables.models import row_label
from vertebrisk.text.phrases import in_sentence


def univariable(told: Narration) -> list[str]:
    """How many candidates were screened, and which went on."""
    words = told.words
    rows = [row for row in told.result.univariable if row.kind != "intercept"]
    if not rows:
        return []
    labels = {row.term: row.label for row in rows}
    chosen = {row.term: row.label for row in rows if row.selected}
    sentences = [
        words(
            "univariable.screened",
            n_candidates=len(labels),
            outcome=in_sentence(told.facts.outcome_label),
            table=told.table("univariable"),
        )
    ]
    if any(row.selected is not None for row in rows):
        sentences.append(
            words(
                "univariable.selected",
                variables=words.listed(bracketed_units(told.result, chosen.values())),
            )
            if chosen
            else words("univariable.none")
        )
    return [words.joined(sentences)]


def multivariable(told: Narration) -> list[str]:
    """Which predictors are associated with the outcome, and which may not be."""
    words, flow, sampled = told.words, told.result.flow, told.result.sampling
    share = flow.n_events / flow.n if sampled is None else sampled.prevalence
    if is_intercept_only(told.result):
        return [
            words(
                "multivariable.intercept_only",
                outcome=in_sentence(told.facts.outcome_label),
                risk=told.numbers.risk(share),
            )
        ]
    if told.result.penalised is not None:
        return penalised.coefficients(told, told.result.penalised)
    terms = told_rows(told.result.multivariable)
    strong = [row for row in terms if row.p_value is not None and row.p_value < ALPHA]
    weak = [row for row in terms if row not in strong]
    stated = {
        "n": flow.n,
        "unit": told.unit(),
        "events": flow.n_events,
        "outcome": in_sentence(told.facts.outcome_label),
        "tests": words(f"multivariable.tests.{tested_by(told) or 'wald'}"),
        "table": told.table("multivariable"),
    }
    if strong:
        sentences = [words("multivariable.opening", terms=_listed(told, strong), **stated)]
        if weak:
            sentences.append(words("multivariable.not_associated", terms=_listed(told, weak)))
    else:
        below = told.numbers.p_below(ALPHA)
        terms_told = _listed(told, weak)
        sentences = [
            words("multivariable.none_associated", below=below, terms=terms_told, **stated)
        ]
    paragraphs = [words.joined(sentences)]
    if told.facts.selection != "prespecified":
        paragraphs.append(words("multivariable.after_selection", table=told.table("multivariable")))
    return [
        *paragraphs,
        *powers.shapes_found(told),
        *penalised.shrinkage(told),
        *survival.hazards(told),
    ]


def _listed(told: Narration, rows: Sequence[RegressionRow]) -> str:
    """The first predictors with their numbers; how many more the table has."""
    shown = [_term(told, row) for row in rows[:MOST_NAMED]]
    if len(rows) > MOST_NAMED:
        shown.append(told.words("comparison.more", n=len(rows) - MOST_NAMED))
    return told.words.separated(shown)


def _term(told: Narration, row: RegressionRow) -> str:
    """One predictor with its odds ratio, interval and P."""
    label = row_label(row, told.words)
    if row.kind == "overall":
        return told.words("term.joint", label=label, p=tied(told.numbers.p_statement(row.p_value)))
    if row.level and row.reference:
        label = f"{label} {told.words('versus')} {row.shown_reference}"
    elif row.term in _straight(told):
        plain = bracketed_units(told.result, [label])[0]
        label = told.words("multivariable.per_unit", label=plain)
    ratio = told.numbers.ratio(row.ratio)
    p = tied(told.numbers.p_statement(row.p_value))
    if not (usable(row.conf_low) and usable(row.conf_high)):
        return told.words("term", label=label, ratio=ratio, p=p)
    limits = told.numbers.ratio_limits(row.conf_low, row.conf_high)
    return told.words("term.ci", label=label, ratio=ratio, interval=limits, p=p)


def _straight(told: Narration) -> set[str]:
    """Terms that are one number as it was measured."""
    return {
        term.name
        for term in told.result.candidates.terms
        if len(term.factors) == 1 and term.factors[0].kind == "plain"
    }


def nomogram(told: Narration) -> list[str]:
    """How the nomogram is read, with the invented example."""
    words, example = told.words, told.result.example
    if told.result.matched is not None:
        return matched.odds(told, told.result.matched)
    if not told.result.nomogram.axes:
        bare = is_intercept_only(told.result)
        return [words("nomogram.empty" if bare else "nomogram.no_risk")]
    paragraphs = [words("nomogram.reading")]
    if example.values:
        axes = {axis.variable: axis for axis in told.result.nomogram.axes}
        shown = words.listed(
            [
                f"{axes[name].label}{words('colon')}{axes[name].shown(value)}"
                if name in axes
                else value
                for name, value in example.values
            ]
        )
        sentence = words(
            "nomogram.example",
            values=shown,
            points=told.numbers.estimate(example.total_points, 0),
            risk=told.numbers.risk(example.risk),
            **_first_horizon(told),
        )
        paragraphs.append(words.joined([sentence, _example_interval(told)]))
    if told.facts.at_bedside == "average":
        paragraphs.append(words("nomogram.averages"))
    return paragraphs


def _first_horizon(told: Narration) -> dict[str, str]:
    """By when the example's risk holds, where patients are followed."""
    found = told.result.survival
    if found is None:
        return {}
    unit = told.words.duration(found.time_unit)
    return {"horizon": f"{found.horizons[0].horizon:g}", "unit": unit}


def _example_interval(told: Narration) -> str:
    example = told.result.example
    if not (usable(example.conf_low) and usable(example.conf_high)):
        return ""
    limits = told.numbers.risk_limits(example.conf_low, example.conf_high)
    return told.words("nomogram.interval", interval=limits)
