"""Peaks of the likelihoods, from which profile limits are sought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tests.simulation.scenarios import Cohort

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.firth.climbing import Point, inverses
from vertebrisk.kernels.firth.cox import FirthProblem
from vertebrisk.kernels.firth.problem import Problem, Unpenalised
from vertebrisk.kernels.firth.profiles import Peak


@dataclass(frozen=True, slots=True, eq=False)
class PlainCox:
    """The partial likelihood of a Cox model, whose profiles the product does not take.

    `penalised` holds the patients.
    """

    penalised: FirthProblem

    @property
    def full(self) -> BoolArray:
        """See `Objective.full`."""
        return self.penalised.full

    def take(self, active: IntArray) -> PlainCox:
        """See `Objective.take`."""
        return PlainCox(self.penalised.take(active))

    def at(self, beta: FloatArray) -> Point:
        """See `Objective.at`."""
        plain = self.penalised.plain
        eta = plain.eta(beta)
        gradient, information = plain.derivatives(eta)
        return Point(plain.likelihood(eta), gradient, information, inverses(information, self.full))


def peak(cohort: Cohort, beta: FloatArray, intercept: float, *, penalised: bool) -> Peak:
    """That of a data set's estimate."""
    size = beta.size
    everyone = np.ones((1, cohort.event.size))
    if cohort.scenario.kind == "cox":
        use = np.ones((1, size), dtype=np.bool_)
        partial = FirthProblem.of(cohort.columns, cohort.times, everyone, "efron", use)
        assert partial is not None
        sought = partial if penalised else PlainCox(partial)
        return Peak.of(sought, beta * partial.scale, partial.scale)
    problem = Problem.of(with_ones(cohort.columns), cohort.outcome, everyone)
    own = np.concatenate([[intercept], beta])
    scaled = np.asarray(np.linalg.solve(problem.scaling.back(), own))
    return Peak.of(problem if penalised else Unpenalised(problem), scaled, problem.scaling.scale)


def with_ones(columns: FloatArray) -> FloatArray:
    """The intercept's column before the others."""
    return np.column_stack([np.ones(columns.shape[0]), columns])
