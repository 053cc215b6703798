"""A patient file read for a model, in the model's terms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from vertebrisk._files import write_text
from vertebrisk.cohort.reading import TableFile, read_cells
from vertebrisk.errors import DataError
from vertebrisk.models.mapping.applying import named_file, with_values
from vertebrisk.models.mapping.document import MappingSource, read_mapping
from vertebrisk.models.mapping.proposing import check_columns, drafted_mapping
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.scoring import with_levels

WHOLE = r"^([+-]?\d+)\.0+$"


def read_for(model: RiskModel, path: Path, mapping: MappingSource | None = None) -> TableFile:
    """A patient file with the inputs of a model, mapped where a mapping is given.

    Raises
    ------
    DataError
        The file cannot be read, or lacks a column of the model or of the mapping.
    ArgumentError
        The mapping is none, or not one of this model.
    """
    mapped = read_mapping(mapping, model)
    table, cells = named_file(*read_cells(path), mapped)
    check_columns(model, table.frame)
    levelled = with_levels(model, table, cells)
    return replace(levelled, frame=with_values(levelled.frame, mapped))


def proposed_mapping(model: RiskModel, path: Path) -> str:
    """The draft of a mapping of a file, for a person to finish; "" where it needs none.

    Raises
    ------
    DataError
        The file cannot be read.
    """
    table, cells = read_cells(path)
    texts = table.frame.with_columns(
        cells.frame[name].str.strip_chars().replace("", None).str.replace(WHOLE, "${1}")
        for name in cells.untyped
        if cells.frame[name].dtype == pl.String
    )
    return drafted_mapping(model, table.frame, texts, path.name)


def write_proposal(model: RiskModel, path: Path, out: Path) -> bool:
    """Write that draft; False where none is needed. Nothing that exists is overwritten.

    Raises
    ------
    DataError
        The file cannot be read, or something stands in the way.
    """
    text = proposed_mapping(model, path)
    if not text:
        return False
    if out.exists() or out.is_symlink():
        raise DataError(f"'{out}' exists and is not overwritten; name another file.")
    write_text(out, text)
    return True
