"""What a computation reads, calls and holds, counted: clocks on shared machines cannot guard it.

    counted = CountedColumns(HeldColumns({...}))
    with memory() as held:
        driver(LocalEngine(), counted)
    assert counted.passes("x") == 1
    assert held.peak < 40 * MB

Sizes are of Python and NumPy alone, so they are the same from run to run.
"""

from __future__ import annotations

import gc
import importlib
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest

from vertebrisk.engines.columns import Columns, Values

KB = 1024
MB = 1024 * KB


@dataclass(slots=True, eq=False)
class CountedColumns:
    """Columns that count what is read of them; threads may read at once.

    Attributes
    ----------
    columns : Columns
        Where the rows lie.
    reads : int
        Calls of `read`.
    rows : Counter of str
        Rows read of each column, again where they were read again.
    bytes : int
        Size of everything that was read.
    longest : int
        Most rows that one call read.
    """

    columns: Columns
    reads: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    longest: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.columns.size

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.columns.names

    def read(self, rows: slice, names: Sequence[str]) -> dict[str, Values]:
        """The rows of the columns that are counted."""
        found = self.columns.read(rows, names)
        with self._lock:
            self.reads += 1
            for name, values in found.items():
                self.rows[name] += values.shape[0]
                self.bytes += values.nbytes
                self.longest = max(self.longest, values.shape[0])
        return found

    def passes(self, name: str) -> float:
        """How many times a column was read from its first row to its last."""
        return self.rows[name] / self.size

    def begin(self) -> None:
        """Count from zero again."""
        self.reads, self.bytes, self.longest = 0, 0, 0
        self.rows.clear()


@dataclass(slots=True)
class Held:
    """Bytes that Python and NumPy held beyond what they held before.

    Attributes
    ----------
    peak : int
        The most at any moment, known when the block has ended.
    left : int
        What was still held when the block ended: results, and what leaks.
    """

    peak: int = 0
    left: int = 0


@contextmanager
def memory() -> Iterator[Held]:
    """Count the bytes that a block of code holds at most, and leaves behind."""
    held = Held()
    gc.collect()
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield held
    finally:
        now, peak = tracemalloc.get_traced_memory()
        held.peak, held.left = peak - before, now - before
        if not running:
            tracemalloc.stop()


@dataclass(slots=True)
class Calls:
    """Calls of one function.

    Attributes
    ----------
    arguments : list of tuple
        Positional arguments of every call, in order.
    """

    arguments: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many calls there were."""
        return len(self.arguments)


def count_calls(patch: pytest.MonkeyPatch, module: str, *path: str) -> Calls:
    """Count the calls of a function as `module` knows it, or of a method: its class, its name.

    A function that another module imported by name is counted there: the module is that of the
    caller.
    """
    owner: Any = importlib.import_module(module)
    for name in path[:-1]:
        owner = getattr(owner, name)
    original: Callable[..., Any] = getattr(owner, path[-1])
    calls = Calls()

    def counted(*arguments: Any, **named: Any) -> Any:
        calls.arguments.append(arguments)
        return original(*arguments, **named)

    patch.setattr(owner, path[-1], counted)
    return calls
