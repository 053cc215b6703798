"""The workers of a cluster: chunks are read where they are added up, and sums come back.

Workers read the columns from a folder that they share with who asks. Over the network go what
the work needs to know (coefficients, a design) and the sums; dask sends both.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any, TypeVar

from vertebrisk.engines import engine as engines
from vertebrisk.engines.closing import Closing
from vertebrisk.engines.columns import Columns, StoredColumns
from vertebrisk.engines.derived import DerivedColumns
from vertebrisk.engines.engine import Chunk, LocalEngine, Watch, unwatched
from vertebrisk.engines.partitions import Branches, Job, other_versions, versions
from vertebrisk.engines.stretches import Stretches
from vertebrisk.engines.threads import threads_allowed
from vertebrisk.engines.trees import Tree
from vertebrisk.errors import EngineError, MissingExtraError

ADDRESS = re.compile(r"(tcp|tls)://.+:\d+")
CONNECT_S = 10.0
ALONE_S = 60.0  # without any worker, after which the work is given up
TICK_S = 0.5
FREE = "127.0.0.1:0"  # any free port, for this machine alone
WARNINGS = "PYTHONWARNINGS"
LEAKED = "ignore::UserWarning:multiprocessing.resource_tracker"
TALKING = ("distributed.batched", "distributed.client", "distributed.comm", "distributed.utils")
SHARES = 4  # partitions for each thread: what a lost worker costs is one of them
LEAST = 3  # doublings of a chunk below which a partition is small
FAN_IN = 8  # sums that are added up at once; a power of two, for the sake of the tree

T = TypeVar("T")


class DaskEngine(Closing):
    """The workers of a dask scheduler; results are those of `LocalEngine` to the last bit.

    Columns in memory are added up in this process, by as many threads as it may have: their
    rows are not sent.

    Parameters
    ----------
    scheduler : str, optional
        Its address, as ``tcp://node:8786``, or ``tls://`` with what dask's own configuration
        says of certificates. By default workers are started on this machine and stopped by
        `close`.
    watch : callable, optional
        Called with a step, and how many of its chunks are done and to be done.
    workers : int, optional
        Workers that are started where no scheduler is named; as many as there may be threads
        by default.

    Attributes
    ----------
    sent : int
        Bytes that a partition was sent at most: code and coefficients, not patients.

    Raises
    ------
    MissingExtraError
        Without dask.
    EngineError
        When the scheduler cannot be reached, or a worker has other versions than this process.
    """

    def __init__(
        self, scheduler: str | None = None, watch: Watch = unwatched, workers: int | None = None
    ) -> None:
        self._dask = _distributed()
        if scheduler is not None and not ADDRESS.fullmatch(scheduler):
            raise EngineError(
                f"'{scheduler}' is no address of a scheduler; it looks like tcp://node:8786."
            )
        self.watch = watch
        self.sent = 0
        self._cluster: Any = None
        if scheduler is None:
            self._cluster = self._started(threads_allowed(workers))
            scheduler = str(self._cluster.scheduler_address)
        self.scheduler = scheduler
        self._client = self._connected()
        self._check_versions()

    def collect(
        self, columns: Columns, names: Sequence[str], work: Callable[[Chunk], T], step: str = ""
    ) -> list[T]:
        """What `work` gives for every chunk, in their order."""
        if not (_on_disk(columns) and columns.size):
            return LocalEngine(watch=self.watch).collect(columns, names, work, step)
        job = Job(columns, names, work, None, engines.CHUNK, versions())
        with self._speaking():
            parts = self._begun(self._packed(job), columns.size)
            self._follow(parts, columns.size, step)
            return [each for found in self._client.gather(parts) for each in found]

    def reduce(
        self,
        columns: Columns,
        names: Sequence[str],
        work: Callable[[Chunk], T],
        combine: Callable[[T, T], T],
        step: str = "",
    ) -> T:
        """The same, added up by `combine` in the order of one fixed tree."""
        if not (_on_disk(columns) and columns.size):
            return LocalEngine(watch=self.watch).reduce(columns, names, work, combine, step)
        job = Job(columns, names, work, combine, engines.CHUNK, versions())
        with self._speaking():
            packed = self._packed(job)
            parts = level = self._begun(packed, columns.size)
            while len(level) > 1:
                groups = [level[low : low + FAN_IN] for low in range(0, len(level), FAN_IN)]
                level = self._client.map(_joined, groups, packed=packed, pure=False)
            self._follow(parts, columns.size, step)
            for _ in self._wait(level):
                pass
            tree = Tree(combine)
            tree.take(level[0].result())
        return tree.total()

    def close(self) -> None:
        """Leave the scheduler, and stop the workers that were started here."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def __reduce__(self) -> tuple[type[LocalEngine], tuple[int]]:
        # Work that refers to its engine takes this one along: a worker asks no other workers.
        return LocalEngine, (1,)

    def _started(self, workers: int) -> Any:
        with _unwarned():
            return self._dask.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                security=True,  # certificates of its own: no other user of the machine gets in
                dashboard_address=FREE,
                scheduler_kwargs={"dashboard": False},
                silence_logs=logging.CRITICAL,
            )

    def _connected(self) -> Any:
        for name in TALKING:  # what they would say is raised here as an error
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            if self._cluster is None:
                self._greet()
            return self._dask.Client(
                self.scheduler,
                timeout=CONNECT_S,
                set_as_default=False,
                security=None if self._cluster is None else self._cluster.security,
            )
        except (OSError, ValueError) as error:
            raise EngineError(
                f"The scheduler {self.scheduler} cannot be reached ({error}). Is it running, and "
                "is the address right?"
            ) from None

    def _greet(self) -> None:
        """See that a scheduler answers.

        A client would wait for ever for one that says nothing, and take the first bytes of
        another service, such as the pages of a scheduler, for the size of what follows.
        """
        arguments = self._dask.Security().get_connection_args("client")

        async def kind() -> str:
            speaking = self._dask.rpc(self.scheduler, timeout=CONNECT_S, connection_args=arguments)
            async with speaking:
                return str((await speaking.identity())["type"])

        loop = self._dask.utils.LoopRunner()
        loop.start()
        try:
            found = loop.run_sync(kind, callback_timeout=CONNECT_S)
        except (OSError, ValueError):
            raise
        except Exception:
            found = ""
        finally:
            loop.stop()
        if found != "Scheduler":
            raise EngineError(
                f"What answers at {self.scheduler} is no scheduler of dask. It has a port of its "
                "own, 8786 where none is named; that of its pages is another."
            )

    def _check_versions(self) -> None:
        with self._speaking():
            self._await_workers()
            found = self._client.run(versions, on_error="return")
        for worker, told in found.items():
            if isinstance(told, BaseException):
                raise EngineError(
                    f"The worker '{worker}' cannot load vertebrisk ({told}). Install {versions()}."
                )
            if told != versions():
                raise EngineError(other_versions(worker, told))

    def _await_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError:
            raise EngineError(
                f"The scheduler {self.scheduler} has no workers; start some with: "
                f"dask worker {self.scheduler}"
            ) from None

    def _packed(self, job: Job[T]) -> bytes:
        """A job in the form in which it is sent, once for all partitions."""
        packed = bytes(self._dask.protocol.pickle.dumps(job))
        self.sent = max(self.sent, len(packed))
        return packed

    def _begun(self, packed: bytes, size: int) -> list[Any]:
        """Partitions under way: runs of chunks whose number is a power of two.

        In every pass a worker is offered the same ones, which its machine may still have in
        memory; who is idle takes them from who is busy.
        """
        chunks = -(-size // engines.CHUNK)
        threads = [who for who, own in sorted(self._client.nthreads().items()) for _ in range(own)]
        firsts = range(0, size, engines.CHUNK << _height(chunks, max(1, len(threads))))
        offered: dict[str | None, list[int]] = {}
        for place, first in enumerate(firsts):
            worker = threads[place * len(threads) // len(firsts)] if threads else None
            offered.setdefault(worker, []).append(first)
        begun = []
        for worker, own in offered.items():
            begun += self._client.map(
                _partial,
                own,
                [min(first + firsts.step, size) for first in own],
                packed=packed,
                pure=False,
                workers=worker,
                allow_other_workers=worker is not None,
            )
        return begun

    def _follow(self, parts: Sequence[Any], size: int, step: str) -> None:
        """Wait for partitions, and say how many chunks are done."""
        total = -(-size // engines.CHUNK)
        self.watch(step, 0, total)
        for done in self._wait(parts):
            self.watch(step, done * total // len(parts), total)

    def _wait(self, futures: Sequence[Any]) -> Iterator[int]:
        """Number of those that are done, whenever it grows; an error of one is raised."""
        waiting, alone = set(futures), time.monotonic()
        while waiting:
            try:
                state = self._dask.wait(waiting, TICK_S, return_when="FIRST_COMPLETED")
            except TimeoutError:
                if self._client.nthreads():
                    alone = time.monotonic()
                elif time.monotonic() - alone > ALONE_S:
                    raise EngineError(
                        f"The scheduler {self.scheduler} has had no worker for {ALONE_S:.0f} s."
                    ) from None
                continue
            for future in state.done:
                if future.status == "error":
                    future.result()
            waiting = state.not_done
            yield len(futures) - len(waiting)

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """One clear line where the scheduler or the workers are lost."""
        try:
            with self._client.as_current():
                yield
        except self._dask.scheduler.KilledWorker:
            raise EngineError(
                "Several workers died, one after the other, on the same patients. Give them more "
                "memory."
            ) from None
        except (CancelledError, self._dask.comm.CommClosedError, TimeoutError):
            raise EngineError(
                f"The scheduler {self.scheduler} was lost. Start it again, and repeat the command."
            ) from None


def _height(chunks: int, threads: int) -> int:
    """How many times the chunks of a partition are a doubling of one chunk.

    There are SHARES partitions for each thread or a few more, but small ones, which take
    longer to hand out than to work on, are fewer, as far as each thread has one.
    """
    most = (chunks // threads).bit_length() - 1
    return max(0, (chunks // (SHARES * threads)).bit_length() - 1, min(most, LEAST))


def _on_disk(columns: Columns) -> bool:
    """Whether a worker that sees the folder can read them."""
    while isinstance(columns, DerivedColumns | Stretches):
        columns = columns.columns
    return isinstance(columns, StoredColumns)


@contextmanager
def _unwarned() -> Iterator[None]:
    """Processes that begin here do not write that an interruption left semaphores to them."""
    before = os.environ.get(WARNINGS)
    os.environ[WARNINGS] = f"{before},{LEAKED}" if before else LEAKED
    try:
        yield
    finally:
        os.environ.pop(WARNINGS)
        if before is not None:
            os.environ[WARNINGS] = before


def _partial(first: int, last: int, packed: bytes) -> Any:
    return _unpacked(packed).partial(first, last)


def _joined(parts: Sequence[Branches[Any]], packed: bytes) -> Any:
    return _unpacked(packed).joined(parts)


def _unpacked(packed: bytes) -> Job[Any]:
    job: Job[Any] = _distributed().protocol.pickle.loads(packed)
    return job


def _distributed() -> Any:
    try:
        import distributed
        import distributed.comm
        import distributed.protocol
        import distributed.scheduler
        import distributed.utils
    except ImportError:
        raise MissingExtraError(
            "Sums on a cluster need dask, not installed here: "
            "python -m pip install 'vertebrisk[dask]'."
        ) from None
    return distributed
