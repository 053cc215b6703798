"""Tasks that share their passes end with who makes these."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.engine import Engine, LocalEngine
from vertebrisk.engines.shared import together


def test_an_interruption_while_tasks_begin_leaves_none_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    columns = HeldColumns({"x": np.ones(3)})

    def summed(engine: Engine) -> Any:
        return engine.reduce(columns, ("x",), lambda chunk: chunk.values["x"].sum(), np.add)

    class Interrupted(ThreadPoolExecutor):
        def submit(self, *arguments: Any, **named: Any) -> Future[Any]:
            super().submit(*arguments, **named)
            raise KeyboardInterrupt

    monkeypatch.setattr("vertebrisk.engines.shared.ThreadPoolExecutor", Interrupted)
    raised = _ends(lambda: together(LocalEngine(1), [summed, summed]))
    assert isinstance(raised, KeyboardInterrupt)


def _ends(work: Callable[[], object]) -> BaseException | None:
    """What it raises; it does not go on for ever."""
    found: list[BaseException] = []

    def tried() -> None:
        try:
            work()
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=tried, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    return found[0] if found else None
