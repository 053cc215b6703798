"""How often a command looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (100_000, 50, 1000)  # new objects between two looks, and looks of the older ones


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Modules and tables of a run stay until it ends: looking through them often is in vain."""
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
