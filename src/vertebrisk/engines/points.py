"""A partial likelihood of many patients that is known at points.

What stands for the linear predictors of a point is the point itself, and the last points are
remembered.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Self

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.streamed.centring import Centring
from vertebrisk.kernels.survival.maximum import FARTHEST, largest_change

RESTED = 1e-21  # squared step for each event that changes no digit of the information that counts


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """The likelihood at some coefficients."""

    beta: FloatArray
    log_likelihood: float
    gradient: FloatArray
    information: FloatArray
    squares: FloatArray


class Passes(ABC):
    """What Newton's method asks for, of one replicate; see `maximum.Likelihood`.

    Coefficients are those of covariates in spreads about a centre.

    Attributes
    ----------
    centring : Centring
        Events, and centre and spread of the covariates.
    weights : array, shape (1, 1)
    mask : bool array, shape (1, p)
    known : list of Point
        The last that were looked at.
    """

    __slots__ = ()

    centring: Centring
    weights: FloatArray
    mask: BoolArray
    known: list[Point]

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of patients."""

    @property
    @abstractmethod
    def aim(self) -> float:
        """Decrement down to which the covariance of a part of the patients leads."""

    @abstractmethod
    def thinned(self, step: int) -> Passes:
        """The likelihood of one patient in so many."""

    @abstractmethod
    def gradient(self, beta: FloatArray) -> FloatArray:
        """Gradient alone."""

    @abstractmethod
    def null(self) -> FloatArray:
        """Log-likelihood without covariates, which are not read."""

    @abstractmethod
    def look(self, beta: FloatArray) -> Point:
        """The likelihood with its derivatives."""

    @abstractmethod
    def runs_away(self, step: FloatArray, gain: FloatArray, *, nearly: bool = False) -> BoolArray:
        """See `maximum.Likelihood`."""

    @abstractmethod
    def moved(self, beta: FloatArray, before: FloatArray) -> float:
        """Largest change of a linear predictor, as far as hazards tell it."""

    @property
    def rested(self) -> float:
        """Decrement of a step that changes nothing."""
        return RESTED * self.centring.events

    def at(self, beta: FloatArray) -> Point:
        """The likelihood with its derivatives, looked at once."""
        for point in self.known:
            if np.array_equal(point.beta, beta):
                return point
        found = self.look(beta)
        self.known[:] = [*self.known[-1:], found]
        return found

    def take(self, active: IntArray) -> Self:
        """There is one replicate."""
        return self

    def eta(self, beta: FloatArray) -> FloatArray:
        """The point itself."""
        return beta.copy()

    def apart(self, eta: FloatArray, before: FloatArray) -> FloatArray:
        """See `maximum.Likelihood`; of a short way the change of the point itself is enough."""
        change = largest_change(eta, before)
        return change if change[0] <= FARTHEST else np.array([self.moved(eta[0], before[0])])

    def likelihood(self, eta: FloatArray) -> FloatArray:
        """See `maximum.Likelihood`."""
        return np.array([self.at(eta[0]).log_likelihood])

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `maximum.Likelihood`."""
        point = self.at(eta[0])
        return point.gradient[None].copy(), point.information[None].copy()

    def squares(self, eta: FloatArray) -> FloatArray:
        """See `maximum.Likelihood`."""
        return self.at(eta[0]).squares[None]
