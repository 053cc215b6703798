"""What a worker does: adds up its run of chunks, and sums of others, in the one fixed tree."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
import scipy

from vertebrisk._version import __version__
from vertebrisk.engines.blocks import keep_blocks
from vertebrisk.engines.columns import ColumnGoneError, Columns
from vertebrisk.engines.engine import Chunk, chunk_of
from vertebrisk.engines.threads import one_thread
from vertebrisk.engines.trees import Tree
from vertebrisk.errors import EngineError

T = TypeVar("T")
Branches: TypeAlias = tuple[tuple[int, T], ...]


def versions() -> str:
    """What has to be the same wherever one sum is made."""
    python = ".".join(platform.python_version_tuple()[:2])
    return (
        f"vertebrisk {__version__}, Python {python}, NumPy {np.__version__}, "
        f"SciPy {scipy.__version__}"
    )


@dataclass(frozen=True, slots=True, eq=False)
class Job(Generic[T]):
    """One pass over some columns, as a worker is told of it.

    Attributes
    ----------
    columns : Columns
        On disk, in a folder that the worker sees.
    names : sequence of str
    work : callable
        From a chunk to what it adds.
    combine : callable or None
        Adds two; None where nothing is added up.
    chunk : int
        Rows of a chunk.
    versions : str
        Of who asks.
    """

    columns: Columns
    names: Sequence[str]
    work: Callable[[Chunk], T]
    combine: Callable[[T, T], T] | None
    chunk: int
    versions: str

    def partial(self, first: int, last: int) -> list[T] | Branches[T]:
        """The chunks from one row to another: one by one, or as branches of the tree.

        Raises
        ------
        EngineError
            When this worker does not see the columns, or is of another version.
        """
        if self.versions != versions():
            raise EngineError(other_versions(platform.node(), versions()))
        keep_blocks()
        try:
            with one_thread():
                starts = range(first, last, self.chunk)
                found = (self.work(self._chunk(low, last)) for low in starts)
                return list(found) if self.combine is None else _branches(self.combine, found)
        except ColumnGoneError as error:
            raise EngineError(
                f"The worker on '{platform.node()}' does not find '{error.path}'. Name a "
                "folder that all workers share by --scratch or VERTEBRISK_SCRATCH."
            ) from None

    def joined(self, parts: Sequence[Branches[T]]) -> Branches[T]:
        """Branches of runs of chunks that follow one another, as those of one run."""
        assert self.combine is not None
        tree = Tree(self.combine)
        for branches in parts:
            tree.take(branches)
        return tree.branches

    def _chunk(self, low: int, last: int) -> Chunk:
        return chunk_of(self.columns, slice(low, min(low + self.chunk, last)), self.names)


def _branches(combine: Callable[[T, T], T], found: Any) -> Branches[T]:
    tree = Tree(combine)
    for each in found:
        tree.add(each)
    return tree.branches


def other_versions(worker: str, found: str) -> str:
    """What is said of a worker that another installation runs."""
    return (
        f"The worker '{worker}' has {found}; this process has {versions()}. Install the same "
        "versions on all, so that all add up the same numbers."
    )
