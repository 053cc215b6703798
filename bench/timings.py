"""Repeated seconds of one thing, their line in the table, and the machine they were taken on."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from vertebrisk.kernels import compiled

HEADING = f"{'':<80}{'min':>10}{'median':>10}{'max':>10}{'runs':>6}  goal"


@dataclass(frozen=True, slots=True)
class Timing:
    """Repeated seconds of one thing, and what they should stay below."""

    name: str
    seconds: tuple[float, ...]
    goal: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "name": self.name,
            "runs": len(self.seconds),
            "min": min(self.seconds),
            "median": statistics.median(self.seconds),
            "max": max(self.seconds),
            "goal": self.goal,
        }

    def line(self) -> str:
        """One line of the table."""
        low, middle, high = min(self.seconds), statistics.median(self.seconds), max(self.seconds)
        goal = "" if self.goal is None else f"< {shown(self.goal)}"
        runs = len(self.seconds)
        return (
            f"{self.name:<80}{shown(low):>10}{shown(middle):>10}{shown(high):>10}{runs:>6}  {goal}"
        )


@dataclass(slots=True)
class Measured:
    """What one part of the bench found.

    Attributes
    ----------
    timings : list of Timing
    numbers : mapping
        What is no time: a ratio, a rate, a size.
    notes : list of str
        Lines below the table.
    missing : list of str
        What was not measured, and why.
    """

    timings: list[Timing] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add(self, timing: Timing) -> None:
        """Keep a timing, and print its line at once."""
        self.timings.append(timing)
        print(timing.line(), flush=True)


def shown(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def repeated(name: str, action: Callable[[], object], runs: int, goal: float | None) -> Timing:
    return Timing(name, tuple(timed(action) for _ in range(runs)), goal)


def environment() -> dict[str, str]:
    """The environment of a process as a user starts it: the compiled kernels off."""
    return {key: value for key, value in os.environ.items() if key != compiled.SWITCH}


def program(*arguments: str) -> Callable[[], object]:
    """A new Python process, as a user starts one."""
    return lambda: subprocess.run(
        [sys.executable, *arguments], check=True, capture_output=True, env=environment()
    )


def machine() -> dict[str, str]:
    """What the numbers were measured on."""
    model = platform.processor() or platform.machine()
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        lines = listing.read_text(encoding="utf-8", errors="replace").splitlines()
        named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = named[0] if named else model
    versions = {"processor": model, "cores": str(os.cpu_count()), "system": platform.system()}
    versions |= {"python": platform.python_version(), "numpy": np.__version__}
    if compiled.available():
        from importlib.metadata import version

        versions["numba"] = version("numba")
    if hasattr(os, "getloadavg"):
        versions["load when it began"] = f"{os.getloadavg()[0]:.1f}"
    return versions
