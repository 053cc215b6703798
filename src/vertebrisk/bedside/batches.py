"""A spreadsheet of patients, scored: what came in, with the risks beside it; nothing is kept."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from vertebrisk._checks import listed
from vertebrisk.cohort.reading import Bounds, read_content
from vertebrisk.cohort.reading.bounds import LONGEST_CELL
from vertebrisk.errors import DataError
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.scoring import labelled, with_levels, with_unreadable

Kind = Literal["csv", "xlsx"]

DIGITS = 6
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.I | re.A)
_SHEET, _ABOUT = "Risks", "Model"


@dataclass(frozen=True, slots=True)
class Batch:
    """A scored file, how many rows it has, and how many of them have no risk."""

    content: bytes
    rows: int
    unscored: int


def scored_batch(
    model: RiskModel,
    content: bytes,
    kind: Kind,
    bounds: Bounds,
    *,
    horizon: float | None = None,
    about: Mapping[str, str] | None = None,
) -> Batch:
    """The patients of a file with their risks, as a file of the same kind.

    Parameters
    ----------
    model : RiskModel
    content : bytes
        CSV or .xlsx, one row a patient, columns named as the model's inputs, categories as
        labels or codes; read as `read_file` reads a patient file.
    kind : {"csv", "xlsx"}
    bounds : Bounds
        How large it may be.
    horizon : float, optional
        For a model of time to event, as in `RiskModel.predict`.
    about : mapping of str to str, optional
        What a second sheet of a workbook says of the model.

    Returns
    -------
    Batch
        Every column of the file as text and in its order, then risk, conf_low, conf_high,
        linear_predictor, total_points and flags, with the horizon and the origin of the
        model where `vertebrisk predict` writes them. Rows keep order and number (blank ones
        below the table are left out). A row that cannot be scored is empty there, and its
        flags say why: ``missing: ivc``, ``unreadable: age`` for a cell that is no number. A model
        that averages over missing inputs scores rows with gaps and says so in their flags
        (``averaged over: ivc``), but none with an unreadable cell.
        Text that a spreadsheet would take for a formula is written as text.

    Raises
    ------
    DataError
        When the file cannot be read, passes a bound, lacks an input of the model, or has a
        column with the name of one that is added.
    ModelError
        When the horizon is outside the model's follow-up.
    """
    table, raw = read_content(content, kind, bounds)
    table = with_levels(model, table, raw)
    risks = model.predict(table.frame, horizon)
    risks = labelled(model, with_unreadable(risks, table), horizon)
    cells = raw.frame.select(pl.all().cast(pl.String).fill_null(""))
    taken = [name for name in cells.columns if name in risks.columns]
    if taken:
        raise DataError(
            f"The file has {listed(taken)}, which are names of columns of the answer; give them "
            "other names, or leave them out."
        )
    if kind == "xlsx":
        written = _workbook(cells, risks, about or {})
    else:
        marked = content.startswith(codecs.BOM_UTF8) or table.encoding != "UTF-8"
        text = _csv(cells, risks, raw.separator or ",", comma=raw.decimal_comma)
        written = text.encode("utf-8-sig" if marked else "utf-8", "replace")
    return Batch(written, risks.height, risks["risk"].null_count())


def _csv(cells: pl.DataFrame, risks: pl.DataFrame, separator: str, *, comma: bool) -> str:
    """Text of a table, with the separator and the decimal sign that came in."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=separator, lineterminator="\r\n")
    writer.writerow([*map(_harmless, cells.columns), *risks.columns])
    for row, added in zip(cells.iter_rows(), risks.iter_rows(), strict=True):
        writer.writerow([*map(_harmless, row), *(_plain(value, comma=comma) for value in added)])
    return written.getvalue()


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula; numbers with a sign stay as they are."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _plain(value: object, *, comma: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        text = f"{value:.{DIGITS}f}"
        return text.replace(".", ",") if comma else text
    return _harmless(str(value))


def _workbook(cells: pl.DataFrame, risks: pl.DataFrame, about: Mapping[str, str]) -> bytes:
    """A workbook made in memory: texts as texts, risks as numbers."""
    import xlsxwriter

    longest = cells.select(pl.all().str.len_chars().max()).row(0)
    if max(longest, default=0) > LONGEST_CELL:
        raise DataError(f"A cell of the file has more than {LONGEST_CELL} characters; shorten it.")
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet(_SHEET)
    sheet.freeze_panes(1, 0)
    for column, name in enumerate([*cells.columns, *risks.columns]):
        sheet.write_string(0, column, name, bold)
    width = cells.width
    for row, (own, added) in enumerate(zip(cells.iter_rows(), risks.iter_rows(), strict=True), 1):
        for column, text in enumerate(own):
            sheet.write_string(row, column, text)
        _write_values(sheet, row, width, added)
    if about:
        other = book.add_worksheet(_ABOUT)
        other.set_column(0, 0, 24)
        other.set_column(1, 1, 100)
        for row, (name, text) in enumerate(about.items()):
            other.write_string(row, 0, name, bold)
            other.write_string(row, 1, text[:LONGEST_CELL])
    book.close()
    return packed.getvalue()


def _write_values(sheet: Any, row: int, first: int, values: Sequence[object]) -> None:
    for column, value in enumerate(values, first):
        if isinstance(value, float):
            sheet.write_number(row, column, value)
        elif value is not None:
            sheet.write_string(row, column, str(value))
