"""The columns of two readers, as a table [[agreement]] names them."""

from __future__ import annotations

import polars as pl

from vertebrisk._types import IntArray
from vertebrisk.cohort.followed import Readings, numbers_in
from vertebrisk.cohort.labelling import labelled
from vertebrisk.findings import Finding
from vertebrisk.protocol import Protocol, Variable
from vertebrisk.protocol.followup import Agreement
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted, in_rows


def readings_of(
    protocol: Protocol,
    table: Agreement,
    frame: pl.DataFrame,
    rows: IntArray,
    file: str,
    findings: list[Finding],
) -> Readings:
    """Both readers' columns of the eligible rows; `findings` is added to.

    Where the variable is described, its codes and levels hold for the readers' columns too.

    Raises
    ------
    DataError
        A reading is not what its kind says.
    """
    described = protocol.variables.get(table.variable)
    columns = []
    for name in (table.first, table.second):
        column = frame[name]
        if described is not None and name not in protocol.variables and not table.levels:
            own = described.model_copy(update={"name": name, "derive": None})
            column, found = labelled(column, own, file)
            findings += found
        if table.kind == "continuous":
            values = numbers_in(column, rows, file, f"[[agreement]] '{table.variable}'")
            column = pl.Series(name, values).fill_nan(None)
            findings += _implausible(column, rows, described, file)
        columns.append(column)
    levels = table.levels
    if not levels and described is not None:
        levels = described.ordered_levels
    return Readings(table, pl.DataFrame(columns), levels)


def _implausible(
    column: pl.Series, rows: IntArray, described: Variable | None, file: str
) -> list[Finding]:
    if described is None or described.plausible is None:
        return []
    low, high = described.plausible
    beyond = ((column < low) | (column > high)).fill_null(value=False)
    places = tuple(int(row) for row in rows[beyond.to_numpy()])
    if not places:
        return []
    return [
        Finding(
            "beyond-plausible",
            "warning",
            say(
                "Column '{name}': {readings} {lies} beyond the plausible limits {low:g} to "
                "{high:g} ({rows}); used as in the file.",
                name=column.name,
                readings=counted(len(places), "reading"),
                lies=agreeing(len(places), "lies", "lie"),
                low=low,
                high=high,
                rows=in_rows(places),
            ),
            say("Compare the cells with the source, or widen the limits in the codebook."),
            file=file,
            column=column.name,
            rows=places,
            cells=tuple(str(value) for value in column.filter(beyond).to_list()),
        )
    ]
