"""Rows of the table with a million patients, and what each must read and compute at the least."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import costs
import numpy as np
import polars as pl
from resampling import switch
from turns import Peer, Work, handed

import vertebrisk as vr
from vertebrisk.kernels import compiled

PREDICTORS = 20


class Invented:
    """Patients with numbers, one event in five, and a time of follow-up with ties (days).

    Attributes
    ----------
    x : array, shape (n, p)
    event, time, score : array, shape (n,)
    """

    def __init__(self, size: int, predictors: int = PREDICTORS) -> None:
        rng = np.random.default_rng(1)
        self.x = rng.normal(size=(size, predictors))
        self.x[:, predictors // 2 :] = self.x[:, predictors // 2 :] > 0.5
        effect = self.x @ np.linspace(-0.3, 0.4, predictors)
        self.score = effect + rng.normal(size=size)
        self.event = rng.random(size) < 1.0 / (1.0 + np.exp(1.9 - effect))
        self.time = np.ceil(rng.exponential(2500.0 * np.exp(-effect / 2.0))).clip(1.0, 3650.0)

    @property
    def names(self) -> list[str]:
        """Names of the predictors."""
        return [f"x{place}" for place in range(self.x.shape[1])]

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The patients as a table."""
        columns: dict[str, Any] = dict(zip(self.names, self.x.T, strict=True))
        return pl.DataFrame({**columns, "event": self.event, "time": self.time})


def patients(quick: bool) -> int:
    return 50_000 if quick else 1_000_000


def size_said(size: int, predictors: int = PREDICTORS) -> str:
    return f"{size:,} x {predictors}"


def logistic(folder: Path, quick: bool) -> Work:
    """Logistic regression with standard errors."""
    data = Invented(patients(quick))
    handed(folder, {"x": data.x, "y": data.event})
    fit = logistic_run("event ~ " + " + ".join(data.names), data.frame)

    def run(kind: str) -> Callable[[int], pl.DataFrame]:
        def once(turn: int) -> pl.DataFrame:
            switch(kind)
            return fit(turn)

        return once

    def numbers() -> Any:
        table = fit(0)
        return np.concatenate([table["estimate"].to_numpy(), table["std_error"].to_numpy()])

    kinds = ("NumPy", "compiled") if compiled.available() else ("NumPy",)
    return Work(
        f"logistic, {size_said(data.event.size)}, with standard errors",
        {kind: run(kind) for kind in kinds},
        tuple(peer for kind in kinds for peer in logistic_peers(kind)),
        numbers=numbers,
        cost=lambda: costs.newton(
            data.event.size, PREDICTORS + 1, LOGISTIC_STEPS, from_memory=True
        ),
    )


def logistic_peers(kind: str) -> tuple[Peer, ...]:
    return (
        Peer("R: rms lrm.fit", 8, "logistic_lrm.R", ("rms",), turns=3, against=kind),
        Peer("glum", 3, "logistic_glum.py", ("glum",), against=kind),
        Peer("scikit-learn newton-cholesky", 4, "logistic_sklearn.py", ("sklearn",), against=kind),
    )


LOGISTIC_STEPS = 2  # a start from a part of the patients needs at least one step, and its check


def logistic_run(formula: str, frame: pl.DataFrame) -> Callable[[int], pl.DataFrame]:
    return lambda _: vr.fit_logistic(formula, frame).coefficients()


def cox(folder: Path, quick: bool) -> Work:
    """Cox regression, Efron's ties."""
    data = Invented(patients(quick))
    handed(folder, {"x": data.x, "event": data.event, "time": data.time})
    run = cox_run("Surv(time, event) ~ " + " + ".join(data.names), data.frame)

    def numbers() -> Any:
        table = run(0)
        return np.concatenate([table["estimate"].to_numpy(), table["std_error"].to_numpy()])

    share = 0.05
    return Work(
        f"Cox, {size_said(data.event.size)}, Efron",
        {"": run},
        (
            Peer("R: survival coxph", 10, "cox_coxph.R", ("survival",)),
            Peer(
                "scikit-survival",
                30,
                "cox_sksurv.py",
                ("sksurv",),
                arguments=(str(share),),
                share=share,
                said=f"{share:.0%} of the patients",
            ),
        ),
        numbers=numbers,
        cost=lambda: costs.newton(data.event.size, PREDICTORS, COX_STEPS, from_memory=True),
    )


COX_STEPS = 1  # the information is needed once; gradients that lead there cost little beside it


def cox_run(formula: str, frame: pl.DataFrame) -> Callable[[int], pl.DataFrame]:
    return lambda _: vr.fit_cox(formula, frame, ties="efron").coefficients()


def concordance(folder: Path, quick: bool) -> Work:
    """Harrell's C with its standard error."""
    data = Invented(patients(quick), predictors=2)
    handed(folder, {"time": data.time, "event": data.event, "score": data.score})
    run = concordance_run(data)

    def numbers() -> Any:
        found = run(0)
        return [found.estimate, found.std_error]

    return Work(
        f"Harrell's C, {data.event.size:,}",
        {"": run},
        (Peer("R: survival concordance", 15, "concordance.R", ("survival",), turns=3),),
        numbers=numbers,
        cost=lambda: costs.ordered(data.event.size, columns=3, orders=2),
    )


def concordance_run(data: Invented) -> Callable[[int], Any]:
    """Counting pairs is compiled here, if no earlier process left it in the cache."""
    compiled.usable("pairs", compiled.COMPILING_PAYS)
    return lambda _: vr.concordance(data.time, data.event, data.score)


def auc(folder: Path, quick: bool) -> Work:
    """Area under the ROC curve with DeLong's interval."""
    data = Invented(patients(quick), predictors=2)
    handed(folder, {"event": data.event, "score": data.score})
    run = auc_run(data)

    def numbers() -> Any:
        found = run(0)
        return [found.estimate, found.conf_low, found.conf_high]

    return Work(
        f"AUC with DeLong interval, {data.event.size:,}",
        {"": run},
        (Peer("R: pROC", 10, "auc_proc.R", ("pROC",), turns=5),),
        numbers=numbers,
        cost=lambda: costs.ordered(data.event.size, columns=2, orders=1),
    )


def auc_run(data: Invented) -> Callable[[int], Any]:
    return lambda _: vr.roc_auc(data.event, data.score)
