"""Tables about repeated selection: the models chosen most often, and what choosing cost."""

from __future__ import annotations

import polars as pl

from vertebrisk.report.results_stability import StabilityResult
from vertebrisk.report.tables import EMPTY, Column, Row, TableSpec, number, text
from vertebrisk.report.tables_performance import measure_name
from vertebrisk.report.words import Words
from vertebrisk.text import numbers
from vertebrisk.validation.results import Choices


def models_table(choices: Choices | None, labels: dict[str, str], words: Words) -> TableSpec | None:
    """The sets of predictors chosen most often; None without selection."""
    if choices is None:
        return None
    rows = tuple(
        Row(
            (
                text(model_name(line["predictors"], labels, words)),
                number("integer", len(line["predictors"])),
                number("risk", line["share"], decimals=1),
                text(words("yes")) if line["final"] else EMPTY,
            )
        )
        for line in choices.models.iter_rows(named=True)
    )
    columns = (
        Column("predictors", words("models.predictors"), "start"),
        Column("size", words("models.size")),
        Column("share", words("models.share")),
        Column("final", words("models.final"), "start"),
    )
    notes = (words("note.models", distinct=choices.distinct),)
    return TableSpec("models", words("caption.models"), columns, rows, (), notes)


def stability_table(
    stability: StabilityResult | None, labels: dict[str, str], words: Words
) -> TableSpec | None:
    """Share of the halves in which each candidate was chosen; None for other selections."""
    if stability is None:
        return None
    rows = tuple(
        Row(
            (
                text(labels.get(line["predictor"], line["predictor"])),
                number("risk", line["share"], decimals=1),
                text(words("yes")) if line["chosen"] else EMPTY,
            )
        )
        for line in stability.shares.iter_rows(named=True)
    )
    columns = (
        Column("predictor", words("predictor"), "start"),
        Column("share", words("stability.share")),
        Column("chosen", words("stability.chosen"), "start"),
    )
    notes = (
        words(
            "note.stability",
            halves=2 * stability.pairs,
            per_half=stability.per_half,
            threshold=numbers.risk(stability.threshold, 0),
            bound=numbers.estimate(stability.bound, 2),
            resampled=2 * stability.pairs_in_resamples,
        ),
    )
    return TableSpec("stability", words("caption.stability"), columns, rows, (), notes)


def model_name(predictors: list[str], labels: dict[str, str], words: Words) -> str:
    """A set of predictors as tables and sentences print it."""
    if not predictors:
        return words("models.none")
    return " + ".join(labels.get(each, each) for each in predictors)


def cost_table(cost: pl.DataFrame | None, words: Words) -> TableSpec | None:
    """Optimism of the whole procedure and of the model held fixed, and their difference."""
    if cost is None:
        return None
    rows = tuple(
        Row(
            (
                text(_measure(line["measure"], line["horizon"], words)),
                *(number("estimate", line[name]) for name in ("whole", "fixed", "cost")),
            )
        )
        for line in cost.iter_rows(named=True)
    )
    columns = (
        Column("measure", words("measure"), "start"),
        Column("whole", words("whole_procedure")),
        Column("fixed", words("fixed_model")),
        Column("cost", words("cost.difference")),
    )
    notes = (words("note.selection_cost"),)
    return TableSpec("selection_cost", words("caption.selection_cost"), columns, rows, (), notes)


def _measure(measure: str, horizon: float | None, words: Words) -> str:
    name = measure_name(measure, words)
    return name if horizon is None else f"{name}, {horizon:g}"
