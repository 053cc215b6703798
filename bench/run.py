"""How fast is vertebrisk here, and how much faster than its peer? Measures, never judges.

    python bench/run.py [--json FILE]

Every time is wall clock. The peer, rms::validate + rms::calibrate in R, does the same work
on the same model in the same run, in turn with ours; where R or rms is missing, that is said.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from vertebrisk.kernels import compiled
from vertebrisk.models.fit import LogisticFit
from vertebrisk.models.fitting import fit_logistic
from vertebrisk.studies import embedded_protocol

RESAMPLES = 1000
FACTORS = ("ivc", "fascia_oedema", "goutallier", "cement_distribution")
OTHERS = (
    *("sex", "nationality", "age_group", "diabetes", "hypertension", "fracture_history"),
    *("level_group", "bmi", "t_score", "vas_pre", "odi_pre", "avh", "avhr", "cobb"),
    *("cement_volume", "leakage", "avhrr", "cobb_change"),
)
NO_CURVE = np.empty(0)


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
            f"{self.name:<52}{shown(low):>10}{shown(middle):>10}{shown(high):>10}{runs:>6}  {goal}"
        )


def shown(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def repeated(name: str, action: Callable[[], object], runs: int, goal: float | None) -> Timing:
    return Timing(name, tuple(timed(action) for _ in range(runs)), goal)


def validations(name: str, fit: LogisticFit, runs: int, *, fixed: bool) -> Timing:
    """Validations with one seed after another; the first one, which fills caches, is left out."""
    validate(fit, 0, fixed=fixed)
    actions = (partial(validate, fit, seed, fixed=fixed) for seed in range(1, runs + 1))
    return Timing(name, tuple(timed(action) for action in actions))


def program(*arguments: str) -> Callable[[], object]:
    """A new Python process, as a user starts one; the compiled kernels off, as for a user."""
    environment = {key: value for key, value in os.environ.items() if key != compiled.SWITCH}
    return lambda: subprocess.run(
        [sys.executable, *arguments], check=True, capture_output=True, env=environment
    )


def command_timings() -> list[Timing]:
    """Import, help and demo, each in a process of its own."""
    program("-c", "import vertebrisk")()
    found = [
        repeated("python -c 'pass' (the interpreter alone)", program("-c", "pass"), 5, None),
        repeated("import vertebrisk", program("-c", "import vertebrisk"), 5, 0.3),
        repeated("vertebrisk --help", program("-m", "vertebrisk", "--help"), 5, 0.3),
    ]
    with tempfile.TemporaryDirectory() as folder:
        demo = program("-m", "vertebrisk", "demo", "--out", str(Path(folder) / "report"))
        found.append(repeated("vertebrisk demo (HTML, JSON, SVG)", demo, 4, 4.0))
    return found


def patients() -> pl.DataFrame:
    """The embedded study's patients with their outcome."""
    with embedded_protocol() as path:
        frame = pl.read_csv(path.with_name("patients.csv"))
    mean = pl.mean_horizontal("vas_24h", "vas_3d", "vas_1m")
    return frame.with_columns((mean >= 4.0).cast(pl.Int64).alias("pain"))


def validate(fit: LogisticFit, seed: int, *, fixed: bool) -> object:
    return fit.validate(RESAMPLES, seed, fixed=fixed, thresholds=NO_CURVE)


