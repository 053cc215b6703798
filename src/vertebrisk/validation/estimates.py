"""From every resample's own numbers, or every repeat's, to an estimate of each measure.

What is measured is not known here: a measure is a key, such as "slope" or "brier@0" (that of
the first horizon), and its values by resample. So one mechanism serves every kind of model.

References
----------
Harrell et al. 1996 and Steyerberg et al. 2001, doi:10.1016/S0895-4356(01)00341-9 (optimism).
Efron and Tibshirani 1997, doi:10.1080/01621459.1997.10474007 (.632, .632+).
Noma H et al. 2021, doi:10.1002/sim.9148 (intervals).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
import polars as pl

from vertebrisk._types import CorrectedInterval, FloatArray, ValidationMethod
from vertebrisk.validation.decision import corrected_curve
from vertebrisk.validation.measures import ERRORS
from vertebrisk.validation.resampling import Replicates
from vertebrisk.validation.results import DecisionCurve

if TYPE_CHECKING:
    from vertebrisk.validation.left_out import Pooled

HELD = 0.632  # share of the patients whom a resample holds
CONSTANT_HAS = ("brier",)  # what a model that gives everyone one risk can be measured by
LEFT_OUT = ("632", "632+")  # methods that test on those whom a resample left out
TABLE_SCHEMA = {
    "measure": pl.String,
    "apparent": pl.Float64,
    "training": pl.Float64,
    "test": pl.Float64,
    "optimism": pl.Float64,
    "corrected": pl.Float64,
    "conf_low": pl.Float64,
    "conf_high": pl.Float64,
    "mc_error": pl.Float64,
    "n_resamples": pl.Int64,
}

Row: TypeAlias = tuple[str | float | int | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of the measures before any resample.

    Attributes
    ----------
    apparent : mapping
        Apparent value by key.
    constant : bool
        True where the model gives everyone the same risk, so that most measures mean nothing.
    finite : collection of str
        Measures that only models with a finite estimate have.
    nothing : mapping
        What a measure would be if the outcome did not depend on the risks, by key; a measure
        without an entry has no .632+.
    """

    apparent: Mapping[str, float]
    constant: bool
    finite: Collection[str]
    nothing: Mapping[str, float] = field(default_factory=dict)

    def meaningless(self, key: str) -> bool:
        """True where the measure means nothing for this model."""
        return self.constant and word_of(key) not in CONSTANT_HAS


class Estimates(Protocol):
    """Estimates of one method, by whatever was left out."""

    @property
    def models(self) -> Replicates:
        """The models that were developed."""
        ...

    def row(self, key: str) -> Row:
        """Row of one measure, of `TABLE_SCHEMA`."""
        ...

    def curve(self, own: FloatArray, place: int | None = None) -> FloatArray:
        """Corrected calibration curve from the apparent one, shape (positions,).

        `place` is that of the horizon where there are several; NaN where nothing is known.
        """
        ...

    def decision(
        self, thresholds: FloatArray, own: tuple[FloatArray, float], place: int | None = None
    ) -> DecisionCurve | None:
        """Decision curve from the apparent net benefit and the share of events."""
        ...


def word_of(key: str) -> str:
    """The measure that a key names, without its horizon."""
    return key.partition("@")[0]


def plus_estimate(apparent: float, test: float, nothing: float) -> tuple[float, float]:
    """Efron and Tibshirani's .632+ of one measure, and how fast it moves with `test`.

    The rate of overfitting is the loss from `apparent` to `test` as a share of that to
    `nothing`, the value without information; 0 where there is no loss, 1 where all is lost.
    """
    possible = apparent - nothing
    rate = (apparent - test) / possible if possible != 0.0 else 0.0
    if rate >= 1.0:
        return nothing, 0.0
    rate = max(rate, 0.0)
    weight = HELD / (1.0 - (1.0 - HELD) * rate)
    return (1.0 - weight) * apparent + weight * test, weight / (1.0 - (1.0 - HELD) * rate)


