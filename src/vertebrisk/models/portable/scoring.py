"""Scored patients as columns beside their file, labelled with the model that scored them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from vertebrisk.cohort.reading import RawTable, TableFile
from vertebrisk.errors import ArgumentError
from vertebrisk.models.portable.flagging import AVERAGED, MISSING
from vertebrisk.models.portable.risk_model import RiskModel

ADDED = ("row", "horizon", "time_unit", "model_data")


def with_levels(model: RiskModel, table: TableFile, cells: RawTable) -> TableFile:
    """The table with the levels that its model knows, where reading took them for bad numbers.

    A column with ``0-1`` among many ``2`` reads as numbers, of which ``0-1`` is none; where it
    is an input with levels, or chooses the baseline, its cells are texts.
    """
    levelled = [each.name for each in model.design.predictors if each.categorical]
    frame, lost = table.frame, set()
    for name in dict.fromkeys([*levelled, *model.strata]):
        if name not in cells.untyped or not frame[name].dtype.is_numeric():
            continue
        texts = cells.frame[name].str.strip_chars().replace("", None)
        if not (frame[name].is_null() & texts.is_not_null()).any():
            continue
        whole = texts.str.replace(r"^([+-]?\d+)\.0+$", "${1}")
        frame = frame.with_columns(whole.alias(name))
        lost.add(name)
    kept = tuple(each for each in table.findings if each.column not in lost)
    return replace(table, frame=frame, findings=kept)


def with_unreadable(risks: pl.DataFrame, table: TableFile) -> pl.DataFrame:
    """Flags that tell a cell which holds something unreadable from one that holds nothing.

    A row with such a cell has no risk: what stands there is not missing, and nothing is drawn
    in its place.
    """
    flags: list[str] = risks["flags"].to_list()
    unread: set[int] = set()
    for finding in table.findings:
        gaps = (f"{MISSING}{finding.column}", f"{AVERAGED}{finding.column}")
        for row in finding.rows if finding.column else ():
            parts = flags[row - 1].split("; ") if row <= len(flags) else []
            if set(gaps) & set(parts):
                unread.add(row - 1)
                flags[row - 1] = "; ".join(
                    f"unreadable: {finding.column}" if each in gaps else each for each in parts
                )
    for place in unread:
        flags[place] = flags[place].replace(AVERAGED, MISSING)
    read = pl.Series([place not in unread for place in range(len(flags))], dtype=pl.Boolean)
    scored = [name for name in risks.columns if name != "flags"]
    return risks.with_columns(
        *(pl.when(read).then(pl.col(name)).alias(name) for name in scored),
        flags=pl.Series(flags, dtype=pl.String),
    )


def asked(model: RiskModel, horizon: float | None) -> dict[str, Any]:
    """The time by which the risks hold, and its unit; nothing for a model with one time point."""
    if model.kind == "logistic":
        return {}
    by = model.horizons[0] if horizon is None else horizon
    return {"horizon": by, "time_unit": model.time_unit}


def labelled(model: RiskModel, risks: pl.DataFrame, horizon: float | None = None) -> pl.DataFrame:
    """Risks of a file's rows with what they are risks of.

    Risks of a model of time to event say by when they hold. Reconstructed or simulated
    origins are named in a column of their own.
    """
    frame = risks.with_columns(pl.lit(value).alias(k) for k, value in asked(model, horizon).items())
    if model.population.data_kind != "real":
        frame = frame.with_columns(model_data=pl.lit(model.population.data_kind))
    return frame


def scored_csv(model: RiskModel, risks: pl.DataFrame, horizon: float | None = None) -> str:
    """One line a row of the patient file, in its order, counted from 1; see `labelled`."""
    frame = labelled(model, risks.with_row_index("row", offset=1), horizon)
    return frame.write_csv(float_precision=6, line_terminator="\n")


def with_names(risks: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """Risks with the patients' own names in front; formulas are taken from spreadsheets.

    Raises ArgumentError where the column has the name of one that is written.
    """
    if names.name in (*risks.columns, *ADDED):
        raise ArgumentError(
            f"The column '{names.name}' has the name of a column of the output; "
            "give it another name in the patient file."
        )
    texts = names.cast(pl.String)
    guarded = pl.when(texts.str.contains(r"^[=+\-@\t\r]")).then("'" + texts).otherwise(texts)
    return risks.insert_column(0, pl.select(guarded.alias(names.name)).to_series())
