"""Likelihoods without a penalty, as the search for profile limits asks for them.

The product takes the profile limits of maximum likelihood one by one, and of a Cox model not at
all; here they are sought together, by the same search as those of Firth's likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.firth.climbing import Objective, Point
from vertebrisk.kernels.firth.cox import FirthProblem
from vertebrisk.kernels.firth.logistic import Problem
from vertebrisk.kernels.newton import log_likelihood
from vertebrisk.kernels.steps import unpacked


@dataclass(frozen=True, slots=True, eq=False)
class PlainLogistic:
    """The likelihood of a logistic model; `penalised` holds its patients."""

    penalised: Problem

    @property
    def full(self) -> BoolArray:
        """See `Objective.full`."""
        return self.penalised.full

    def take(self, active: IntArray) -> PlainLogistic:
        """See `Objective.take`."""
        return PlainLogistic(self.penalised.take(active))

    def at(self, beta: FloatArray) -> Point:
        """See `Objective.at`."""
        own = self.penalised
        eta = beta @ own.design.T
        risk = 0.5 * (1.0 + np.tanh(0.5 * eta))
        gradient = (own.weights * (own.target - risk)) @ own.design
        packed = (own.weights * risk * (1.0 - risk)) @ own.products
        information = unpacked(packed, own.design.shape[1])
        return Point(log_likelihood(eta, own.target, own.weights), gradient, information)


@dataclass(frozen=True, slots=True, eq=False)
class PlainCox:
    """The partial likelihood of a Cox model; `penalised` holds its patients."""

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
        return Point(plain.likelihood(eta), gradient, information)


def plain(problem: Problem | FirthProblem) -> Objective:
    """The same likelihood without its penalty."""
    if isinstance(problem, FirthProblem):
        return PlainCox(problem)
    return PlainLogistic(problem)
