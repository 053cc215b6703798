"""Where a study runs: all patients in memory, or in pieces, here or on a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk._checks import check_choice
from vertebrisk._types import EngineName
from vertebrisk.cohort.scanning.parquet import ParquetPieces
from vertebrisk.cohort.scanning.refusing import check_in_pieces
from vertebrisk.engines.memory import memory_available
from vertebrisk.engines.naming import engine_named
from vertebrisk.errors import ArgumentError, ProtocolError, VertebriskError
from vertebrisk.protocol import Protocol
from vertebrisk.study.options import RunOptions
from vertebrisk.study.streamed.refusals import check_streamable
from vertebrisk.text.messages import say

if TYPE_CHECKING:
    from vertebrisk.engines.engine import Engine

SHARE = 0.5  # of the available memory, that a table which is read whole may take
_OF_TEXT = 8  # bytes of memory for a byte of text
_OF_CELL = 24  # and for a cell of Parquet
_TEXTS = (".csv", ".tsv", ".txt", ".tab")
_PARQUET = (".parquet", ".pq")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the patients of a study are worked on.

    Attributes
    ----------
    name : {"memory", "stream", "dask"}
    asked : bool
        Whether the protocol or the command line names it; otherwise the size of the file chose.
    needed, available : int
        Bytes that a whole table would take, and bytes of memory; 0 where they did not matter.
    """

    name: EngineName
    asked: bool
    needed: int = 0
    available: int = 0

    @property
    def in_pieces(self) -> bool:
        """Whether the file is read in pieces."""
        return self.name != "memory"

    @property
    def why(self) -> str:
        """Why the file is read in pieces though nobody asked for it, in one line."""
        return say(
            "Read whole, the data would take about {needed:.1f} GB, more than half of the "
            "{available:.1f} GB of memory available: they are read in pieces.",
            needed=self.needed / 1e9,
            available=self.available / 1e9,
        )


def place_of(protocol: Protocol, options: RunOptions) -> Place:
    """Where a study runs: as the command line says, then the protocol, then the file's size.

    Raises
    ------
    ArgumentError
        When the engine is not known, or a scheduler is named without dask.
    """
    name = options.engine or protocol.analysis.engine
    if name is not None:
        check_choice(name, "engine", EngineName)
    if options.scheduler is not None and name != "dask":
        raise ArgumentError(
            f"scheduler is '{options.scheduler}', which belongs to engine = \"dask\"; name "
            "that too."
        )
    if name is not None:
        return Place(name, asked=True)
    available = memory_available()
    if available is None:
        return Place("memory", asked=False)
    needed = whole_table(options.data if options.data is not None else protocol.data_path)
    if needed <= SHARE * available or not _possible_in_pieces(protocol):
        return Place("memory", asked=False)
    return Place("stream", asked=False, needed=needed, available=available)


def _possible_in_pieces(protocol: Protocol) -> bool:
    """Whether all of it can be done in pieces; if not, memory may still be enough."""
    try:
        check_in_pieces(protocol)
        check_streamable(protocol)
    except ProtocolError:
        return False
    return True


def whole_table(path: Path) -> int:
    """Bytes of memory that a file takes while it is read whole; 0 where it must be.

    Measured: 8 for a byte of text, three times 8 for a cell of Parquet.
    """
    suffix = path.suffix.lower()
    try:
        if suffix in _TEXTS:
            return _OF_TEXT * path.stat().st_size
        if suffix in _PARQUET:
            file = ParquetPieces.open(path)
            return _OF_CELL * file.size * len(file.in_file)
    except (OSError, VertebriskError):
        pass  # who reads it says what is wrong with it
    return 0


def engine_of(
    place: Place, options: RunOptions, progress: Callable[[str, int, int], None]
) -> Engine:
    """The engine of a place in which files are read in pieces.

    Raises
    ------
    MissingExtraError, EngineError
        As of `engine_named`.
    """
    name = "local" if place.name == "stream" else place.name
    return engine_named(name, scheduler=options.scheduler, watch=progress)
