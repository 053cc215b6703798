"""The table of an internal-external validation: by centre, pooled, and a further centre."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vertebrisk.report.tables.performance import measure_name
from vertebrisk.report.tables.table import EMPTY, Cell, Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words

if TYPE_CHECKING:
    from vertebrisk.validation.centres.results import InternalExternal

SHOWN = ("c_index", "slope", "observed_expected")


def centres_table(found: InternalExternal | None, words: Words) -> TableSpec | None:
    """Each centre by a model of the others; None where the protocol names no centre."""
    if found is None:
        return None
    rows = [
        Row(
            (
                text(str(line["centre"])),
                number("counts", line["n_events"], line["n"]),
                *(_limits(line, name, f"{name}_low", f"{name}_high") for name in SHOWN),
                number("estimate", line["brier"]),
            )
        )
        for line in found.table.iter_rows(named=True)
    ]
    pooled = {line["measure"]: line for line in found.pooled.iter_rows(named=True)}
    counts = number("counts", int(found.table["n_events"].sum()), int(found.table["n"].sum()))
    rows.append(
        Row(
            (
                text(words("centres.all")),
                counts,
                *(_limits(pooled[name], "estimate", "conf_low", "conf_high") for name in SHOWN),
                EMPTY,
            ),
            kind="emphasis",
        )
    )
    rows.append(
        Row(
            (
                text(words("centres.further")),
                EMPTY,
                *(_range(pooled[name]) for name in SHOWN),
                EMPTY,
            )
        )
    )
    columns = (
        Column("centre", words("centres.centre"), "start"),
        Column("events", words("events_n")),
        *(Column(name, words(f"centres.{name}")) for name in SHOWN),
        Column("brier", measure_name("brier", words)),
    )
    notes = (words("note.centres"),)
    return TableSpec("centres", words("caption.centres"), columns, tuple(rows), (), notes)


def _limits(line: Mapping[str, Any], name: str, low: str, high: str) -> Cell:
    return number("estimate_interval", line[name], line[low], line[high], decimals=2)


def _range(line: Mapping[str, Any]) -> Cell:
    return number("interval", line["prediction_low"], line["prediction_high"], decimals=2)
