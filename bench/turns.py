"""Peers and vertebrisk in turn on the same work, and the ratio of their times with its spread.

A peer is a program that is started once, has its data handed over by file, and then answers
line by line: its versions, the numbers that it finds (so that it is seen to do the same work),
and from then on the seconds of one run more, by its own clock, for every line that it is sent.
What R or Python needs to start is in no time. See `peers/turns.R` and `peers/turns.py`.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from bounds import Bound, Cost
from timings import shown, timed

PEERS = "VERTEBRISK_BENCH_PEERS"
SCRIPTS = Path(__file__).with_name("peers")
ALL = "all of it"
HEADING = (
    f"{'work':<58}{'peer':<34}{'peer takes':>11}{'ours':>10}{'ratio':>8}  {'range':<15}"
    f"{'goal':>6}{'turns':>7}  bound"
)


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that does the same work.

    Attributes
    ----------
    name : str
    goal : float
        Its time divided by ours should be this or more.
    script : str
        File in the folder `peers`; its suffix says whether R or Python runs it.
    needs : tuple of str
        Packages without which it cannot run.
    arguments : tuple of str
    turns : int
    share : float
        Part of the work that it does; its time is divided by it.
    said : str
        That part in words: "20 of 1000 resamples".
    against : str
        Name of the kind of ours that it is measured against, where there are several.
    """

    name: str
    goal: float
    script: str
    needs: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    turns: int = 5
    share: float = 1.0
    said: str = ""
    against: str = ""

    @property
    def program(self) -> tuple[str, ...]:
        """What is started."""
        path = str(SCRIPTS / self.script)
        if self.script.endswith(".R"):
            return ("Rscript", "--vanilla", str(SCRIPTS / "turns.R"), path, *self.arguments)
        return (peers_python(), path, *self.arguments)

    def missing(self) -> str | None:
        """Why it cannot run, or None."""
        absent = [package for package in self.needs if not has(self.program[0], package)]
        if not absent:
            return None
        if shutil.which(self.program[0]) is None:
            return f"{self.program[0]} is not installed"
        return f"{'R' if self.script.endswith('.R') else 'Python'} has no {' and no '.join(absent)}"