@dataclass(frozen=True, slots=True, eq=False)
class ByResamples:
    """Optimism, simple, .632 or .632+ bootstrap of the same kind of replicates.

    The .632 and .632+ correct no ICI, E50, E90 and Emax, and the latter, which weighs single
    measures, no curve.
    """

    models: Replicates
    known: Known
    method: ValidationMethod
    level: float
    interval: CorrectedInterval = "percentile"

    def row(self, key: str) -> Row:
        """See `Estimates.row`."""
        training, test = self.models.training[key], self.models.test[key]
        use = self.models.usable & np.isfinite(training) & np.isfinite(test)
        if word_of(key) in self.known.finite:
            use &= ~self.models.separated
        count, value = int(use.sum()), self.known.apparent[key]
        if count == 0 or self.known.meaningless(key) or self._unknown(key):
            return empty_row(key, value)
        inside, outside = training[use], test[use]
        optimism, corrected, spread = self._corrected(key, inside, outside)
        low = high = None
        # left-out patients are fewer than all: their spread is no interval
        if count > 1 and (np.ptp(inside) > 0.0 or self.method not in LEFT_OUT):
            low, high = self._limits(inside, outside, value, corrected)
        if word_of(key) in ERRORS:  # distances, whose correction may lead below none
            corrected = max(corrected, 0.0)
            low, high = (None if end is None else max(end, 0.0) for end in (low, high))
        return (
            word_of(key),
            value,
            float(inside.mean()),
            float(outside.mean()),
            optimism,
            corrected,
            low,
            high,
            spread / float(np.sqrt(count)) if count > 1 else None,
            count,
        )

    def _limits(
        self, training: FloatArray, test: FloatArray, value: float, corrected: float
    ) -> tuple[float, float]:
        """Percentiles of the measure in training, moved.

        Noma's location-shifted interval is moved by the optimism. A resample's own measure lies
        above the apparent one by about the optimism again, so the other is moved until its mean
        is the corrected value. Intercept and slope are constant in training; theirs are the
        percentiles of the resamples' models on the original patients.
        """
        tail = (1.0 - self.level) / 2.0
        if np.ptp(training) == 0.0:
            low, high = np.quantile(test, (tail, 1.0 - tail))
        else:
            own = value if self.interval == "location-shifted" else training.mean()
            low, high = np.quantile(training, (tail, 1.0 - tail)) - own + corrected
        return float(low), float(high)

    def _unknown(self, key: str) -> bool:
        if self.method not in LEFT_OUT:
            return False
        lacking = self.method == "632+" and key not in self.known.nothing
        # a curve through the few left out is mostly noise
        return word_of(key) in ERRORS or lacking

    def _corrected(
        self, key: str, training: FloatArray, test: FloatArray
    ) -> tuple[float, float, float]:
        """Optimism, corrected value, and its standard deviation by resample."""
        value = self.known.apparent[key]
        if self.method == "optimism-bootstrap":
            loss = training - test
            mean = float(loss.mean())
            return mean, value - mean, _deviation(loss)
        outside, rate = float(test.mean()), self._weight
        corrected = (1.0 - rate) * value + rate * outside
        if self.method == "632+":
            corrected, rate = plus_estimate(value, outside, self.known.nothing[key])
        return value - corrected, corrected, rate * _deviation(test)

    @property
    def _weight(self) -> float:
        return 1.0 if self.method == "simple-bootstrap" else HELD

    def curve(self, own: FloatArray, place: int | None = None) -> FloatArray:
        """See `Estimates.curve`."""
        if self.method == "632+":
            return np.full_like(own, np.nan)
        use = self.models.usable
        test = at_place(self.models.test_curves, place)[use]
        if self.method == "optimism-bootstrap":
            return own - known_mean(at_place(self.models.training_curves, place)[use] - test)
        return (1.0 - self._weight) * own + self._weight * known_mean(test)

    def decision(
        self, thresholds: FloatArray, own: tuple[FloatArray, float], place: int | None = None
    ) -> DecisionCurve | None:
        """See `Estimates.decision`."""
        if thresholds.size == 0 or self.method == "632+":
            return None
        use = self.models.usable
        training = at_place(self.models.training_benefit, place)[use]
        test = at_place(self.models.test_benefit, place)[use]
        if self.method != "optimism-bootstrap":  # benefits with the optimism that it takes off
            test = training - self._weight * (own[0] - known_mean(test))
        shares = self.models.prevalence if place is None else self.models.prevalence[:, place]
        benefits = training, test
        return corrected_curve(thresholds, own, benefits, shares[use], self.level, self.interval)


@dataclass(frozen=True, slots=True, eq=False)
class ByRepeats:
    """Cross-validation or leave-one-out: means over the repeats, without intervals."""

    models: Replicates
    pooled: Pooled
    known: Known

    def row(self, key: str) -> Row:
        """See `Estimates.row`."""
        test, value = self.pooled.measures[key], self.known.apparent[key]
        test = test[np.isfinite(test)]
        if test.size == 0 or self.known.meaningless(key):
            return empty_row(key, value)
        mean = float(test.mean())
        error = _deviation(test) / float(np.sqrt(test.size)) if test.size > 1 else None
        optimism = value - mean
        return (word_of(key), value, None, mean, optimism, mean, None, None, error, test.size)

    def curve(self, own: FloatArray, place: int | None = None) -> FloatArray:
        """See `Estimates.curve`."""
        return known_mean(at_place(self.pooled.curves, place))

    def decision(
        self, thresholds: FloatArray, own: tuple[FloatArray, float], place: int | None = None
    ) -> DecisionCurve | None:
        """See `Estimates.decision`."""
        if thresholds.size == 0:
            return None
        benefit, share = own
        found = at_place(self.pooled.benefit, place)
        found = found[np.isfinite(found).any(axis=1)]
        curve = corrected_curve(
            thresholds,
            own,
            (np.broadcast_to(benefit, found.shape), found),
            np.full(max(found.shape[0], 1), share),
            0.95,
        )
        limits = [pl.lit(None, pl.Float64).alias(name) for name in ("conf_low", "conf_high")]
        return DecisionCurve(curve.frame.with_columns(limits), share)


def empty_row(key: str, value: float) -> Row:
    """Row of a measure of which only the apparent value is known."""
    return (word_of(key), value, None, None, None, None, None, None, None, 0)


def at_place(values: FloatArray, place: int | None) -> FloatArray:
    """Values of one horizon, where the second axis holds several."""
    return values if place is None else np.asarray(values[:, place])


def known_mean(values: FloatArray) -> FloatArray:
    """Mean of each column over the rows that know it; NaN where none does."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _deviation(values: FloatArray) -> float:
    return float(values.std(ddof=1)) if values.size > 1 else 0.0
