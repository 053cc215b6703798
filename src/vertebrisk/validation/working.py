"""Batches shared among threads, in a way that whoever interrupts does not have to wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from vertebrisk.engines.memory import keep_freed
from vertebrisk.engines.threads import one_thread, threads_allowed
from vertebrisk.validation.following import WORKER, Follower

MAX_THREADS = 8
TICK_S = (
    0.25  # how soon an interruption is noticed, where the system does not wake a waiting thread
)

Piece = TypeVar("Piece")


def batched(
    work: Callable[[int, int], Piece],
    total: int,
    size: int,
    progress: Callable[[int], None] | None = None,
) -> list[Piece]:
    """What `work` gives of each batch, called with its first resample and how many it has.

    A `progress` that is a `Follower` is offered each batch to keep, and what it has kept is not
    done again.
    """
    follower = progress if isinstance(progress, Follower) else None

    def done(start: int) -> tuple[int, Piece]:
        count = min(size, total - start)
        piece: Piece | None = None if follower is None else follower.found(start, count)
        if piece is None:
            piece = work(start, count)
            if follower is not None:
                follower.keep(start, count, piece)
        return count, piece

    pieces = []
    for count, piece in in_order(done, range(0, total, size)):
        pieces.append(piece)
        if progress is not None:
            progress(count)
    return pieces


def in_order(work: Callable[[int], Piece], starts: Iterable[int]) -> Iterator[Piece]:
    """What `work` gives from each start, in their order; several threads do it.

    Each of them has the linear algebra to itself: products inside a batch are then added up in
    one order, whatever number of threads the process would give them. After an error nothing
    new is begun. After an interruption, or where the rest is not wanted, what is under way is
    not waited for, either.
    """
    threads = min(MAX_THREADS, threads_allowed())
    keep_freed()
    patient = True
    with one_thread():
        pool = ThreadPoolExecutor(threads, thread_name_prefix=WORKER, initializer=one_thread.begin)
        try:
            for future in [pool.submit(work, start) for start in starts]:
                while not future.done():
                    wait([future], timeout=TICK_S)
                yield future.result()
        except (KeyboardInterrupt, GeneratorExit):
            patient = False
            raise
        finally:
            pool.shutdown(wait=patient, cancel_futures=True)
