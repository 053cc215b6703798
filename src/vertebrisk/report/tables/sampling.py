"""The table of a case-control study: two corrections side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from vertebrisk.report.tables.naming import Names
from vertebrisk.report.tables.table import Column, Row, Spanner, TableSpec, number, text
from vertebrisk.report.words import Words

if TYPE_CHECKING:
    from vertebrisk.report.results.sampling import SamplingResult

_PLACES = ("estimate", "conf_low", "conf_high")


def sampling_table(sampling: SamplingResult | None, names: Names, words: Words) -> TableSpec | None:
    """Coefficients by prior correction and, where it is one, by weighting; None without them."""
    if sampling is None:
        return None
    found = {
        method: sampling.estimates.filter(pl.col("method") == method).rows(named=True)
        for method in sampling.methods
    }
    rows = []
    for lines in zip(*found.values(), strict=True):
        cells = [text(names.coefficient(lines[0]["term"], lines[0]["level"], words))]
        for line in lines:
            if sampling.has_errors:
                cells.append(number("estimate_interval", *(line[place] for place in _PLACES)))
                cells.append(number("estimate", line["std_error"]))
            else:
                cells.append(number("estimate", line["estimate"]))
        rows.append(Row(tuple(cells)))
    columns = [Column("variable", words("variable"), "start")]
    for method in found:
        columns.append(Column(f"{method}_b", words("b_ci" if sampling.has_errors else "b")))
        if sampling.has_errors:
            columns.append(Column(f"{method}_se", words("se")))
    width = 2 if sampling.has_errors else 1
    spanners = tuple(
        Spanner(words(f"method.{method}"), 1 + width * place, 1 + width * (place + 1))
        for place, method in enumerate(found)
    )
    return TableSpec(
        "sampling",
        words("caption.sampling"),
        tuple(columns),
        tuple(rows),
        spanners,
        (words(f"note.sampling.{sampling.kind}"),),
    )
