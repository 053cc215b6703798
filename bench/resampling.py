"""Validation by resampling: NumPy, the compiled kernels, and R with rms in turn with both.

The peer, rms::validate + rms::calibrate, does the same work on the same model in the same
run; where R or rms is missing, that is said.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from timings import Measured, Timing, shown, timed

from vertebrisk.kernels import compiled
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.logistic.fitting import fit_logistic
from vertebrisk.studies import embedded_protocol

RESAMPLES = 1000
FACTORS = ("ivc", "fascia_oedema", "goutallier", "cement_distribution")
OTHERS = (
    *("sex", "nationality", "age_group", "diabetes", "hypertension", "fracture_history"),
    *("level_group", "bmi", "t_score", "vas_pre", "odi_pre", "avh", "avhr", "cobb"),
    *("cement_volume", "leakage", "avhrr", "cobb_change"),
)
NO_CURVE = np.empty(0)


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


def measure() -> Measured:
    frame = patients()
    found = Measured()
    kernels(frame, found)
    missing = peer_missing()
    if missing is None:
        peers(frame, 4, found)
    else:
        found.missing.append(f"NO PEER: {missing}. The ratio to rms WAS NOT MEASURED.")
    if not compiled.available():
        found.missing.append("NO COMPILED KERNELS: numba is not installed. They WERE NOT MEASURED.")
    return found


def patients() -> pl.DataFrame:
    """The embedded study's patients with their outcome."""
    with embedded_protocol() as path:
        frame = pl.read_csv(path.with_name("patients.csv"))
    mean = pl.mean_horizontal("vas_24h", "vas_3d", "vas_1m")
    return frame.with_columns((mean >= 4.0).cast(pl.Int64).alias("pain"))


def kernels(frame: pl.DataFrame, found: Measured) -> None:
    """Resampling by NumPy and, where numba is installed, by the compiled kernels."""
    fixed = fit_logistic("pain ~ " + " + ".join(FACTORS), frame)
    whole = fit_logistic("pain ~ " + " + ".join((*FACTORS, *OTHERS)), frame, select="univariable")
    kinds = ["NumPy"]
    if compiled.available():
        seconds = timed(compiled.warm_up)
        name = "compiled kernels, import of numba and load or compile"
        found.numbers[name] = seconds
        found.notes.append(f"{name}: {shown(seconds)} (once a process)")
        kinds.append("compiled")
    for kind in kinds:
        switch(kind)
        name = f"{RESAMPLES} resamples, model held fixed, {kind}"
        found.add(validations(name, fixed, 15, fixed=True))
        name = f"{RESAMPLES} resamples, whole procedure, {kind}"
        found.add(validations(name, whole, 5, fixed=False))


def validations(name: str, fit: LogisticFit, runs: int, *, fixed: bool) -> Timing:
    """Validations with one seed after another; the first one, which fills caches, is left out."""
    validate(fit, 0, fixed=fixed)
    actions = (partial(validate, fit, seed, fixed=fixed) for seed in range(1, runs + 1))
    return Timing(name, tuple(timed(action) for action in actions))


def validate(fit: LogisticFit, seed: int, *, fixed: bool) -> object:
    return fit.validate(RESAMPLES, seed, fixed=fixed, thresholds=NO_CURVE)


def switch(kind: str) -> None:
    if kind == "compiled":
        compiled.warm_up()
    else:
        compiled.switch_off()


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


def peers(frame: pl.DataFrame, runs: int, found: Measured) -> None:
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
    for key, values in seconds.items():
        found.add(Timing(names[key], tuple(values)))
    middle = {key: statistics.median(values) for key, values in seconds.items()}
    for kind in kinds:
        ratio = middle["R"] / middle[kind]
        found.numbers[f"R / vertebrisk ({kind})"] = ratio
        found.notes.append(f"R / vertebrisk ({kind}): {ratio:.0f}   goal: 100 or more, compiled")
    found.numbers["peer"] = peer.version
    found.notes.append(f"peer: {peer.version}")
