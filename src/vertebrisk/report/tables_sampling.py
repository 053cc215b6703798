"""The table of a case-control study: two corrections side by side."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from vertebrisk.report.results_sampling import SamplingResult
from vertebrisk.report.tables import Column, Row, Spanner, TableSpec, number, text
from vertebrisk.report.words import Words

_METHODS = ("prior", "weighted")
_PLACES = ("estimate", "conf_low", "conf_high")


def sampling_table(
    sampling: SamplingResult | None, labels: Mapping[str, str], words: Words
) -> TableSpec | None:
    """Coefficients by prior correction and by weighting; None without sampled controls."""
    if sampling is None:
        return None
    found = {
        method: sampling.estimates.filter(pl.col("method") == method).rows(named=True)
        for method in _METHODS
    }
    rows = []
    for prior, weighted in zip(found["prior"], found["weighted"], strict=True):
        constant = prior["term"] == "(Intercept)"
        name = words("constant") if constant else labels.get(prior["term"], prior["term"])
        cells = [text(f"{name} {prior['level']}".strip())]
        for line in (prior, weighted):
            cells.append(number("estimate_interval", *(line[place] for place in _PLACES)))
            cells.append(number("estimate", line["std_error"]))
        rows.append(Row(tuple(cells)))
    columns = [Column("variable", words("variable"), "start")]
    for method in _METHODS:
        columns.append(Column(f"{method}_b", words("b_ci")))
        columns.append(Column(f"{method}_se", words("se")))
    spanners = tuple(
        Spanner(words(f"method.{method}"), 1 + 2 * place, 3 + 2 * place)
        for place, method in enumerate(_METHODS)
    )
    return TableSpec(
        "sampling",
        words("caption.sampling"),
        tuple(columns),
        tuple(rows),
        spanners,
        (words("note.sampling"),),
    )
