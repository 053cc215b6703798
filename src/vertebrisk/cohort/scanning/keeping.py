"""Rows that are kept of a table, written as columns piece by piece."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType

import polars as pl

from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.engines.columns import ColumnWriter
from vertebrisk.engines.scratch import ELSEWHERE, ScratchFolder, check_room
from vertebrisk.errors import DataError


class KeptRows:
    """Writes rows to a scratch folder; a `with` block that ends in an error removes it.

    Parameters
    ----------
    stored : mapping of str to StoredColumn
        The columns.
    folder : ScratchFolder
    most : int
        Rows that there may be at most; the disk must have room for them.
    """

    def __init__(
        self, stored: Mapping[str, StoredColumn], folder: ScratchFolder, most: int
    ) -> None:
        kinds = {name: each.kind for name, each in stored.items()}
        check_room(folder.path, most * sum(kind.itemsize for kind in kinds.values()))
        self._stored = stored
        self._folder = folder
        self._writer = ColumnWriter(folder.path, kinds)

    def append(self, frame: pl.DataFrame) -> None:
        """Add rows.

        Raises
        ------
        DataError
            The disk has no room for them.
        """
        try:
            self._writer.append({n: each.numbers(frame[n]) for n, each in self._stored.items()})
        except OSError as error:
            raise DataError(
                f"The patients cannot be written to '{self._folder.path}' after "
                f"{self._writer.size} rows: {error.strerror or error}. {ELSEWHERE}"
            ) from None

    def patients(self, of: PatientScan) -> PatientScan:
        """The rows written, as a scan that is otherwise like another one."""
        columns = self._writer.finish()
        return replace(of, columns=columns, stored=self._stored, scratch=self._folder)

    def __enter__(self) -> KeptRows:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        if error is not None:
            self._folder.close()
