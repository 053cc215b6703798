"""Tied event times in the partial likelihood: Breslow's and Efron's denominators.

Of d tied events the l-th (l = 0 to d - 1) has the denominator S - (l / d) D, where S is
the sum over the risk set and D the sum over the events. Breslow's is the case of one
term that weighs as much as all events together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vertebrisk._types import FloatArray, IntArray, Ties
from vertebrisk.kernels.survival.risk_sets import RiskSets


@dataclass(frozen=True, eq=False)
class TiedTerms:
    """Terms of the likelihood at each event time of each replicate.

    Attributes
    ----------
    weight : array, shape (replicates, g)
        What one term weighs; 0 where no event has any weight.
    number : int array, shape (replicates, g)
        How many terms there are; 1 where there is none.
    """

    weight: FloatArray
    number: IntArray

    @classmethod
    def of(
        cls, risk_sets: RiskSets, weights: FloatArray, counts: FloatArray, ties: Ties
    ) -> TiedTerms:
        """Terms for the weights of the events, and how many rows stand behind each.

        Both have shape (replicates, deaths).
        """
        return cls.counted(risk_sets.dying(weights), risk_sets.dying(counts), ties)

    @classmethod
    def counted(cls, total: FloatArray, counts: FloatArray, ties: Ties) -> TiedTerms:
        """Terms of event times whose events weigh so much together, and are so many.

        Both have shape (replicates, g).
        """
        if ties == "breslow":
            return cls.single(total)
        number = np.maximum(np.rint(counts).astype(np.int64), 1)
        return cls(total / number, number)

    @classmethod
    def single(cls, total: FloatArray) -> TiedTerms:
        """One term an event time, as Breslow's."""
        return cls(total, np.ones(total.shape, dtype=np.int64))

    def take(self, active: IntArray) -> TiedTerms:
        """Those of some replicates."""
        return TiedTerms(self.weight[active], self.number[active])

    @property
    def cell(self) -> IntArray:
        """Replicate and event time, as one flat position, of every term after the first."""
        return self._later_terms[0]

    @property
    def share(self) -> FloatArray:
        """Their l / d."""
        return self._later_terms[1]

    @cached_property
    def _later_terms(self) -> tuple[IntArray, FloatArray]:
        number = self.number.ravel()
        several = np.flatnonzero(number > 1)
        extra = number[several] - 1
        cell = np.repeat(several, extra)
        before = np.repeat(np.cumsum(extra) - extra, extra)
        share = (np.arange(cell.size) - before + 1.0) / (np.repeat(extra, extra) + 1.0)
        return cell, share

    @property
    def tied(self) -> bool:
        """True where any replicate has a second term at some event time."""
        return self.cell.size > 0

    def denominators(self, at_risk: FloatArray, dying: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Of the first terms, shape (replicates, g), and of all others."""
        first = np.where(self.weight > 0, np.maximum(at_risk, dying), 1.0)
        other = first.ravel()[self.cell] - self.share * dying.ravel()[self.cell]
        return first, other

    def rises(self, at_risk: FloatArray, dying: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Increments of the hazard, and what those who die are spared; see `Hazards`."""
        first, other = self.denominators(at_risk, dying)
        rest = 1.0 / other
        mass = self.weight.ravel()[self.cell]
        return self.spread(1.0 / first, rest), self.later(mass * (self.share * rest))

    def log_sum(self, at_risk: FloatArray, dying: FloatArray) -> FloatArray:
        """Logarithms of the denominators, weighted and summed for each replicate."""
        first, other = self.denominators(at_risk, dying)
        total = np.sum(self.weight * np.log(first), axis=1)
        if self.tied:
            rest = self.weight.ravel()[self.cell] * np.log(other)
            total += np.bincount(self.cell // first.shape[1], rest, minlength=first.shape[0])
        return np.asarray(total)

    def spread(self, first: FloatArray, other: FloatArray) -> FloatArray:
        """Weighted sum over the terms of each event time; `other` is that of the later terms."""
        total = self.weight * first
        if self.tied:
            total += self.later(self.weight.ravel()[self.cell] * other)
        return np.asarray(total)

    def later(self, other: FloatArray) -> FloatArray:
        """Sum over the later terms of each event time, of what they weigh already."""
        if not self.tied:
            return np.zeros_like(self.weight)
        total = np.bincount(self.cell, other, minlength=self.weight.size)
        return np.asarray(total.reshape(self.weight.shape))


@dataclass(frozen=True, slots=True, eq=False)
class Hazards:
    """Sums over the terms of each event time, shape (replicates, g) each.

    With denominators phi and shares f = l / d: `increment` is the sum of 1 / phi, by
    which the baseline cumulative hazard rises; `returned` that of f / phi, which those
    who die are given back; `square`, `cross`, `own` those of 1 / phi^2, f / phi^2 and
    f^2 / phi^2.
    """

    increment: FloatArray
    returned: FloatArray
    square: FloatArray
    cross: FloatArray
    own: FloatArray

    @classmethod
    def of(cls, terms: TiedTerms, at_risk: FloatArray, dying: FloatArray) -> Hazards:
        """Sums for given sums over the risk sets and over the events."""
        first, other = terms.denominators(at_risk, dying)
        one, rest, f = 1.0 / first, 1.0 / other, terms.share
        mass = terms.weight.ravel()[terms.cell]
        return cls(
            increment=terms.spread(one, rest),
            returned=terms.later(mass * (f * rest)),
            square=terms.spread(one**2, rest**2),
            cross=terms.later(mass * (f * rest**2)),
            own=terms.later(mass * (f * rest) ** 2),
        )

    def take(self, part: slice) -> Hazards:
        """Those of some replicates."""
        return self._part((part,))

    def between(self, part: slice) -> Hazards:
        """Those of some event times."""
        return self._part((slice(None), part))

    def _part(self, part: tuple[slice, ...]) -> Hazards:
        return Hazards(
            self.increment[part],
            self.returned[part],
            self.square[part],
            self.cross[part],
            self.own[part],
        )
