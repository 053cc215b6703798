"""From a file of any length to columns on disk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from vertebrisk._checks import nearest
from vertebrisk.cohort.reading.declared import declared_column
from vertebrisk.cohort.reading.signature import check_kind
from vertebrisk.cohort.reading.table_file import Code, Declared, build_codebook
from vertebrisk.cohort.scanning.delimited import TextPieces
from vertebrisk.cohort.scanning.encoding import hash_of
from vertebrisk.cohort.scanning.merging import Findings
from vertebrisk.cohort.scanning.parquet import ParquetPieces
from vertebrisk.cohort.scanning.patient_scan import PatientScan, told_of
from vertebrisk.cohort.scanning.profile import TypesAndLabels
from vertebrisk.cohort.scanning.texts import LOOKING, TypedTexts
from vertebrisk.cohort.scanning.writing import CheckedWriter
from vertebrisk.engines.engine import Engine, LocalEngine, watch_of
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.errors import DataError
from vertebrisk.findings import by_severity

READING = "reading the file"
_HEAD = 65_536


def scan_table(
    path: str | Path,
    *,
    columns: Sequence[str] | None = None,
    missing: Mapping[str, Sequence[str]] | None = None,
    levels: Mapping[str, Sequence[str]] | None = None,
    engine: Engine | None = None,
    scratch: str | Path | None = None,
) -> PatientScan:
    """Read a patient table that may be larger than memory: `read_table` for files of any length.

    The file is read in pieces into a scratch folder with one file of plain numbers a column
    (8 bytes a row and number, 1 a row and label), and typed as `read_table` types it whole.
    Less than 300 MB of memory are used. The folder goes when the scan is closed or no longer
    referred to. A row that the file repeats is not looked for.

    Parameters
    ----------
    path : str or Path
        A .parquet, .csv, .tsv or .txt file.
    columns : sequence of str, optional
        Those that are needed; all of them by default.
    missing, levels : mapping of str to sequence of str
        As of `read_file`: the codes of a column that mean missing, and its levels.
    engine : Engine, optional
        Where sums over the rows run; threads of this process by default.
    scratch : str or Path, optional
        Folder in which the scratch folder is made; the system's by default.

    Returns
    -------
    PatientScan
        Columns of more than 32,767 different texts, or of whole numbers beyond 2**53, are
        left out and in a finding ``column-not-kept``.

    Raises
    ------
    DataError
        The file cannot be read as a table or is of another kind, a column is not in it, or
        the disk has no room.
    """
    path = Path(path)
    with_names = scanned(
        path,
        declared=Declared((), missing or {}, levels or {}),
        columns=None if columns is None else frozenset(columns),
        engine=engine,
        scratch=None if scratch is None else Path(scratch),
    )
    for name in columns or ():
        if name not in with_names.in_file:
            with_names.close()
            raise DataError(
                f"'{path.name}' has no column '{name}'.{nearest(name, with_names.in_file)}"
            )
    return with_names


def scanned(
    path: Path,
    *,
    declared: Declared,
    columns: Collection[str] | None = None,
    engine: Engine | None = None,
    scratch: Path | None = None,
) -> PatientScan:
    """The same, of those of the `columns` that the file has; see `scan_table`."""
    reader = _scanned_parquet if _family(path) == "parquet" else _scanned_text
    folder = ScratchFolder(scratch)
    try:
        before = _state(path)
        found = reader(path, columns, declared, engine or LocalEngine(), folder)
        if _state(path) != before:
            raise DataError(
                f"'{path.name}' changed while it was read. Scan it again once it is whole."
            )
    except BaseException:
        folder.close()
        raise
    return found


def _state(path: Path) -> tuple[int, int] | None:
    """Size and time of the last change of a file, which is read more than once; None: gone."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


def _family(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except FileNotFoundError:
        raise DataError(
            f"The data file '{path}' does not exist. Check the name and the folder."
        ) from None
    except IsADirectoryError:
        raise DataError(f"The data file '{path}' is a folder; a file is needed.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataError(f"The data file '{path}' cannot be read: {reason}.") from None
    family, _ = check_kind(path, head)
    if family not in ("parquet", "csv"):
        raise DataError(
            f"'{path.name}' is read whole, not in pieces: only .parquet, .csv, .tsv and .txt "
            "files may be larger than memory. Save it as Parquet, or read it with read_table."
        )
    return family


def _scanned_parquet(
    path: Path,
    columns: Collection[str] | None,
    declared: Declared,
    engine: Engine,
    folder: ScratchFolder,
) -> PatientScan:
    source = ParquetPieces.open(path)
    in_file = source.in_file
    if columns is not None:
        source = source.only([name for name in source.names if name in columns])
    found = Findings(source.names)
    codes: dict[Code, None] = {}

    def typed(*, telling: bool) -> Iterator[pl.DataFrame]:
        first = 0
        for piece in source.pieces():
            made = [declared_column(each, declared, path.name) for each in piece.iter_columns()]
            for _, findings, known in made if telling else ():
                found.add(findings, first)
                codes.update(dict.fromkeys(known))
            first += piece.height
            yield pl.DataFrame([column for column, _, _ in made])

    seen = TypesAndLabels(path.name)
    seen.take(told_of(typed(telling=False), watch_of(engine), LOOKING, source.size))
    kept, notes = seen.stored()
    stored = {each.name: each for each in kept}
    writer = CheckedWriter(stored, declared, path.name)
    pieces = told_of(typed(telling=True), watch_of(engine), READING, source.size)
    held = writer.write(pieces, folder, source.size)
    checked = (*writer.found.all(), *writer.suspected(held))
    return PatientScan(
        columns=held,
        stored=stored,
        engine=engine,
        codebook=build_codebook(list(stored), {}, list(codes)),
        findings=by_severity(
            (*source.findings, *found.remedied(declared.levels), *notes, *checked)
        ),
        name=path.name,
        sha256=hash_of(path),
        in_file=in_file,
        scratch=folder,
    )


def _scanned_text(
    path: Path,
    columns: Collection[str] | None,
    declared: Declared,
    engine: Engine,
    folder: ScratchFolder,
) -> PatientScan:
    source = TextPieces.open(path)
    in_file = source.names
    if columns is not None:
        source = source.only(columns)
    texts = TypedTexts.of(source, declared, watch_of(engine))
    kept, notes = texts.stored()
    writer = CheckedWriter({each.name: each for each in kept}, declared, path.name)
    pieces = told_of(texts.pieces(), watch_of(engine), READING, source.size)
    held = writer.write(pieces, folder, source.size)
    stored = {each.name: texts.dated(each) for each in kept}
    checked = (*writer.found.all(), *writer.suspected(held))
    return PatientScan(
        columns=held,
        stored=stored,
        engine=engine,
        codebook=build_codebook(list(stored), {}, list(texts.codes)),
        findings=by_severity((*source.findings, *texts.findings(), *notes, *checked)),
        name=path.name,
        sha256=source.encoded.sha256,
        encoding=source.encoded.encoding,
        separator=source.separator,
        in_file=in_file,
        scratch=folder,
    )
