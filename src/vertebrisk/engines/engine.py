"""An engine runs one function over all chunks of some columns, and adds up what comes back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np

from vertebrisk.engines.blocks import keep_blocks
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.threads import one_thread, threads_allowed
from vertebrisk.engines.trees import Tree

CHUNK = 65_536  # rows of a chunk: sums are sums of these, wherever they are made
WORKER = "vertebrisk-chunk"  # how the names of the threads begin that work on chunks
TICK_S = 0.25  # how soon an interruption is noticed where the system does not wake who waits

T = TypeVar("T")
Sums = tuple[Values, ...]
Watch = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Consecutive rows of some columns.

    Attributes
    ----------
    first : int
        Number of its first row among all rows.
    values : mapping of str to array
    """

    first: int
    values: Mapping[str, Values]

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(next(iter(self.values.values())).shape[0])


def added(one: Sums, other: Sums) -> Sums:
    """Two tuples of arrays or numbers, added each to each."""
    return tuple(np.add(a, b) for a, b in zip(one, other, strict=True))


class Engine(Protocol):
    """Where chunks are worked on.

    `work` sees one chunk of at most CHUNK rows and must depend on nothing else that changes.
    What it gives back is small: sums, not rows.
    """

    def collect(
        self, columns: Columns, names: Sequence[str], work: Callable[[Chunk], T], step: str = ""
    ) -> list[T]:
        """What `work` gives for every chunk, in their order."""

    def reduce(
        self,
        columns: Columns,
        names: Sequence[str],
        work: Callable[[Chunk], T],
        combine: Callable[[T, T], T],
        step: str = "",
    ) -> T:
        """The same, added up by `combine` in the order of one fixed tree."""


def spans(size: int, rows: int | None = None) -> list[slice]:
    """Rows of every chunk, CHUNK of them by default."""
    chunk = rows or CHUNK
    return [slice(low, min(low + chunk, size)) for low in range(0, size, chunk)]


def chunk_of(columns: Columns, rows: slice, names: Sequence[str]) -> Chunk:
    """The chunk of these rows."""
    return Chunk(rows.start, columns.read(rows, names))


def watch_of(engine: Engine) -> Watch:
    """Whom an engine tells of its steps; one of the caller's own need tell nobody."""
    watch: Watch = getattr(engine, "watch", unwatched)
    return watch


def unwatched(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Threads of this process.

    Linear algebra inside a chunk is held to one thread while chunks are worked on. After an
    interruption nothing new is begun, and what is under way is not waited for.

    Attributes
    ----------
    threads : int
        Chunks worked on at once; `threads_allowed` by default. Results do not depend on it.
    watch : callable
        Called with a step, and how many of its chunks are done and to be done.
    chunk : int, optional
        Rows of a chunk, CHUNK by default. Sums that have to equal another engine's are of these.
    """

    threads: int = field(default_factory=threads_allowed)
    watch: Watch = field(default=unwatched)
    chunk: int | None = None

    def __post_init__(self) -> None:
        threads_allowed(self.threads)

    def collect(
        self, columns: Columns, names: Sequence[str], work: Callable[[Chunk], T], step: str = ""
    ) -> list[T]:
        """What `work` gives for every chunk, in their order."""
        with one_thread(), closing(self._results(columns, names, work, step)) as results:
            return list(results)

    def reduce(
        self,
        columns: Columns,
        names: Sequence[str],
        work: Callable[[Chunk], T],
        combine: Callable[[T, T], T],
        step: str = "",
    ) -> T:
        """The same, added up by `combine` in the order of one fixed tree."""
        tree = Tree(combine)
        with one_thread(), closing(self._results(columns, names, work, step)) as results:
            for found in results:
                tree.add(found)
        return tree.total()

    def _results(
        self, columns: Columns, names: Sequence[str], work: Callable[[Chunk], T], step: str
    ) -> Generator[T, None, None]:
        def one(rows: slice) -> T:
            return work(chunk_of(columns, rows, names))

        parts = spans(columns.size, self.chunk)
        if len(parts) > 1:
            keep_blocks()
        self.watch(step, 0, len(parts))
        with closing(_in_order(one, parts, self.threads)) as results:
            for done, found in enumerate(results, start=1):
                self.watch(step, done, len(parts))
                yield found


def _in_order(
    work: Callable[[slice], T], parts: Sequence[slice], threads: int
) -> Generator[T, None, None]:
    """Results in the order of the parts, at most a few of which are under way or waiting."""
    if min(threads, len(parts)) <= 1:
        yield from map(work, parts)
        return
    pool = ThreadPoolExecutor(min(threads, len(parts)), WORKER, one_thread.begin)
    waiting: deque[Future[T]] = deque()
    try:
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > 2 * threads:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _result(future: Future[T]) -> T:
    while not future.done():
        wait([future], timeout=TICK_S)
    return future.result()
