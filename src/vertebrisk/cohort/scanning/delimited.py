"""Text tables in pieces: the same rows and findings as of a table that is read whole."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from vertebrisk.cohort.reading.delimited import (
    Piece,
    commas_less_points,
    header_of,
    no_rows,
    piece_of,
    ragged_findings,
    rows_of,
    separator_findings,
    separator_of,
    void_columns,
)
from vertebrisk.cohort.reading.encodings import encoding_findings
from vertebrisk.cohort.reading.headers import clean_headers
from vertebrisk.cohort.reading.patterns import WHITE
from vertebrisk.cohort.scanning.encoding import Encoded, encoded
from vertebrisk.cohort.scanning.merging import Findings
from vertebrisk.findings import Finding

_CELLS = 400_000  # of a piece
_ROWS = 20_000
_BLOCK = 1 << 22  # characters
_SNIFFED = 2_000_000  # characters


@dataclass(frozen=True, slots=True)
class TextPieces:
    """A text table, some rows after the other; its cells are texts.

    Attributes
    ----------
    path : Path
    encoded : Encoded
    separator : str
    width : int
        Cells of a row.
    size : int
        Rows without those that are blank below the table.
    names : tuple of str
        Of the columns.
    places : tuple of int
        Of the columns in a row.
    decimal_comma : bool
    findings : tuple of Finding
        On the table; its cells come later.
    """

    path: Path
    encoded: Encoded
    separator: str
    width: int
    size: int
    names: tuple[str, ...]
    places: tuple[int, ...]
    decimal_comma: bool
    findings: tuple[Finding, ...]

    @classmethod
    def open(cls, path: Path) -> TextPieces:
        """Look at all rows once: how many there are, and which are short or blank.

        Raises
        ------
        DataError
            As of `read_delimited`.
        """
        form = encoded(path)
        with path.open(encoding=form.codec, newline="") as stream:
            separator, start = separator_of(stream.read(_SNIFFED + 1))
        lines = io.StringIO(start, newline="")
        header = header_of(path.name, rows_of(path.name, lines, separator))
        shape = _Shape.of(path, form, separator, header)
        kept = [
            place for place, name in enumerate(header) if name.strip(WHITE) or shape.filled[place]
        ]
        findings = [*encoding_findings(path.name, form.encoding), *shape.findings]
        if len(kept) < len(header):
            findings.append(void_columns(path.name, len(header) - len(kept)))
        names, header_findings = clean_headers([header[place] for place in kept], path.name)
        comma = separator == ";" and sum(shape.commas[place] for place in kept) > 0
        findings += [*header_findings, *separator_findings(path.name, separator, comma)]
        return cls(
            path=path,
            encoded=form,
            separator=separator,
            width=len(header),
            size=shape.size,
            names=tuple(names),
            places=tuple(kept),
            decimal_comma=comma,
            findings=tuple(findings),
        )

    def only(self, names: Collection[str]) -> TextPieces:
        """The same table, of which these columns alone are handed out."""
        kept = [(n, p) for n, p in zip(self.names, self.places, strict=True) if n in names]
        return replace(self, names=tuple(n for n, _ in kept), places=tuple(p for _, p in kept))

    def pieces(self) -> Iterator[pl.DataFrame]:
        """The cells in order, without white space around them; an empty cell is null."""
        within = [
            pl.col(f"column {place}").alias(name)
            for place, name in zip(self.places, self.names, strict=True)
        ]
        first = 0
        for piece in _pieces(self.path, self.encoded, self.separator, self.width):
            if first >= self.size:
                break
            cells = piece.cells[: self.size - first].select(within)
            first += cells.height
            stripped = cells.select(pl.all().str.strip_chars(WHITE))
            yield stripped.select(pl.when(pl.all() != "").then(pl.all()))


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a first look at all rows tells; `filled` and `commas` are of each cell of a row."""

    size: int
    filled: list[bool]
    commas: list[int]
    findings: list[Finding]

    @classmethod
    def of(cls, path: Path, form: Encoded, separator: str, header: list[str]) -> _Shape:
        width = len(header)
        found = Findings(())
        waiting: list[int] = []  # blank rows that may be below the table
        size = n = 0
        filled, commas = [False] * width, [0] * width
        for piece in _pieces(path, form, separator, width):
            n += piece.cells.height
            last = _last_filled(piece.blank, n - piece.cells.height, n)
            found.add(ragged_findings(path.name, piece.short, [], 0))
            if last is not None:
                within = waiting + [row for row in piece.blank if row < last]
                found.add(ragged_findings(path.name, [], within, 0))
                waiting, size = [], last
            waiting += [row for row in piece.blank if row > size]
            filled, commas = _looked(piece.cells, separator, filled, commas)
        if not size:
            raise no_rows(path.name)
        dropped = ragged_findings(path.name, [], [], n - size if width > 1 else 0)
        ragged = sorted(found.all(), key=lambda each: each.code, reverse=True)
        return cls(size, filled, commas, [*ragged, *dropped])


