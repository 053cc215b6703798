"""Scored patients as a CSV file, labelled with the model that scored them."""

from __future__ import annotations

import polars as pl

from vertebrisk.models.risk_model import RiskModel


def scored_csv(model: RiskModel, risks: pl.DataFrame) -> str:
    """One line a row of the patient file, in its order, counted from 1.

    Reconstructed or simulated origins are named in a column of their own.
    """
    frame = risks.with_row_index("row", offset=1)
    if model.population.data_kind != "real":
        frame = frame.with_columns(model_data=pl.lit(model.population.data_kind))
    return frame.write_csv(float_precision=6, line_terminator="\n")


def with_names(risks: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """Risks with the patients' own names in front; formulas are taken from spreadsheets."""
    texts = names.cast(pl.String)
    guarded = pl.when(texts.str.contains(r"^[=+\-@\t\r]")).then("'" + texts).otherwise(texts)
    return risks.insert_column(0, pl.select(guarded.alias(names.name)).to_series())
