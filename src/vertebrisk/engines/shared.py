"""Several computations share their passes: a chunk is read once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Condition
from typing import Any, TypeVar

from vertebrisk.engines.columns import Columns
from vertebrisk.engines.engine import Chunk, Engine, LocalEngine

T = TypeVar("T")


def together(engine: Engine, tasks: Sequence[Callable[[Engine], T]]) -> list[T]:
    """What each task gives that makes passes by the engine it is handed.

    When every task that is not done waits for a pass, those over the same columns are made as
    one. Results are those of each task by itself, to the last bit; the first error is raised.

    Parameters
    ----------
    engine : Engine
        Which makes the passes, called by this thread.
    tasks : sequence of callables
    """
    meeting = _Meeting(len(tasks))
    with ThreadPoolExecutor(max(len(tasks), 1), "vertebrisk-task") as pool:
        try:
            futures = [pool.submit(meeting.attend, task) for task in tasks]
            while requests := meeting.requests():
                meeting.answer(requests, partial(_passes, engine, requests))
        except BaseException as error:
            meeting.close(error)
            raise
        return [future.result() for future in futures]


@dataclass(slots=True, eq=False)
class _Request:
    """A pass that a task waits for."""

    columns: Columns
    names: Sequence[str]
    work: Callable[[Chunk], Any]
    combine: Callable[[Any, Any], Any]
    step: str
    value: Any = None
    error: BaseException | None = None
    done: bool = False


class _Meeting:
    """Where tasks wait until all of them wait."""

    def __init__(self, parties: int) -> None:
        self._parties = parties
        self._waiting: list[_Request] = []
        self._changed = Condition()
        self._closed: BaseException | None = None

    def attend(self, task: Callable[[Engine], T]) -> T:
        """Do a task whose passes are made here."""
        try:
            return task(_Party(self))
        finally:
            with self._changed:
                self._parties -= 1
                self._changed.notify_all()

    def ask(self, request: _Request) -> Any:
        """Wait for a pass."""
        with self._changed:
            self._waiting.append(request)
            self._changed.notify_all()
            self._changed.wait_for(lambda: request.done or self._closed is not None)
        if self._closed is not None and not request.done:
            raise self._closed
        if request.error is not None:
            raise request.error
        return request.value

    def requests(self) -> list[_Request]:
        """What all tasks wait for; nothing where none is left."""
        with self._changed:
            while len(self._waiting) < self._parties:
                self._changed.wait(timeout=0.2)  # an interruption is seen in between
            return self._waiting

    def answer(self, requests: list[_Request], passes: Callable[[], None]) -> None:
        """Make the passes, and let the tasks go on."""
        passes()
        with self._changed:
            self._waiting = []
            for request in requests:
                request.done = True
            self._changed.notify_all()

    def close(self, error: BaseException) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._closed = error
            self._changed.notify_all()


def _passes(engine: Engine, requests: Sequence[_Request]) -> None:
    """One pass over each set of columns that is asked for."""
    by_columns: dict[int, list[_Request]] = {}
    for request in requests:
        by_columns.setdefault(id(request.columns), []).append(request)
    for same in by_columns.values():
        names = list(dict.fromkeys(name for request in same for name in request.names))
        works = tuple(request.work for request in same)
        combines = tuple(request.combine for request in same)
        found = engine.reduce(
            same[0].columns, names, partial(_each, works), partial(_both, combines), same[0].step
        )
        for request, (value, error) in zip(same, found, strict=True):
            request.value, request.error = value, error


Outcome = tuple[Any, Exception | None]


def _each(works: Sequence[Callable[[Chunk], Any]], chunk: Chunk) -> list[Outcome]:
    """What each work gives, or why it fails."""
    return [_tried(partial(work, chunk)) for work in works]


def _both(
    combines: Sequence[Callable[[Any, Any], Any]], one: list[Outcome], other: list[Outcome]
) -> list[Outcome]:
    return [
        (None, left[1] or right[1])
        if left[1] or right[1]
        else _tried(partial(combine, left[0], right[0]))
        for combine, left, right in zip(combines, one, other, strict=True)
    ]


def _tried(work: Callable[[], Any]) -> Outcome:
    try:
        return work(), None
    except Exception as error:  # the task that asked raises it
        return None, error


@dataclass(frozen=True, slots=True)
class _Party:
    """The engine that a task is handed."""

    meeting: _Meeting = field(repr=False)

    def collect(
        self, columns: Columns, names: Sequence[str], work: Callable[[Chunk], T], step: str = ""
    ) -> list[T]:
        """See `Engine`."""
        return self.reduce(columns, names, partial(_listed, work), _joined, step)

    def reduce(
        self,
        columns: Columns,
        names: Sequence[str],
        work: Callable[[Chunk], T],
        combine: Callable[[T, T], T],
        step: str = "",
    ) -> T:
        """See `Engine`."""
        found: T = self.meeting.ask(_Request(columns, names, work, combine, step))
        return found

    def __reduce__(self) -> tuple[type[LocalEngine], tuple[int]]:
        # Work that refers to its engine takes this one along to a worker, where nobody meets.
        return LocalEngine, (1,)


def _listed(work: Callable[[Chunk], T], chunk: Chunk) -> list[T]:
    return [work(chunk)]


def _joined(one: list[T], other: list[T]) -> list[T]:
    return one + other
