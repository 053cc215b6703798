"""How many threads work at once: those asked for, or as many as this process may have."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from vertebrisk.errors import ArgumentError

S = TypeVar("S")
T = TypeVar("T")

VARIABLE = "VERTEBRISK_THREADS"
CONTROL_GROUPS = Path("/sys/fs/cgroup")


def threads_allowed(asked: int | None = None) -> int:
    """Threads that work at once.

    Parameters
    ----------
    asked : int, optional
        1 or more. Where nobody asks, the environment's VERTEBRISK_THREADS counts; without it,
        the processors that this process may use.

    Raises
    ------
    ArgumentError
        When what was asked for is not a positive whole number.
    """
    if asked is not None:
        return _positive(asked, "threads")
    written = os.environ.get(VARIABLE, "").strip()
    if written:
        return _positive(int(written) if written.isdecimal() else written, VARIABLE)
    return processors()


def side_by_side(work: Callable[[S], T], items: Sequence[S]) -> list[T]:
    """What `work` gives for each item, in their order; by as many threads as are allowed."""
    threads = min(len(items), threads_allowed())
    if threads <= 1:
        return list(map(work, items))
    with ThreadPoolExecutor(threads, "vertebrisk-item") as pool:
        return list(pool.map(work, items))


def beside(one: Callable[[], S], other: Callable[[], T]) -> tuple[S, T]:
    """What two pieces of work give that need nothing of each other; the error of the first counts.

    The second is done by a thread of its own where more than one is allowed.
    """
    if threads_allowed() <= 1:
        return one(), other()
    with ThreadPoolExecutor(1, "vertebrisk-item") as pool:
        waiting = pool.submit(other)
        return one(), waiting.result()


def _positive(value: int | str, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ArgumentError(f"{name} is {value!r}; a whole number of 1 or more is needed.")
    return value


def processors() -> int:
    """Processors that this process may use: by its affinity, and by the limit of a container."""
    if hasattr(os, "process_cpu_count"):
        given = os.process_cpu_count()
    elif sys.platform == "linux":
        given = len(os.sched_getaffinity(0))
    else:
        given = os.cpu_count()
    return max(1, min(given or 1, _contained()))


def _contained() -> int:
    """Processors that a container's share of time amounts to; many where it has no limit."""
    try:
        quota, period = (CONTROL_GROUPS / "cpu.max").read_text(encoding="ascii").split()
        return max(1, -(-int(quota) // int(period)))
    except (OSError, ValueError, ZeroDivisionError):
        return sys.maxsize


class _OneThread:
    """Holds the linear algebra of the process to one thread while anybody asks for that.

    Products are of one chunk, and chunks share the processors among them. The order of the
    additions inside a product, too, is then the same on every number of processors.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._found: list[tuple[Any, int]] = []
        self._libraries: list[Any] = []
        self._modules = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Hold it; the last who leaves restores what the first found."""
        with self._lock:
            if self._holders == 0:
                self._found = [(each, each.num_threads) for each in self._looked_up()]
                _set((each, 1) for each, _ in self._found)
            self._holders += 1
        try:
            yield
        finally:
            with self._lock:
                self._holders -= 1
                if self._holders == 0:
                    _set(self._found)

    def begin(self) -> None:
        """First thing that a thread of a pool does: some libraries count for each thread alone."""
        for library in self._libraries:
            library.set_num_threads(1)

    def _looked_up(self) -> list[Any]:
        """The libraries of linear algebra; looked for anew after modules were imported."""
        import threadpoolctl

        if self._modules != len(sys.modules):
            found = threadpoolctl.ThreadpoolController().lib_controllers
            self._libraries = [each for each in found if each.user_api == "blas"]
            self._modules = len(sys.modules)
        return self._libraries


def _set(threads: Iterable[tuple[Any, int]]) -> None:
    import threadpoolctl

    # Newer releases let one thread of Python decide for OpenBLAS, the first that does. Here the
    # lock says whose turn it is.
    free = getattr(threadpoolctl.OpenBLASController, "clear_controlling_thread", lambda force: None)
    free(force=True)
    for library, count in threads:
        library.set_num_threads(count)
    free(force=True)


one_thread = _OneThread()