def _last_filled(blank: list[int], before: int, n: int) -> int | None:
    """The last of the rows before + 1 to n that is not blank."""
    trailing = set(blank)
    last = n
    while last in trailing:
        last -= 1
    return last if last > before else None


def _looked(
    cells: pl.DataFrame, separator: str, filled: list[bool], commas: list[int]
) -> tuple[list[bool], list[int]]:
    there = cells.select((pl.all().str.strip_chars(WHITE) != "").any()).row(0)
    filled = [one or bool(other) for one, other in zip(filled, there, strict=True)]
    if separator == ";":
        more = commas_less_points(cells)
        commas = [one + other for one, other in zip(commas, more, strict=True)]
    return filled, commas


def _pieces(path: Path, form: Encoded, separator: str, width: int) -> Iterator[Piece]:
    """The rows below the names, some at a time."""
    with path.open(encoding=form.codec, newline="") as stream:
        start = stream.read(_SNIFFED + 1)
        stream.seek(0)
        if len(start) > len(separator_of(start)[1]):
            stream.readline()
        lines = iter(stream.readline, "")
        rows = rows_of(path.name, lines, separator)
        header_of(path.name, rows)
        if form.quoted or width == 1:
            yield from _listed(path.name, rows, width, 0)
            return
        first = 0
        while block := stream.read(_BLOCK) + stream.readline():
            for piece in _of_block(path.name, block, separator, width, first):
                first += piece.cells.height
                yield piece


def _of_block(name: str, block: str, separator: str, width: int, first: int) -> Iterator[Piece]:
    """Pieces of whole lines without quotation marks; at once where every row is whole."""
    lines = block.count("\n") + (not block.endswith("\n"))
    if block.count(separator) == lines * (width - 1):
        try:
            cells = pl.read_csv(
                block.encode(),
                has_header=False,
                infer_schema=False,
                separator=separator,
                quote_char=None,
                new_columns=[f"column {place}" for place in range(width)],
            ).fill_null("")
        except pl.exceptions.PolarsError:
            cells = pl.DataFrame()
        if cells.shape == (lines, width):
            yield Piece(cells, [], _blank(cells, first))
            return
    rows = csv.reader(io.StringIO(block, newline=""), delimiter=separator)
    yield from _listed(name, rows, width, first)


def _blank(cells: pl.DataFrame, first: int) -> list[int]:
    """Positions of the rows without any contents."""
    suspects = (cells[cells.columns[0]].str.strip_chars(WHITE) == "").arg_true()
    if suspects.is_empty():
        return []
    empty = cells[suspects].select(
        pl.all_horizontal(pl.all().str.strip_chars(WHITE) == "").alias("empty")
    )["empty"]
    return [first + int(row) + 1 for row in suspects.filter(empty)]


def _listed(name: str, rows: Iterator[list[str]], width: int, first: int) -> Iterator[Piece]:
    step = max(min(_ROWS, _CELLS // width), 1)
    while chunk := list(itertools.islice(rows, step)):
        yield piece_of(name, width, chunk, first)
        first += len(chunk)