class Peer:
    """R with rms, started once; each request is one validation and one calibration."""

    def __init__(self, frame: pl.DataFrame, folder: Path) -> None:
        data = folder / "patients.csv"
        frame.select("pain", *FACTORS).write_csv(data)
        script = str(Path(__file__).with_name("rms_validate.R"))
        self._process = subprocess.Popen(
            ["Rscript", "--vanilla", script, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.version = self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError("R ended without an answer; its message stands above.")
        return line

    def seconds(self, seed: int) -> float:
        """Time of one validation and one calibration, by R's own clock."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seed}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        """End R."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def peer_missing() -> str | None:
    """Why there is no peer, or None."""
    if shutil.which("Rscript") is None:
        return "Rscript is not installed"
    asked = subprocess.run(
        ["Rscript", "--vanilla", "-e", "quit(status = !requireNamespace('rms', quietly = TRUE))"],
        capture_output=True,
        check=False,
    )
    return "R has no package rms" if asked.returncode else None


def kernel_timings(frame: pl.DataFrame) -> tuple[list[Timing], dict[str, float]]:
    """Resampling by NumPy and, where numba is installed, by the compiled kernels."""
    fixed = fit_logistic("pain ~ " + " + ".join(FACTORS), frame)
    whole = fit_logistic("pain ~ " + " + ".join((*FACTORS, *OTHERS)), frame, select="univariable")
    found, start = [], {}
    kinds = ["NumPy"]
    if compiled.available():
        start["compiled kernels, import of numba and load or compile"] = timed(compiled.warm_up)
        kinds.append("compiled")
    for kind in kinds:
        switch(kind)
        name = f"{RESAMPLES} resamples, model held fixed, {kind}"
        found.append(validations(name, fixed, 15, fixed=True))
        name = f"{RESAMPLES} resamples, whole procedure, {kind}"
        found.append(validations(name, whole, 5, fixed=False))
    return found, start


def switch(kind: str) -> None:
    if kind == "compiled":
        compiled.warm_up()
    else:
        compiled.switch_off()


def peer_timings(frame: pl.DataFrame, runs: int) -> tuple[list[Timing], dict[str, float], str]:
    """The peer and ours in turn on the same model, and the ratios of their medians."""
    fit = fit_logistic("pain ~ " + " + ".join(FACTORS), frame)
    kinds = ["NumPy", *(["compiled"] if compiled.available() else [])]
    seconds: dict[str, list[float]] = {"R": [], **{kind: [] for kind in kinds}}
    with tempfile.TemporaryDirectory() as folder:
        peer = Peer(frame, Path(folder))
        for seed in range(1, runs + 1):
            seconds["R"].append(peer.seconds(seed))
            for kind in kinds:
                switch(kind)
                seconds[kind].extend(validations(kind, fit, 3, fixed=True).seconds)
        peer.close()
    names = {"R": "R: rms::validate + rms::calibrate, B = 1000 each"}
    names |= {kind: f"vertebrisk, in turn with R, {kind}" for kind in kinds}
    found = [Timing(names[key], tuple(values)) for key, values in seconds.items()]
    middle = {key: statistics.median(values) for key, values in seconds.items()}
    return found, {kind: middle["R"] / middle[kind] for kind in kinds}, peer.version


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
    return versions


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the speed of vertebrisk.")
    parser.add_argument("--json", type=Path, help="file to write the numbers to")
    chosen = parser.parse_args()
    where = machine()
    print(", ".join(f"{key} {value}" for key, value in where.items()), flush=True)
    print(f"\n{'':<52}{'min':>10}{'median':>10}{'max':>10}{'runs':>6}  goal", flush=True)
    timings = command_timings()
    for timing in timings:
        print(timing.line(), flush=True)
    frame = patients()
    kernels, start = kernel_timings(frame)
    for timing in kernels:
        print(timing.line(), flush=True)
    missing = peer_missing()
    ratios: dict[str, float] = {}
    peers: list[Timing] = []
    if missing is None:
        peers, ratios, where["R"] = peer_timings(frame, 4)
        for timing in peers:
            print(timing.line(), flush=True)
    print()
    for name, seconds in start.items():
        print(f"{name}: {shown(seconds)} (once a process)")
    for kind, ratio in ratios.items():
        print(f"R / vertebrisk ({kind}): {ratio:.0f}   goal: 100 or more, compiled")
    if ratios:
        print(f"peer: {where['R']}")
    else:
        print(f"NO PEER: {missing}. The ratio to rms WAS NOT MEASURED.", file=sys.stderr)
    if not compiled.available():
        print(
            "NO COMPILED KERNELS: numba is not installed. They WERE NOT MEASURED.", file=sys.stderr
        )
    if chosen.json is not None:
        document = {
            "machine": where,
            "timings": [timing.to_dict() for timing in (*timings, *kernels, *peers)],
            "once": start,
            "ratio_to_rms": ratios,
            "peer_missing": missing,
        }
        chosen.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
