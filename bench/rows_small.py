"""Rows of the table with the data of a study: some hundred to some thousand patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import costs
import numpy as np
import polars as pl
from resampling import FACTORS, RESAMPLES, patients, switch, validate
from turns import Peer, Work, handed

import vertebrisk as vr
from vertebrisk.kernels import compiled

ROTTERDAM = Path(__file__).parents[1] / "tests" / "reference" / "data" / "rotterdam.csv"
PREDICTORS = (*("year", "age", "meno", "size", "grade", "nodes", "pgr", "er", "hormon", "chemo"),)
COX_RESAMPLES = 200


def fixed(folder: Path, quick: bool) -> Work:
    """Validation and calibration of the embedded study's model, held fixed."""
    frame = patients()
    frame.select("pain", *FACTORS).write_csv(folder / "patients.csv")
    fit = vr.fit_logistic("pain ~ " + " + ".join(FACTORS), frame)

    def run(kind: str) -> Callable[[int], object]:
        def once(turn: int) -> object:
            switch(kind)
            return validate(fit, turn, fixed=True)

        return once

    goals = {"NumPy": 25.0, **({"compiled": 200.0} if compiled.available() else {})}
    return Work(
        f"{RESAMPLES} resamples, embedded study",
        {kind: run(kind) for kind in goals},
        tuple(
            Peer(
                "R: rms validate + calibrate",
                goal,
                "rms_validate.R",
                ("rms",),
                turns=4,
                against=kind,
            )
            for kind, goal in goals.items()
        ),
        runs=5,
        cost=lambda: costs.validated(
            frame.height, patterns(frame, FACTORS), len(fit.coefficients())
        ).times(RESAMPLES),
    )


def patterns(frame: pl.DataFrame, predictors: Sequence[str]) -> int:
    """Combinations of the predictors and the outcome: rows that a resample weighs."""
    return frame.select("pain", *predictors).unique().height


def cox_validation(folder: Path, quick: bool) -> Work:
    """Validation of a Cox model held fixed: the indexes of the peer, and all that is measured.

    At the horizons (Brier score, AUC, O/E, slope and smoothed calibration) the peer has nothing.
    """
    frame = pl.read_csv(ROTTERDAM)
    frame.write_csv(folder / "rotterdam.csv")
    fit = vr.fit_cox("Surv(rtime, recur) ~ " + " + ".join(PREDICTORS), frame)
    nothing = np.empty(0)
    work = {"its indexes": (), f"and {len(fit.horizons)} horizons": fit.horizons}
    kernels = ("NumPy", "compiled") if compiled.available() else ("NumPy",)
    measured = {
        f"{name}, {kind}": (kind, horizons) for name, horizons in work.items() for kind in kernels
    }

    def run(kind: str, horizons: tuple[float, ...]) -> Callable[[int], object]:
        def once(turn: int) -> object:
            switch(kind)
            return fit.validate(
                COX_RESAMPLES, turn, fixed=True, horizons=horizons, thresholds=nothing
            )

        return once

    return Work(
        f"{COX_RESAMPLES} resamples of Cox, {frame.height} x {len(PREDICTORS)}",
        {name: run(*asked) for name, asked in measured.items()},
        tuple(
            Peer("R: rms validate(cph)", 15, "cox_validate.R", ("rms",), turns=3, against=name)
            for name in measured
        ),
        numbers=lambda: [2.0 * fit.concordance - 1.0],
        cost=lambda: costs.validated(frame.height, frame.height, len(PREDICTORS)).times(
            COX_RESAMPLES
        ),
    )


def firth(folder: Path, quick: bool) -> Work:
    """Firth's logistic regression with tests and profile limits."""
    frame = firth_patients()
    columns = frame.columns[:-1]
    handed(folder, {"x": frame.select(columns).to_numpy(), "y": frame["y"].to_numpy()})
    formula = "y ~ " + " + ".join(columns)

    def run(_: int) -> pl.DataFrame:
        return vr.fit_logistic(formula, frame, estimator="firth").coefficients()

    def numbers() -> Any:
        return run(0).select("conf_low", "conf_high").to_numpy()[1:].ravel()

    return Work(
        "Firth logistic with profile limits, 1000 x 10",
        {"": run},
        (
            Peer("R: brglm2 and profiles", 10, "firth_profile.R", ("brglm2",), turns=10),
            Peer("firthmodels", 10, "firth_models.py", ("firthmodels",), turns=10),
        ),
        numbers=numbers,
        within=1e-3,  # a peer that stops early still agrees so far
        # the fit, then of each predictor a test and two limits, which start near their end
        cost=lambda: (
            costs.firth(frame.height, frame.width, costs.STEPS)
            + costs.firth(frame.height, frame.width, 2).times(3 * len(columns))
        ),
    )


def firth_patients() -> pl.DataFrame:
    """1000 patients, ten predictors, half of them yes or no, one event in six."""
    rng = np.random.default_rng(1)
    columns = rng.normal(size=(1000, 10))
    columns[:, 5:] = columns[:, 5:] > 0.8
    risk = 1.0 / (1.0 + np.exp(2.5 - columns @ np.linspace(-0.6, 0.8, 10)))
    named = {f"x{place}": values for place, values in enumerate(columns.T)}
    return pl.DataFrame({**named, "y": (rng.random(1000) < risk).astype(int)})