@dataclass(frozen=True, slots=True)
class Work:
    """One row of the table.

    Attributes
    ----------
    name : str
    ours : mapping of str to callable
        Kinds of ours ("" where there is one): each does the work once, for a turn's number.
    peers : tuple of Peer
    runs : int
        Runs of ours a turn; their median is that of the turn.
    share : float
        Part of the work that ours does; its time is divided by it.
    said : str
        That part in words.
    warm : bool
        True where ours is run once before it is timed: a run of many seconds is not.
    numbers : callable, optional
        What the peers' numbers must be, within `within` relative to their size.
    cost : callable, optional
        What a run must read and compute at the least.
    """

    name: str
    ours: Mapping[str, Callable[[int], object]]
    peers: tuple[Peer, ...]
    runs: int = 3
    share: float = 1.0
    said: str = ""
    warm: bool = True
    numbers: Callable[[], Any] | None = None
    within: float = 1e-4
    cost: Callable[[], Cost] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured of one peer and of ours in turn with it."""

    work: str
    peer: Peer
    version: str
    theirs: tuple[float, ...]
    ours: tuple[float, ...]
    cost: Cost | None
    bound: Bound | None
    did: str = ""

    @property
    def ratios(self) -> tuple[float, ...]:
        """The peer's time of each turn divided by ours."""
        return tuple(a / b for a, b in zip(self.theirs, self.ours, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        ratios = self.ratios
        return {
            "work": self.work,
            "peer": self.peer.name,
            "version": self.version,
            "peer_seconds": list(self.theirs),
            "seconds": list(self.ours),
            "ratio": {
                "median": statistics.median(ratios),
                "min": min(ratios),
                "max": max(ratios),
            },
            "goal": self.peer.goal,
            "turns": len(ratios),
            "peer_did": self.peer.said or ALL,
            "did": self.did or ALL,
            **({} if self.cost is None else {"cost": self.cost.to_dict()}),
            **({} if self.bound is None else {"bound": self.bound.to_dict()}),
        }

    def line(self) -> str:
        """One line of the table."""
        ratios = self.ratios
        name = f"{self.peer.name} (scaled)" if self.peer.said else self.peer.name
        spread = f"{number(min(ratios))} to {number(max(ratios))}"
        ours = statistics.median(self.ours)
        share = "" if self.bound is None else self.bound.said(ours)
        return (
            f"{self.work:<58}{name:<34}{shown(statistics.median(self.theirs)):>11}{shown(ours):>10}"
            f"{number(statistics.median(ratios)):>8}  {spread:<15}{self.peer.goal:>6g}"
            f"{len(ratios):>7}  {share}"
        )

    def note(self) -> str | None:
        """What the line leaves out."""
        if not self.peer.said:
            return None
        ours = f"; ours ran {self.did}, scaled too" if self.did else ""
        return f"{self.peer.name}: ran {self.peer.said}; its time is scaled to the whole{ours}."


class Program:
    """A peer under way."""

    def __init__(self, peer: Peer, folder: Path) -> None:
        self._process = subprocess.Popen(
            peer.program, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.version = self._answer()
        self.numbers = np.array(self._answer().split(), dtype=float)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            raise RuntimeError("The peer ended without an answer; its message stands above.")
        return line.strip()

    def seconds(self, turn: int) -> float:
        """Time of one run, by the peer's own clock."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{turn}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        """End the peer."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def number(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 20 else f"{ratio:.1f}"


def peers_python() -> str:
    """The Python that has the peers: this one, unless the environment names another."""
    return os.environ.get(PEERS, sys.executable)


@cache
def has(program: str, package: str) -> bool:
    """Whether R or Python has a package."""
    if program == "Rscript":
        asked = f"quit(status = !requireNamespace('{package}', quietly = TRUE))"
        command = [program, "--vanilla", "-e", asked]
    else:
        command = [program, "-c", f"import {package}"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def handed(folder: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays of numbers for the peers: plain doubles, column by column."""
    for name, values in arrays.items():
        array = np.asarray(values, dtype=np.float64)
        (folder / f"{name}.shape").write_text(" ".join(map(str, array.shape)), encoding="ascii")
        array.ravel(order="F").tofile(folder / f"{name}.f64")


def in_turn(
    work: Work, peer: Peer, folder: Path, bound: Callable[[Cost], Bound], turns: int | None = None
) -> Line:
    """Run the peer and ours in turn; the first runs of both, which fill caches, are left out.

    Raises
    ------
    RuntimeError
        Where the peer ends early, or finds other numbers than ours.
    """
    ours = work.ours[peer.against]
    program = Program(peer, folder)
    try:
        same(work, peer, program.numbers)
        if work.warm:
            ours(0)
        seconds: tuple[list[float], list[float]] = ([], [])
        for turn in range(1, (turns or peer.turns) + 1):
            seconds[0].append(program.seconds(turn) / peer.share)
            taken = [timed(lambda turn=turn: ours(turn)) for _ in range(work.runs)]
            seconds[1].append(statistics.median(taken) / work.share)
    finally:
        program.close()
    cost = None if work.cost is None else work.cost()
    return Line(
        f"{work.name}{', ' if peer.against else ''}{peer.against}",
        peer,
        program.version,
        tuple(seconds[0]),
        tuple(seconds[1]),
        cost,
        None if cost is None else bound(cost),
        work.said,
    )


def same(work: Work, peer: Peer, found: Any) -> None:
    """Refuse a peer that finds other numbers: its time would say nothing."""
    if work.numbers is None or peer.said:
        return
    expected = np.asarray(work.numbers(), dtype=np.float64)
    scale = np.abs(expected).max()
    if found.shape != expected.shape or np.abs(found - expected).max() > work.within * scale:
        raise RuntimeError(f"its numbers are others ({found[:4]} beside {expected[:4]})")
