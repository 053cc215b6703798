"""What this machine can do at best: memory, products, exponentials, draws, sorting, a file.

The bound of a piece of work is the longest of the times that its bytes, its floating-point
operations, its exponentials, its random numbers and the keys that it sorts need at these rates,
all else being free.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, astuple, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from timings import timed

GB = 1e9
CORES = os.cpu_count() or 1
TRIAD = 20_000_000  # doubles an array: 160 MB, larger than any cache
BLOCK = 16_384  # doubles worked on at once: they stay in the cache of a core
BLOCKS = 200  # of them in a run
SIDE = 1500  # of square matrices
TALL = (65_536, 20)  # rows and columns of a chunk of patients
KEYS = 1_000_000
FILE = 1_000_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of work cannot do without.

    Attributes
    ----------
    bytes : float
        Read from and written to memory.
    flops : float
        Additions and multiplications.
    exponentials : float
        Exponentials and logarithms.
    draws : float
        Random numbers.
    keys : float
        Numbers brought into order.
    """

    bytes: float = 0.0
    flops: float = 0.0
    exponentials: float = 0.0
    draws: float = 0.0
    keys: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def times(self, count: float) -> Cost:
        """The same work so many times."""
        return Cost(*(count * each for each in astuple(self)))

    def to_dict(self) -> dict[str, float]:
        """JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Bound:
    """The least time of a piece of work, and what sets it."""

    seconds: float
    by: str

    def said(self, taken: float) -> str:
        """The share of the bound that was reached."""
        return f"{100 * self.seconds / taken:.2g} % ({self.by})"

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Machine:
    """Rates of this machine.

    Attributes
    ----------
    bandwidth, bandwidth_alone : float
        Bytes a second of a triad a = b + s c over arrays larger than the cache, all cores and
        one.
    flops : float
        Operations a second of a product of square matrices, all cores.
    flops_tall : float
        The same of X'X, X being a chunk of patients with 20 columns: counted are the n p (p + 1)
        that a symmetric product needs.
    exponentials, draws : float
        Exponentials, and uniform random numbers, a second by NumPy in blocks that stay in the
        cache, all cores.
    sorting : float
        Keys a second of NumPy's sort of a million doubles, one core.
    disk : float or None
        Bytes a second of a file that was just written, read through the cache of the system
        where that cannot be emptied.
    """

    bandwidth: float
    bandwidth_alone: float
    flops: float
    flops_tall: float
    exponentials: float
    draws: float
    sorting: float
    disk: float | None

    def bound(self, cost: Cost) -> Bound:
        """The least time of some work on all cores."""
        times = {
            "memory": cost.bytes / self.bandwidth,
            "products": cost.flops / self.flops,
            "exponentials": cost.exponentials / self.exponentials,
            "draws": cost.draws / self.draws,
            "sorting": cost.keys / (self.sorting * CORES),
        }
        by = max(times, key=times.__getitem__)
        return Bound(times[by], by)

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)

    def lines(self) -> list[str]:
        """What is printed."""
        disk = "not measured" if self.disk is None else f"{self.disk / GB:.1f} GB/s"
        return [
            f"memory, triad of {TRIAD * 8 / 1e6:.0f} MB arrays: {self.bandwidth / GB:.1f} GB/s on "
            f"{CORES} threads, {self.bandwidth_alone / GB:.1f} GB/s on one",
            f"products: {self.flops / GB:.0f} Gflop/s of {SIDE} x {SIDE}, "
            f"{self.flops_tall / GB:.0f} Gflop/s of X'X with {TALL[0]:,} x {TALL[1]}",
            f"exponentials: {self.exponentials / 1e6:.0f} million a second, random numbers: "
            f"{self.draws / 1e6:.0f} million",
            f"sorting: {self.sorting / 1e6:.0f} million doubles a second on one thread",
            f"reading a file of {FILE / GB:.0f} GB: {disk}",
        ]


def measured(*, quick: bool = False) -> Machine:
    """Measure this machine; each rate is the best of several runs."""
    return Machine(
        bandwidth=triad(CORES),
        bandwidth_alone=triad(1),
        flops=square(),
        flops_tall=tall(),
        exponentials=exponentials(),
        draws=draws(),
        sorting=sorting(),
        disk=None if quick else disk(),
    )


def best(action: Callable[[], object], runs: int = 5) -> float:
    return min(timed(action) for _ in range(runs))


def triad(threads: int) -> float:
    """Bytes a second of a = b + s c: two arrays read, one written, block by block."""
    a, b, c = (np.full(TRIAD, value) for value in (0.0, 1.0, 2.0))

    def part(rows: slice) -> None:
        product = np.empty(BLOCK)
        for low in range(rows.start, rows.stop, BLOCK):
            block = slice(low, min(low + BLOCK, rows.stop))
            scaled = product[: block.stop - low]
            np.multiply(c[block], 3.0, out=scaled)
            np.add(b[block], scaled, out=a[block])

    edges = np.linspace(0, TRIAD, threads + 1).astype(int)
    parts = [slice(int(low), int(high)) for low, high in pairwise(edges)]
    return 3 * 8 * TRIAD / side_by_side(part, parts)


def side_by_side(action: Callable[[Any], object], given: Sequence[Any]) -> float:
    """Seconds of an action, a thread for each of the things that it is given."""
    with ThreadPoolExecutor(len(given)) as pool:
        return best(lambda: list(pool.map(action, given)))


def square() -> float:
    """Operations a second of a product of square matrices."""
    matrix = np.random.default_rng(1).normal(size=(SIDE, SIDE))
    return 2.0 * SIDE**3 / best(lambda: matrix @ matrix)


def tall() -> float:
    """Operations a second of X'X, as a symmetric product counts them."""
    rows, columns = TALL
    matrix = np.random.default_rng(1).normal(size=TALL)
    seconds = best(lambda: [matrix.T @ matrix for _ in range(10)]) / 10
    return rows * columns * (columns + 1) / seconds


def exponentials() -> float:
    """Exponentials a second, block by block."""

    def part(block: Any) -> None:
        result = np.empty(BLOCK)
        for _ in range(BLOCKS):
            np.exp(block, out=result)

    blocks = [np.linspace(-5.0, 5.0, BLOCK)] * CORES
    return CORES * BLOCKS * BLOCK / side_by_side(part, blocks)


def draws() -> float:
    """Uniform random numbers a second, block by block."""

    def part(stream: np.random.Generator) -> None:
        block = np.empty(BLOCK)
        for _ in range(BLOCKS):
            stream.random(out=block)

    streams = [np.random.default_rng(core) for core in range(CORES)]
    return CORES * BLOCKS * BLOCK / side_by_side(part, streams)


def sorting() -> float:
    """Keys a second."""
    keys = np.random.default_rng(1).normal(size=KEYS)
    return KEYS / best(lambda: np.sort(keys))


def disk() -> float | None:
    """Bytes a second of a file; None where there is no room for one."""
    block = np.random.default_rng(1).bytes(1 << 24)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            with path.open("wb") as stream:
                for _ in range(FILE // len(block)):
                    stream.write(block)
                stream.flush()
                os.fsync(stream.fileno())
                forget(stream.fileno())
            return path.stat().st_size / read_through(path)
    except OSError:
        return None


def forget(descriptor: int) -> None:
    """Ask the system to drop its copy of a file in memory, where it can be asked."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def read_through(path: Path) -> float:
    """Seconds that reading a whole file takes."""
    space = bytearray(1 << 22)
    start = time.perf_counter()
    with path.open("rb", buffering=0) as stream:
        while stream.readinto(space):
            pass
    return time.perf_counter() - start
