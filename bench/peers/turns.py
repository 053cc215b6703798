"""What every peer in Python shares: the data that were handed over, and one run a line of input."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np


def given(name: str) -> Any:
    """An array from the folder in which the peer was started."""
    shape = [int(each) for each in Path(f"{name}.shape").read_text(encoding="ascii").split()]
    return np.fromfile(f"{name}.f64").reshape(shape, order="F")


def turns(packages: list[str], work: Callable[[], Any], numbers: Callable[[Any], Any]) -> None:
    """Say the versions and the numbers found, then the seconds of a run for every line of input."""
    print("; ".join(f"{each} {version(each)}" for each in packages))
    print(*(repr(float(each)) for each in np.ravel(numbers(work()))), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        work()
        print(time.perf_counter() - start, flush=True)
