"""The command line: each command parses, calls one public function, and writes the result."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module

from vertebrisk._version import __version__
from vertebrisk.cli._ending import ended_in_order

COMMANDS = (
    "demo",
    "new",
    "check",
    "plan",
    "samplesize",
    "run",
    "report",
    "predict",
    "validate",
    "update",
    "monitor",
    "library",
    "audit",
    "reconstruct",
    "pool",
    "serve",
    "calculator",
)
DEBUG = "VERTEBRISK_DEBUG"
INTERRUPTED = 130
# Small matrices gain nothing from threads inside the linear algebra, and numbers are the
# same on every machine without them; whoever sets one of these keeps it.
THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
FRAME_THREADS = "POLARS_MAX_THREADS"  # it looks at this when it is loaded, and not again


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vertebrisk",
        allow_abbrev=False,
        description="From the patient list to a validated risk model and its report.",
        epilog="Example: vertebrisk demo",
    )
    parser.add_argument("--version", action="version", version=f"vertebrisk {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"vertebrisk.cli.{name}").add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status.

    0: done. 1: the answer is no. 2: it could not run, and one line says why.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    for name in THREADS:
        os.environ.setdefault(name, "1")
    parsed = _parser().parse_args(arguments)
    try:
        _bound_threads(getattr(parsed, "threads", None))
        _set_scratch(getattr(parsed, "scratch", None))
        with ended_in_order():
            status: int = parsed.run(parsed)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt as error:
        said = str(error) or "files are whole or absent."
        print(f"vertebrisk: interrupted; {said}", file=sys.stderr, flush=True)
        _leave_workers()
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except OSError as error:
        print(f"vertebrisk: the output cannot be written: {error.strerror}.", file=sys.stderr)
        return 2
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        return _failed(error)
    return status


def _bound_threads(asked: int | None) -> None:
    """Hold every part of the program to ``--threads``, or to what the environment says."""
    from vertebrisk.engines.threads import VARIABLE, processors, threads_allowed

    if asked is not None:
        os.environ[VARIABLE] = str(threads_allowed(asked))
    if os.environ.get(VARIABLE):
        # These all start at once, whether there is work for them or not.
        os.environ.setdefault(FRAME_THREADS, str(min(threads_allowed(), processors())))


def _set_scratch(folder: str | None) -> None:
    """Put scratch folders where ``--scratch`` says."""
    if folder is not None:
        from vertebrisk.engines.scratch import VARIABLE

        os.environ[VARIABLE] = folder


def _leave_workers() -> None:
    """End without waiting for threads and workers whose batch nobody wants any more."""
    from vertebrisk.engines.scratch import remove_all
    from vertebrisk.validation.following import WORKER

    threads = any(thread.name.startswith(WORKER) for thread in threading.enumerate())
    if threads or "distributed" in sys.modules:
        remove_all()
        os._exit(INTERRUPTED)


def _failed(error: Exception) -> int:
    from vertebrisk.errors import VertebriskError

    if isinstance(error, VertebriskError):
        print(f"vertebrisk: {error}", file=sys.stderr)
    else:
        print(
            f"vertebrisk: internal error ({type(error).__name__}: {error}). This is a bug; please "
            f"report it with the output of the same command run with {DEBUG}=1.",
            file=sys.stderr,
        )
    return 2
