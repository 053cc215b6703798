"""Numeric columns of equal length that are read a range of rows at a time.

They lie in memory, or in a folder with one file of plain numbers a column, so that a range of
rows of some columns is read without touching anything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vertebrisk._files import write_json
from vertebrisk.engines.scratch import ELSEWHERE
from vertebrisk.errors import ArgumentError, DataError

Values: TypeAlias = NDArray[Any]
INDEX = "columns.json"


class ColumnGoneError(DataError):
    """The file of a column is not there.

    Attributes
    ----------
    path : str
    """

    def __init__(self, name: str, error: OSError) -> None:
        super().__init__(
            f"Column '{name}' cannot be read any more: {error.strerror}. The columns of a scan go "
            "when it is closed; work inside its 'with' block, or scan anew."
        )
        self.path = str(error.filename)


class Columns(Protocol):
    """Columns of `size` rows, read a range of rows at a time."""

    @property
    def size(self) -> int:
        """Number of rows."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""

    def read(self, rows: slice, names: Sequence[str]) -> dict[str, Values]:
        """The rows from `rows.start` to `rows.stop` of the named columns, in this order."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldColumns:
    """Columns in memory; what is read is a view."""

    values: Mapping[str, Values]

    @property
    def size(self) -> int:
        """Number of rows."""
        return next((each.shape[0] for each in self.values.values()), 0)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.values)

    def read(self, rows: slice, names: Sequence[str]) -> dict[str, Values]:
        """The rows from `rows.start` to `rows.stop` of the named columns."""
        return {name: self.values[name][rows] for name in names}


@dataclass(frozen=True, slots=True)
class StoredColumns:
    """Columns in a folder that `ColumnWriter` wrote.

    Attributes
    ----------
    folder : Path
    size : int
    types : mapping of str to str
        NumPy's name of the type of each column; its numbers lie in the file that bears its
        place as a name.
    """

    folder: Path
    size: int
    types: Mapping[str, str]

    @classmethod
    def open(cls, folder: Path) -> StoredColumns:
        """The columns of a folder.

        Raises
        ------
        DataError
            Where the folder holds no whole set of columns.
        """
        try:
            index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            return cls(folder, int(index["size"]), dict(index["types"]))
        except (OSError, ValueError, KeyError, TypeError):
            raise DataError(f"'{folder}' holds no whole set of columns; write it anew.") from None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.types)

    def read(self, rows: slice, names: Sequence[str]) -> dict[str, Values]:
        """The rows from `rows.start` to `rows.stop` of the named columns.

        Raises
        ------
        DataError
            When the folder is gone, as after `close` of a scan.
        """
        first, last, _ = rows.indices(self.size)
        places = {name: place for place, name in enumerate(self.types)}
        found = {}
        for name in names:
            kind = np.dtype(self.types[name])
            try:
                found[name] = np.fromfile(
                    _file(self.folder, places[name]),
                    dtype=kind,
                    count=last - first,
                    offset=first * kind.itemsize,
                )
            except OSError as error:
                raise ColumnGoneError(name, error) from None
        return found


class ColumnWriter:
    """Writes columns to a folder, some rows after the other; whole once it is finished.

    Parameters
    ----------
    folder : Path
        Made where it does not exist, for its owner alone.
    types : mapping of str to dtype
        Columns in order. Missing numbers are NaN, so such a column is one of floats.
    """

    def __init__(self, folder: Path, types: Mapping[str, Any]) -> None:
        self.folder = folder
        self.types = {name: np.dtype(kind).str for name, kind in types.items()}
        self.size = 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / INDEX).unlink(missing_ok=True)
        self._streams = [_file(folder, place).open("wb") for place in range(len(self.types))]

    def append(self, values: Mapping[str, Values]) -> None:
        """Add rows: an array of equal length for every column.

        Raises
        ------
        DataError
            When the disk is full, or cannot be written for another reason.
        """
        lengths = {values[name].shape[0] for name in self.types}
        if len(lengths) > 1:
            raise ArgumentError(f"Columns of one length are needed; found {sorted(lengths)}.")
        with self._writing():
            for stream, (name, kind) in zip(self._streams, self.types.items(), strict=True):
                stream.write(np.ascontiguousarray(values[name], dtype=np.dtype(kind)).data)
        self.size += lengths.pop() if lengths else 0

    def finish(self) -> StoredColumns:
        """Close the files and say how long they are."""
        with self._writing():
            self.close()
        write_json(self.folder / INDEX, {"size": self.size, "types": self.types})
        return StoredColumns(self.folder, self.size, self.types)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DataError(f"'{self.folder}' cannot be written: {reason}. {ELSEWHERE}") from None

    def close(self) -> None:
        """Close the files; without `finish` the folder holds no whole set of columns."""
        for stream in self._streams:
            stream.close()


def _file(folder: Path, place: int) -> Path:
    return folder / f"{place}.bin"
