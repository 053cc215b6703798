"""Engines by their names, as a protocol and the command line call them."""

from __future__ import annotations

from vertebrisk._checks import nearest
from vertebrisk.engines.engine import Engine, LocalEngine, Watch, unwatched
from vertebrisk.engines.threads import threads_allowed
from vertebrisk.errors import ArgumentError

ENGINES = ("local", "dask")


def engine_named(
    name: str,
    scheduler: str | None = None,
    threads: int | None = None,
    watch: Watch = unwatched,
) -> Engine:
    """The engine of a name.

    Parameters
    ----------
    name : {"local", "dask"}
        Threads of this process, or the workers of a dask scheduler.
    scheduler : str, optional
        Address of dask's scheduler, as ``tcp://node:8786``. By default workers are started on
        this machine.
    threads : int, optional
        Chunks worked on at once: threads, or workers that are started here. A scheduler's
        workers have their own number. See `threads_allowed` for the default.
    watch : callable, optional
        Called with a step, and how many of its chunks are done and to be done.

    Raises
    ------
    ArgumentError
        When there is no such engine, or a scheduler is named for one that has none.
    MissingExtraError
        When dask is not installed.
    EngineError
        When the scheduler cannot be reached, or a worker has other versions than this process.
    """
    if name not in ENGINES:
        raise ArgumentError(
            f"engine '{name}' is not known; there are {' and '.join(ENGINES)}."
            f"{nearest(name, ENGINES)}"
        )
    if name == "dask":
        from vertebrisk.engines.clustered import DaskEngine

        return DaskEngine(scheduler, watch, workers=threads)
    if scheduler is not None:
        raise ArgumentError(
            f"scheduler is '{scheduler}', and engine '{name}' has none; name engine 'dask'."
        )
    return LocalEngine(threads_allowed(threads), watch)
