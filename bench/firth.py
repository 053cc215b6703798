"""Firth's logistic regression: profile limits beside brglm2 and firthmodels, and resamples.

The peers do the same work on the same patients in turn with vertebrisk; their limits are
compared, and where a peer is missing, that is said. VERTEBRISK_BENCH_PEERS names the Python of an
environment with firthmodels, if it is not this one.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from resampling import FACTORS, NO_CURVE, RESAMPLES, patients
from timings import Measured, Timing, timed

from vertebrisk.models.logistic.fitting import fit_logistic

PEERS = "VERTEBRISK_BENCH_PEERS"
ROUNDS = 15
SAME = 1e-3  # limits of a peer that stops early still agree so far, in their own units
R = "R: brglm2 and profiles"
FIRTHMODELS = "firthmodels: fit, lrt, conf_int"
OURS = "vertebrisk: fit, tests and profile limits"


class Peer:
    """A program started once; each request is one fit with its tests and limits."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.version = self._answer()
        self.limits = np.array(self._answer().split(), dtype=float).reshape(-1, 2)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError("The peer ended without an answer; its message stands above.")
        return line

    def seconds(self) -> float:
        """Time of one fit, by the peer's own clock."""
        assert self._process.stdin is not None
        self._process.stdin.write("again\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        """End the peer."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def measure() -> Measured:
    found = Measured()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "patients.csv"
        frame = simulated()
        frame.write_csv(data)
        beside(frame, found_peers(data, found), found)
    resampled(found)
    return found


def simulated() -> pl.DataFrame:
    """1000 patients, ten predictors, half of them yes or no, one event in six."""
    rng = np.random.default_rng(1)
    columns = rng.normal(size=(1000, 10))
    columns[:, 5:] = columns[:, 5:] > 0.8
    risk = 1.0 / (1.0 + np.exp(2.5 - columns @ np.linspace(-0.6, 0.8, 10)))
    named = {f"x{place}": values for place, values in enumerate(columns.T)}
    return pl.DataFrame({**named, "y": (rng.random(1000) < risk).astype(int)})


def found_peers(data: Path, found: Measured) -> dict[str, Peer]:
    """Those that are installed; what is missing is said."""
    here = Path(__file__).parent
    python = os.environ.get(PEERS, sys.executable)
    peers = {}
    script = str(here / "firth_profile.R")
    if shutil.which("Rscript") is None or not runs("Rscript", "-e", "library(brglm2)"):
        found.missing.append(f"NO PEER: R with brglm2. The ratio to {R} WAS NOT MEASURED.")
    else:
        peers[R] = Peer("Rscript", "--vanilla", script, str(data))
    if not runs(python, "-c", "import firthmodels"):
        found.missing.append(
            f"NO PEER: firthmodels in {python}. The ratio to it WAS NOT MEASURED; name the Python "
            f"of an environment that has it in {PEERS}."
        )
    else:
        peers[FIRTHMODELS] = Peer(python, str(here / "firth_models.py"), str(data))
    return peers


def runs(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def beside(frame: pl.DataFrame, peers: dict[str, Peer], found: Measured) -> None:
    """The peers and ours in turn, and the ratios of their medians."""
    formula = "y ~ " + " + ".join(frame.columns[:-1])

    def ours() -> pl.DataFrame:
        return fit_logistic(formula, frame, estimator="firth").coefficients()

    limits = ours().select("conf_low", "conf_high").to_numpy()[1:]
    seconds: dict[str, list[float]] = {name: [] for name in (*peers, OURS)}
    for name, peer in peers.items():
        if not np.allclose(peer.limits, limits, rtol=0.0, atol=SAME):
            raise RuntimeError(f"{name}: its limits are others, so its time says nothing.")
    for _ in range(ROUNDS):
        for name, peer in peers.items():
            seconds[name].append(peer.seconds())
        seconds[OURS].append(timed(ours))
    for name, values in seconds.items():
        found.add(Timing(f"{name}, 1000 x 10", tuple(values)))
    for name, peer in peers.items():
        peer.close()
        ratio = statistics.median(seconds[name]) / statistics.median(seconds[OURS])
        found.numbers[f"{name} / vertebrisk"] = ratio
        found.numbers[f"{name}, version"] = peer.version
        found.notes.append(f"{name} / vertebrisk: {ratio:.1f}   goal: 10 or more; {peer.version}")


def resampled(found: Measured) -> None:
    """A bootstrap whose resamples are fitted by maximum likelihood, or by Firth's method."""
    formula = "pain ~ " + " + ".join((*FACTORS, "leakage"))
    for estimator in ("ml", "firth", "auto"):
        fit = fit_logistic(formula, patients(), estimator=estimator)
        actions = [partial(fit.validate, RESAMPLES, seed, thresholds=NO_CURVE) for seed in range(6)]
        actions[0]()
        name = f"{RESAMPLES} resamples of {fit.n} patients, {fit.beta.size} columns, {estimator}"
        found.add(Timing(name, tuple(timed(action) for action in actions[1:])))
