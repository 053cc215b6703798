"""How a command ends when it is told to."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN_S = 0.05  # after which an interruption that was ignored is made once more


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Let SIGTERM, by which a scheduler or a shutdown ends a process, do what Ctrl-C does.

    Without it the process would end where it stands and leave its scratch folder. Whoever
    handles the signal already, as a program that calls `main` may, keeps it.

    Where an interruption comes while Python removes an object, which ignores all errors, it comes
    again a moment later.
    """
    alone = threading.current_thread() is threading.main_thread()
    if not alone or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _interrupt)
    before = sys.unraisablehook

    def told(ignored: sys.UnraisableHookArgs) -> None:
        if ignored.exc_type is KeyboardInterrupt:
            _thread.start_new_thread(_interrupt_again, ())
        else:
            before(ignored)

    sys.unraisablehook = told
    try:
        yield
    finally:
        sys.unraisablehook = before
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _interrupt_again() -> None:
    time.sleep(AGAIN_S)
    _thread.interrupt_main(signal.SIGTERM)
