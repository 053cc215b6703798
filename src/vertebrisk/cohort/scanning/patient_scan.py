"""Patients of a file of any length: columns that are read some rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from vertebrisk._checks import nearest
from vertebrisk._frames import as_polars
from vertebrisk.cohort.reading.table_file import build_codebook
from vertebrisk.cohort.scanning.stored import StoredColumn, stored_column
from vertebrisk.engines.closing import Closing
from vertebrisk.engines.columns import Columns, HeldColumns
from vertebrisk.engines.engine import Chunk, Engine, LocalEngine, Watch, chunk_of, spans, watch_of
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding


def told_of(
    frames: Iterable[pl.DataFrame], watch: Watch, step: str, size: int
) -> Iterator[pl.DataFrame]:
    """The same frames; `watch` is told how many of `size` rows have been worked on."""
    done = 0
    watch(step, done, size)
    for frame in frames:
        yield frame
        done += frame.height
        watch(step, done, size)


@dataclass(frozen=True, slots=True, eq=False)
class PatientScan(Closing):
    """A table of patients that need not fit into memory; made by `scan_table`.

    Attributes
    ----------
    columns : Columns
        Numbers, dates and spans (in microseconds, dates since 1970) as floats, NaN where
        missing; texts and levels as codes of their `labels`, and truths as 0 and 1, with -1
        where missing.
    stored : mapping of str to StoredColumn
        Of each column, its type as `read_table` gives it and its labels.
    engine : Engine
        Where sums over the rows run.
    codebook : DataFrame
        As of `read_codebook`.
    findings : tuple of Finding
        What was noticed while the file was read, the gravest first.
    name, sha256 : str
        The file and its hash; empty for a table in memory.
    encoding, separator : str or None
        Of a text file.
    in_file : tuple of str
        Names of all columns of the file, those too that were not asked for.
    scratch : ScratchFolder or None
        Where the columns lie; gone with the scan.
    """

    columns: Columns
    stored: Mapping[str, StoredColumn]
    engine: Engine
    codebook: pl.DataFrame
    findings: tuple[Finding, ...] = ()
    name: str = ""
    sha256: str = ""
    encoding: str | None = None
    separator: str | None = None
    in_file: tuple[str, ...] = ()
    scratch: ScratchFolder | None = field(default=None, repr=False)

    @classmethod
    def of_frame(cls, frame: object, engine: Engine | None = None) -> PatientScan:
        """A scan over a table in memory, of the kinds that `fit_logistic` takes."""
        table = as_polars(frame)
        stored = {column.name: stored_column(column) for column in table.iter_columns()}
        held = HeldColumns({name: each.numbers(table[name]) for name, each in stored.items()})
        return cls(
            columns=held,
            stored=stored,
            engine=engine or LocalEngine(),
            codebook=build_codebook(table.columns, {}, ()),
            in_file=tuple(table.columns),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.stored)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.columns.size

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Labels of the codes 0, 1, ... of each column of texts or levels."""
        return {
            name: each.labels
            for name, each in self.stored.items()
            if each.dtype == pl.String or isinstance(each.dtype, pl.Enum)
        }

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Types of the columns as `read_table` gives them."""
        return {name: each.dtype for name, each in self.stored.items()}

    def check_names(self, names: Sequence[str]) -> None:
        """Raise DataError where the table has no column of such a name."""
        for name in names:
            if name not in self.stored:
                where = f"'{self.name}'" if self.name else "The table"
                raise DataError(f"{where} has no column '{name}'.{nearest(name, self.names)}")

    def frame(self, chunk: Chunk) -> pl.DataFrame:
        """The rows of a chunk, typed as `read_table` types the whole file."""
        return pl.DataFrame(
            [self.stored[name].series(numbers) for name, numbers in chunk.values.items()]
        )

    def frames(self, names: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """All rows of some columns, one chunk after the other."""
        wanted = self.names if names is None else tuple(names)
        self.check_names(wanted)
        for rows in spans(self.n_rows):
            yield self.frame(chunk_of(self.columns, rows, wanted))

    def followed(self, step: str) -> Iterator[pl.DataFrame]:
        """All rows, one chunk after the other, told to who watches the engine."""
        return told_of(self.frames(), watch_of(self.engine), step, self.n_rows)

    def frame_of_no_rows(self) -> pl.DataFrame:
        """The columns with their types, and no rows."""
        return pl.DataFrame(schema=self.schema)

    def on(self, engine: Engine) -> PatientScan:
        """The same patients, summed by another engine."""
        return replace(self, engine=engine)

    def close(self) -> None:
        """Remove the scratch folder; the columns cannot be read after it."""
        if self.scratch is not None:
            self.scratch.close()
