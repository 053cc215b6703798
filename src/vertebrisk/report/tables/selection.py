"""Tables about repeated selection: which models, how coefficients move, what choosing cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from vertebrisk.report.tables.naming import Names
from vertebrisk.report.tables.performance import measure_name
from vertebrisk.report.tables.table import (
    EMPTY,
    Cell,
    Column,
    Row,
    Spanner,
    TableSpec,
    number,
    text,
)
from vertebrisk.report.words import Words
from vertebrisk.validation.results import Choices

if TYPE_CHECKING:
    from vertebrisk.report.results.stability import StabilityResult


def models_table(
    choices: Choices | None, labels: Mapping[str, str], words: Words
) -> TableSpec | None:
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


def coefficients_table(choices: Choices | None, names: Names, words: Words) -> TableSpec | None:
    """How the selection moves each coefficient, beside the model of all candidates."""
    if choices is None or choices.coefficients.is_empty():
        return None
    rows = tuple(
        Row(
            (
                text(names.coefficient(line["term"], line["level"], words)),
                number("estimate", line["estimate"]),
                number("estimate", line["std_error"]),
                number("risk", line["frequency"], decimals=1),
                number("estimate", line["rmsd_ratio"], decimals=2),
                _percent(line["relative_bias"]),
                number("estimate_interval", line["median"], line["low"], line["high"]),
            )
        )
        for line in choices.coefficients.iter_rows(named=True)
    )
    columns = (
        Column("predictor", words("predictor"), "start"),
        Column("b", words("b")),
        Column("se", words("se")),
        Column("frequency", words("models.share")),
        Column("rmsd_ratio", words("moved.rmsd_ratio")),
        Column("relative_bias", words("moved.relative_bias")),
        Column("median", words("moved.median")),
    )
    spanners = (
        Spanner(words("moved.full"), 1, 3),
        Spanner(words("moved.resamples"), 3, 7),
    )
    notes = (words("note.moved"),)
    return TableSpec("moved", words("caption.moved"), columns, rows, spanners, notes)


def _percent(share: float | None) -> Cell:
    return EMPTY if share is None else number("estimate", 100.0 * share, decimals=0)


def stability_table(
    stability: StabilityResult | None, labels: Mapping[str, str], words: Words
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
            threshold=words.numbers.risk(stability.threshold, 0),
            bound=words.numbers.estimate(stability.bound, 2),
            resampled=2 * stability.pairs_in_resamples,
        ),
    )
    return TableSpec("stability", words("caption.stability"), columns, rows, (), notes)


def model_name(predictors: list[str], labels: Mapping[str, str], words: Words) -> str:
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
