"""Rows of the table where a whole procedure is repeated in resamples, and a whole run.

Each function says what both sides do. A peer too slow to wait for does a stated part.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import costs
import numpy as np
import polars as pl
from bounds import Cost
from resampling import FACTORS, NO_CURVE, OTHERS, RESAMPLES, patients, switch, validate
from rows_small import ROTTERDAM, patterns
from timings import environment
from turns import Peer, Work, handed

import vertebrisk as vr
from vertebrisk.errors import VertebriskWarning
from vertebrisk.kernels import compiled
from vertebrisk.models.development import Selection
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.studies import embedded_protocol

CANDIDATES = " + ".join((*FACTORS, *OTHERS))
NUMBERS = ("age", "year", "nodes", "pgr", "er")
CODED = ("meno", "size", "grade", "hormon", "chemo")
MISSING = 0.2
TABLES, ITERATIONS, IMPUTED_RESAMPLES = 5, 10, 200
HORIZON = 5 * 365.25  # days


def kinds(fit: LogisticFit) -> dict[str, Callable[[int], object]]:
    """Validation of a whole procedure, by the compiled kernels too where numba is installed."""

    def run(kind: str) -> Callable[[int], object]:
        def once(turn: int) -> object:
            switch(kind)
            return validate(fit, turn, fixed=False)

        return once

    return {kind: run(kind) for kind in kinds_here()}


def kinds_here() -> tuple[str, ...]:
    return ("NumPy", "compiled") if compiled.available() else ("NumPy",)


def embedded(folder: Path) -> pl.DataFrame:
    """The embedded study's candidates and outcome, handed over as a file."""
    frame = patients().select("pain", *FACTORS, *OTHERS)
    frame.write_csv(folder / "patients.csv")
    return frame


