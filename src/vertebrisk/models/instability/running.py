"""Instability of a fit: its procedure repeated on resamples, and scored on all its patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import as_thresholds
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import ArgumentError
from vertebrisk.models.development import Development
from vertebrisk.models.instability.patients import Patients
from vertebrisk.models.validating.plan import ResamplePlan
from vertebrisk.validation.instability import (
    Instability,
    Repeated,
    Scores,
    summarised_instability,
)
from vertebrisk.validation.resampling import BATCH, worked


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a caller asks for; see `Fitted.instability`."""

    resamples: int
    seed: int
    thresholds: ArrayLike | None
    fixed: bool
    indices: IntArray | None
    level: float
    progress: Callable[[int], None] | None

    def plan(
        self, size: int, clusters: IntArray | None, apart: BoolArray | None = None
    ) -> ResamplePlan:
        """The resamples, checked; see `ResamplePlan`."""
        return ResamplePlan.of(
            size, clusters, self.resamples, self.seed, self.indices, self.level, apart
        )

    def repeated(
        self, plan: ResamplePlan, patients: Patients, risk: FloatArray, *, held: bool
    ) -> Repeated:
        """How the models are made; `risk` is that of the final model."""
        return Repeated(
            procedure="model held fixed" if held else "whole procedure",
            seed=plan.seed if plan.random else None,
            level=plan.level,
            horizon=patients.horizon,
            thresholds=decision_thresholds(self.thresholds, risk),
            curve_thresholds=patients.thresholds,
        )


def decision_thresholds(asked: ArrayLike | None, risk: FloatArray) -> tuple[float, ...]:
    """Where decisions are taken: as asked, or at the mean risk, rounded to a hundredth."""
    if asked is None:
        return (float(np.clip(np.round(risk.mean(), 2), 0.01, 0.99)),)
    return tuple(as_thresholds(asked).tolist())


def instability_of(
    patients: Patients,
    development: Development,
    chosen: BoolArray,
    asked: Asked,
) -> Instability:
    """Repeat the procedure on resamples, and let every model score the patients.

    Parameters
    ----------
    patients : Patients
    development : Development
        What is repeated.
    chosen : bool array
        Its terms in the final model.
    asked : Asked
    """
    size = patients.event.size
    plan = asked.plan(size, patients.clusters, patients.apart)
    original = patients.original()
    held = asked.fixed or not (development.chooses or development.likelihood.tunes)
    repeated = asked.repeated(plan, patients, original.risk, held=held)
    final = chosen
    if asked.fixed:
        development, final = development.held(chosen), np.ones(int(chosen.sum()), np.bool_)

    def work(weights: FloatArray) -> Scores:
        return patients.scores(development(weights, final), weights)

    parts = worked(work, plan.draw, plan.resamples, size, asked.progress, BATCH)
    return summarised_instability(Scores.joined(parts), original, repeated)


def no_horizon(horizon: float | None) -> None:
    """A binary outcome has none.

    Raises
    ------
    ArgumentError
        One is given.
    """
    if horizon is not None:
        raise ArgumentError(
            f"horizon is {horizon!r}, but the outcome is binary and its risk has no horizon; "
            "leave it out."
        )
