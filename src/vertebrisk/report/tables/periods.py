"""The table of a split by time: the earlier patients' model on the later ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.report.tables.performance import measure_name
from vertebrisk.report.tables.table import Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words

if TYPE_CHECKING:
    from vertebrisk.validation.temporal import TemporalSplit


def split_table(found: TemporalSplit | None, words: Words) -> TableSpec | None:
    """Every measure on the later patients; None where the protocol asks for no split."""
    if found is None:
        return None
    rows = tuple(
        Row(
            (
                text(measure_name(line["measure"], words)),
                number("estimate_interval", line["estimate"], line["conf_low"], line["conf_high"]),
            )
        )
        for line in found.measures.iter_rows(named=True)
    )
    columns = (
        Column("measure", words("measure"), "start"),
        Column("later", words("split.later")),
    )
    return TableSpec("split", words("caption.split"), columns, rows, (), (words("note.split"),))