def quietly(fit: Callable[[], Any]) -> Any:
    """A model with few events says so once, not in every turn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VertebriskWarning)
        return fit()


def backward(folder: Path, quick: bool) -> Work:
    """The same with backward elimination among 22 candidates in every resample.

    Both eliminate by the covariance of the model of all candidates (Lawless and Singhal 1978) at
    P 0.05, as rms::fastbw does with type = "individual"; ours gives the calibration curve besides.
    """
    frame = embedded(folder)
    rule = Selection("backward", approximate=True)
    fit = quietly(lambda: vr.fit_logistic(f"pain ~ {CANDIDATES}", frame, select=rule))
    done = 20 if quick else 200
    peer = "R: rms validate(bw=TRUE)"
    return Work(
        f"{RESAMPLES} resamples, backward elimination in each",
        kinds(fit),
        tuple(
            Peer(
                peer,
                50,
                "validate_backward.R",
                ("rms",),
                arguments=(str(done),),
                turns=3,
                share=done / RESAMPLES,
                said=f"{done} of {RESAMPLES} resamples",
                against=kind,
            )
            for kind in kinds_here()
        ),
        # the model of all candidates, by which they are eliminated; then that of those that stay
        cost=lambda: (
            costs.newton(patterns(frame, (*FACTORS, *OTHERS)), fit.development.matrix.shape[1])
            + costs.validated(frame.height, patterns(frame, FACTORS), len(fit.coefficients()))
        ).times(RESAMPLES),
    )


def screening(folder: Path, quick: bool) -> Work:
    """The same with 22 candidates screened one by one in every resample.

    The peer's measures are ours but for the curve, for which statsmodels has lowess alone; its
    matrices are ready, without formulas and data frames.
    """
    frame = embedded(folder)
    fit = quietly(lambda: vr.fit_logistic(f"pain ~ {CANDIDATES}", frame, select="univariable"))
    candidates = fit.development
    slices = [candidates.design.slices[term.name] for term in candidates.design.terms]
    owner = np.repeat(np.arange(len(slices)), [part.stop - part.start for part in slices])
    handed(folder, {"x": candidates.matrix, "event": candidates.event, "owner": owner})
    done = 5 if quick else 50
    return Work(
        f"{RESAMPLES} resamples, univariable screening in each",
        kinds(fit),
        tuple(
            Peer(
                "loop over statsmodels",
                100,
                "screen_statsmodels.py",
                ("statsmodels",),
                arguments=(str(done),),
                turns=3,
                share=done / RESAMPLES,
                said=f"{done} of {RESAMPLES} resamples",
                against=kind,
            )
            for kind in kinds_here()
        ),
        # a table of each candidate by the outcome; then the model of those that stay
        cost=lambda: (
            Cost(flops=float(candidates.matrix.size))
            + costs.validated(frame.height, patterns(frame, FACTORS), len(fit.coefficients()))
        ).times(RESAMPLES),
    )


def imputation(folder: Path, quick: bool) -> Work:
    """A Cox model of ten predictors, a fifth of their values missing, by 200 resamples.

    Both impute inside each resample: five tables by ten iterations of chained equations, with
    the outcome, by predictive mean matching, logistic and polytomous regression; all patients
    are imputed once more, without it, to be tested on. The apparent model is in neither time.
    Neither side is waited for to its end; that ours imputes all patients once for fewer resamples
    is not in its favour.
    """
    frame = incomplete(folder)
    formula = "Surv(rtime, recur) ~ " + " + ".join((*NUMBERS, *CODED))
    filled = vr.impute(formula, frame, imputations=TABLES, iterations=ITERATIONS, seed=1)
    fit = quietly(lambda: vr.fit_imputed(formula, filled, horizons=[HORIZON]))
    resamples = 4 if quick else 40
    done = 1

    def validated(seed: int) -> Any:
        return fit.validate(
            resamples, seed + 1, imputations=TABLES, iterations=ITERATIONS, thresholds=NO_CURVE
        )

    return Work(
        f"{TABLES} imputations x {IMPUTED_RESAMPLES} resamples, Cox, 2982 x 10",
        {"": validated},
        (
            Peer(
                "R: mice + rms in a loop",
                30,
                "imputed.R",
                ("mice", "rms"),
                arguments=(str(done),),
                turns=2,
                share=done / IMPUTED_RESAMPLES,
                said=f"{done} of {IMPUTED_RESAMPLES} resamples",
            ),
        ),
        runs=1,
        cost=lambda: imputed_cost(frame.height).times(IMPUTED_RESAMPLES),
        share=resamples / IMPUTED_RESAMPLES,
        said=f"{resamples} of {IMPUTED_RESAMPLES} resamples",
        warm=False,
    )


def imputed_cost(size: int) -> Cost:
    """A resample: each column on all others, by every iteration of each table, then its model."""
    columns = len(NUMBERS) + len(CODED) + 2  # with the event and the cumulative hazard
    once = (
        costs.newton(size, columns, steps=1).times(len(NUMBERS))  # least squares
        + costs.newton(size, columns).times(len(CODED))
        + Cost(draws=MISSING * size * (len(NUMBERS) + len(CODED)))
    )
    table = once.times(ITERATIONS) + costs.newton(size, columns - 2)
    return Cost(draws=size) + table.times(TABLES)


def incomplete(folder: Path) -> pl.DataFrame:
    """Rotterdam with a fifth of the values missing at random places, handed over as a file."""
    frame = pl.read_csv(ROTTERDAM).select("rtime", "recur", *NUMBERS, *CODED)
    rng = np.random.default_rng(1)
    gaps = {name: rng.random(frame.height) < MISSING for name in (*NUMBERS, *CODED)}
    frame = frame.with_columns(
        pl.when(~pl.Series(gap)).then(pl.col(name).cast(pl.String)).alias(name)
        for name, gap in gaps.items()
        if name in CODED
    ).with_columns(
        pl.when(~pl.Series(gap)).then(name).alias(name)
        for name, gap in gaps.items()
        if name in NUMBERS
    )
    frame.write_csv(folder / "patients.csv", null_value="NA")
    return frame


def whole_run(folder: Path, quick: bool) -> Work:
    """The embedded study from file to report, each time in a new process.

    Ours validates twice: the whole procedure, its screen repeated in 1000 resamples, and the model
    held fixed. The first script validates the fixed model alone and draws five figures of eleven;
    the second repeats the screen, too, and draws eight. Neither bootstraps intervals, draws a
    calculator or writes documents. Both sides have compiled their code before (bytecode).
    """
    embedded(folder)

    def run(_: int) -> None:
        with embedded_protocol() as protocol, tempfile.TemporaryDirectory() as out:
            subprocess.run(
                [sys.executable, "-m", "vertebrisk", "run", str(protocol), "--out", out],
                check=True,
                capture_output=True,
                env=as_installed(),
            )

    return Work(
        "whole run of the embedded study, cold process",
        {"": run},
        (
            Peer("R script, model held fixed", 4, "whole_run.R", ("rms", "pROC"), turns=5),
            Peer(
                "R script, screen repeated as ours",
                4,
                "whole_run.R",
                ("rms", "pROC"),
                arguments=("whole",),
                turns=2,
            ),
        ),
        runs=1,
    )


def as_installed() -> dict[str, str]:
    """A user's environment: bytecode is kept, as pip keeps it, and the compiled kernels are off."""
    asked = environment()
    asked.pop("PYTHONDONTWRITEBYTECODE", None)
    return asked | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
