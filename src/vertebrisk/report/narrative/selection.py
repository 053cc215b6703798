"""Sentences about repeated selection."""

from __future__ import annotations

import polars as pl

from vertebrisk.report.main_numbers import usable
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.report.tables.naming import Names
from vertebrisk.report.tables.selection import model_name

_COMPETE = 0.2  # correlation of being chosen, below 0, from which two candidates are named
_BY_CHANCE = 4.0  # standard errors of such a correlation that the largest of many may reach


def repeated_selection(told: Narration) -> list[str]:
    """How often the final model was chosen, who competed, and what the choice cost."""
    return [*_models(told), *_competing(told), *_moved(told), *_cost(told)]


def _moved(told: Narration) -> list[str]:
    """The coefficient of the final model that selection takes farthest from the full model's."""
    choices = told.result.validation.choices
    if choices is None or "moved" not in told.tables:
        return []
    final = {row.term for row in told.result.multivariable if row.kind == "estimate"}
    known = choices.coefficients.filter(
        pl.col("term").is_in(final)
        & pl.col("relative_bias").is_not_null()
        & pl.col("rmsd_ratio").is_not_null()
    )
    if known.is_empty():
        return []
    line = known.sort(pl.col("relative_bias").abs(), descending=True).row(0, named=True)
    names = Names.of(told.result)
    return [
        told.words(
            "selection.moved",
            name=names.coefficient(line["term"], line["level"], told.words),
            bias=told.numbers.estimate(100.0 * line["relative_bias"], 0),
            ratio=told.numbers.estimate(line["rmsd_ratio"], 2),
            table=told.table("moved"),
        )
    ]


def _models(told: Narration) -> list[str]:
    choices, words = told.result.validation.choices, told.words
    if choices is None or "models" not in told.tables:
        return []
    first = choices.models.row(0, named=True)
    sentences = [
        words(
            "selection.models",
            final=told.numbers.risk(choices.final, 1),
            distinct=choices.distinct,
            table=told.table("models"),
        )
    ]
    if not first["final"]:
        labels = Names.of(told.result).variables
        sentences.append(
            words(
                "selection.often",
                share=told.numbers.risk(first["share"], 1),
                model=model_name(first["predictors"], labels, words),
            )
        )
    return sentences


def _competing(told: Narration) -> list[str]:
    choices = told.result.validation.choices
    if choices is None:
        return []
    validation = told.result.validation
    by_chance = _BY_CHANCE / max(1, validation.resamples - validation.n_failed) ** 0.5
    least = -max(_COMPETE, by_chance)
    rivals = choices.pairs.filter(pl.col("correlation") < least).sort("correlation")
    if rivals.is_empty():
        return []
    labels, line = Names.of(told.result).variables, rivals.row(0, named=True)
    return [
        told.words(
            "selection.competing",
            first=labels.get(line["first"], line["first"]),
            second=labels.get(line["second"], line["second"]),
            together=told.numbers.risk(line["together"], 1),
            expected=told.numbers.risk(line["expected"], 1),
        )
    ]


def _cost(told: Narration) -> list[str]:
    cost = told.result.selection_cost
    if cost is None or "selection_cost" not in told.tables:
        return []
    lines = cost.filter(pl.col("measure") == "c_index").to_dicts()
    if not lines or not usable(lines[0]["cost"]):
        return []
    return [
        told.words(
            "selection.cost",
            whole=told.numbers.estimate(lines[0]["whole"], 3),
            cost=told.numbers.estimate(lines[0]["cost"], 3),
            table=told.table("selection_cost"),
        )
    ]
