"""How a pooled model is measured on completed tables, for either kind of outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.special import expit

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.models.imputation.developing import PooledModel
from vertebrisk.models.imputation.outcomes import nelson_aalen
from vertebrisk.models.likelihoods import BinaryLikelihood, Likelihood, PartialLikelihood
from vertebrisk.models.survival.validating import CoxMeasures
from vertebrisk.validation.compiled import Unsorted
from vertebrisk.validation.left_out import (
    FoldScores,
    Pooled,
    as_developed,
    fold_scores,
    laid_out,
    measured_once,
    no_scores,
)
from vertebrisk.validation.no_information import no_information_of
from vertebrisk.validation.resampling import (
    Apparent,
    Replicates,
    apparent_performance,
    measured_in_passes,
    parted,
)
from vertebrisk.validation.results import Validation
from vertebrisk.validation.summary import ValidationSettings, summarise
from vertebrisk.validation.survival import resampling as timed
from vertebrisk.validation.survival.decision import incidence_by
from vertebrisk.validation.survival.left_out import TimedFolds
from vertebrisk.validation.survival.smoothing import SMOOTHER
from vertebrisk.validation.survival.summary import summarise_timed


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """Measures by name, curve and net benefit, each the mean over the tables."""

    measures: dict[str, float]
    curve: FloatArray
    benefit: FloatArray


class Measured(Protocol):
    """Patients with their outcome, on whom models are measured."""

    @property
    def likelihood(self) -> Likelihood:
        """Their outcome."""
        ...

    def teach(self, rows: IntArray) -> bool:
        """True if a model can be made from some of the patients, for all of them."""
        ...

    def test(self, rows: IntArray) -> bool:
        """True if models can be measured on some of the patients."""
        ...

    def take(self, rows: IntArray) -> Measured:
        """Some of the patients, who may repeat."""
        ...

    def known(self) -> FloatArray:
        """What an imputation knows of the outcome, shape (n, k)."""
        ...

    def baseline(self, model: PooledModel, tables: FloatArray) -> FloatArray:
        """What a risk needs beside the coefficients, learnt from these patients."""
        ...

    def performance(
        self, model: PooledModel, baseline: FloatArray, tables: FloatArray, *, refit: bool
    ) -> Performance:
        """Of a model on these patients' tables, shape (tables, n, columns)."""
        ...

    def share(self) -> FloatArray:
        """Share with the event, at every horizon."""
        ...

    def fold(
        self,
        model: PooledModel | None,
        baseline: FloatArray,
        tables: FloatArray,
        weights: FloatArray,
    ) -> FoldScores:
        """Scores in each table of whom a model, None if none could be made, left out.

        `tables` are those of all patients, and `weights`, shape (n,), 0 for the left-out.
        """
        ...

    def measured_once(self, parts: Sequence[FoldScores], repeat: IntArray) -> Pooled:
        """Measures of each repeat, means over the tables; `repeat` is that of each model."""
        ...

    def nothing(
        self, model: PooledModel, baseline: FloatArray, tables: FloatArray, apparent: Performance
    ) -> dict[str, float]:
        """What measures would be if the outcome did not depend on the model."""
        ...

    def summarised(
        self,
        replicates: Replicates,
        apparent: Performance,
        nothing: dict[str, float],
        settings: ValidationSettings,
        pooled: Pooled | None,
    ) -> Validation:
        """The validation, from every resample's own numbers, or every repeat's."""
        ...


def _by_table(repeat: IntArray, tables: int) -> IntArray:
    """Repeat of each table of each model: every table is followed through a repeat."""
    return np.asarray(repeat[:, None] * tables + np.arange(tables)).ravel()


def _averaged(
    measures: dict[str, FloatArray], curves: FloatArray, benefit: FloatArray
) -> Performance:
    return Performance(
        {name: float(values.mean()) for name, values in measures.items()},
        curves.mean(axis=0),
        benefit.mean(axis=0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class BinaryPatients:
    """Patients with and without an event.

    Attributes
    ----------
    event : array, shape (n,)
    thresholds : array
    apparent : Apparent
        The final model on all patients, each at his mean linear predictor over the tables.
    """

    event: FloatArray
    thresholds: FloatArray
    apparent: Apparent

    @classmethod
    def of(cls, event: FloatArray, thresholds: FloatArray, linear: FloatArray) -> BinaryPatients:
        """All patients, with the final model's mean linear predictor, shape (n,)."""
        return cls(event, thresholds, apparent_performance(linear, event > 0.5))

    @property
    def likelihood(self) -> BinaryLikelihood:
        """See `Measured.likelihood`."""
        return BinaryLikelihood(self.event)

    def teach(self, rows: IntArray) -> bool:
        """See `Measured.teach`."""
        return bool(np.ptp(self.event[rows]) > 0) if rows.size else False

    def test(self, rows: IntArray) -> bool:
        """See `Measured.test`."""
        return self.teach(rows)

    def take(self, rows: IntArray) -> BinaryPatients:
        """See `Measured.take`."""
        return replace(self, event=self.event[rows])

    def known(self) -> FloatArray:
        """The event; see `Measured.known`."""
        return self.event[:, None]

    def baseline(self, model: PooledModel, tables: FloatArray) -> FloatArray:
        """None; see `Measured.baseline`."""
        return np.empty(0)

    def performance(
        self, model: PooledModel, baseline: FloatArray, tables: FloatArray, *, refit: bool
    ) -> Performance:
        """See `Measured.performance`."""
        linear = model.beta[0] + tables @ model.beta[1:]
        count = tables.shape[0]
        unsorted = Unsorted(
            linear,
            np.ones_like(linear),
            np.broadcast_to(self.event, linear.shape),
            np.zeros(count, dtype=np.bool_),
            np.zeros_like(linear),
        )
        grid = self.apparent.grid
        found = measured_in_passes(unsorted, grid, self.thresholds, refit=refit)
        if refit:
            apart = parted(as_developed(linear), np.ones((1, linear.shape[1])), self.event)
            found[0]["intercept"][apart] = found[0]["slope"][apart] = np.nan
        return _averaged(*found)

    def share(self) -> FloatArray:
        """See `Measured.share`."""
        return np.asarray(self.event.mean())

    def fold(
        self,
        model: PooledModel | None,
        baseline: FloatArray,
        tables: FloatArray,
        weights: FloatArray,
    ) -> FoldScores:
        """See `Measured.fold`."""
        held = np.broadcast_to(weights, tables.shape[:2])
        if model is None:
            return no_scores(held, 1, 1)
        linear = model.beta[0] + tables @ model.beta[1:]
        return fold_scores(as_developed(linear), held, self.event)

    def measured_once(self, parts: Sequence[FoldScores], repeat: IntArray) -> Pooled:
        """See `Measured.measured_once`."""
        tables = parts[0].usable.size
        own = _by_table(repeat, tables)
        left = laid_out(parts, own, self.event)
        return measured_once(left, own, self.apparent, self.thresholds).averaged(tables)

    def nothing(
        self, model: PooledModel, baseline: FloatArray, tables: FloatArray, apparent: Performance
    ) -> dict[str, float]:
        """See `Measured.nothing`."""
        risk = expit(model.beta[0] + tables @ model.beta[1:])
        return no_information_of(float(self.event.mean()), risk, np.ones_like(risk))

    def summarised(
        self,
        replicates: Replicates,
        apparent: Performance,
        nothing: dict[str, float],
        settings: ValidationSettings,
        pooled: Pooled | None,
    ) -> Validation:
        """See `Measured.summarised`."""
        whole = replace(self.apparent, measures=apparent.measures, curve=apparent.curve)
        return summarise(replicates, whole, self.thresholds, settings, pooled, nothing)


@dataclass(frozen=True, slots=True, eq=False)
class FollowedPatients:
    """Patients followed to an event; the baseline of a model is pooled over its tables.

    Attributes
    ----------
    likelihood : PartialLikelihood
    outcome : FollowedOutcome
        With the horizons at which risks are measured.
    grid : array, shape (horizons, positions)
        Of the calibration curves.
    linear : array, shape (n,)
        Mean linear predictor of all patients under the final model.
    """

    likelihood: PartialLikelihood
    outcome: timed.FollowedOutcome
    grid: FloatArray
    linear: FloatArray

    @classmethod
    def of(
        cls, likelihood: PartialLikelihood, outcome: timed.FollowedOutcome, linear: FloatArray
    ) -> FollowedPatients:
        """All patients, with the final model's mean linear predictor, shape (n,)."""
        apparent = timed.apparent_performance(CoxMeasures(likelihood), outcome, linear)
        return cls(likelihood, outcome, apparent.grid, linear)

    def teach(self, rows: IntArray) -> bool:
        """An event, and a patient of every stratum; see `Measured.teach`."""
        strata = self.likelihood.times.groups
        return self.test(rows) and np.unique(strata[rows]).size == np.unique(strata).size

    def test(self, rows: IntArray) -> bool:
        """See `Measured.test`."""
        return bool(self.likelihood.times.event[rows].any())

    def take(self, rows: IntArray) -> FollowedPatients:
        """See `Measured.take`."""
        times = self.likelihood.times.take(rows)
        outcome = replace(
            self.outcome, exit=self.outcome.exit[rows], status=self.outcome.status[rows]
        )
        return replace(self, likelihood=replace(self.likelihood, times=times), outcome=outcome)

    def known(self) -> FloatArray:
        """Event and Nelson-Aalen hazard; see `Measured.known`."""
        times = self.likelihood.times
        return np.column_stack([times.event.astype(np.float64), nelson_aalen(times)])

    def baseline(self, model: PooledModel, tables: FloatArray) -> FloatArray:
        """Logarithms of the cumulative hazard by stratum and horizon, shape (1, strata, h)."""
        return self._log_hazards(model, tables, self.outcome.horizons)

    def at(self, model: PooledModel, tables: FloatArray, horizons: FloatArray) -> FloatArray:
        """The same at other horizons."""
        return self._log_hazards(model, tables, horizons)

    def _log_hazards(
        self, model: PooledModel, tables: FloatArray, horizons: FloatArray
    ) -> FloatArray:
        everyone = np.ones((1, tables.shape[1]))
        own = CoxMeasures(self.likelihood).log_hazards(tables @ model.beta, everyone, horizons)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.exp(own).mean(axis=0, keepdims=True)))

    def performance(
        self, model: PooledModel, baseline: FloatArray, tables: FloatArray, *, refit: bool
    ) -> Performance:
        """See `Measured.performance`."""
        linear = tables @ model.beta
        found = timed.measured(
            CoxMeasures(self.likelihood), self.outcome, linear,
            np.repeat(baseline, tables.shape[0], axis=0), np.ones((1, tables.shape[1])),
            self.grid, refit=refit,
        )  # fmt: skip
        return _averaged(found.measures, found.curves, found.benefit)

    def share(self) -> FloatArray:
        """See `Measured.share`."""
        everyone = np.ones((1, self.outcome.exit.size))
        return np.array([
            incidence_by(self.outcome.exit, self.outcome.status, float(horizon), everyone)[0]
            for horizon in self.outcome.horizons
        ])  # fmt: skip

    @property
    def folds(self) -> TimedFolds:
        """The patients, to be left out."""
        return TimedFolds.of(CoxMeasures(self.likelihood), self.outcome)

    def fold(
        self,
        model: PooledModel | None,
        baseline: FloatArray,
        tables: FloatArray,
        weights: FloatArray,
    ) -> FoldScores:
        """See `Measured.fold`."""
        count = tables.shape[0]
        held = np.broadcast_to(weights, tables.shape[:2])
        if model is None:
            return no_scores(held, self.folds.columns, self.folds.columns)
        made = as_developed(tables @ model.beta)
        return self.folds.scored(made, np.repeat(baseline, count, axis=0), held)

    def measured_once(self, parts: Sequence[FoldScores], repeat: IntArray) -> Pooled:
        """See `Measured.measured_once`."""
        tables = parts[0].usable.size
        own, folds = _by_table(repeat, tables), self.folds
        left = laid_out(parts, own, folds.event)
        return folds.measured_once(left, own, self.grid).averaged(tables)

    def nothing(
        self, model: PooledModel, baseline: FloatArray, tables: FloatArray, apparent: Performance
    ) -> dict[str, float]:
        """See `Measured.nothing`."""
        linear = tables @ model.beta
        strata = self.likelihood.times.groups
        places = range(self.outcome.horizons.size)
        risks = [timed.risks_by(linear, baseline[:, strata, place]).ravel() for place in places]
        risk = np.array(risks).reshape(len(risks), linear.size).T
        mass = CoxMeasures(self.likelihood).mass(np.ones_like(linear)).ravel()
        return timed.without_information(apparent.measures, risk, self.share(), mass)

    def summarised(
        self,
        replicates: Replicates,
        apparent: Performance,
        nothing: dict[str, float],
        settings: ValidationSettings,
        pooled: Pooled | None,
    ) -> Validation:
        """See `Measured.summarised`."""
        model = CoxMeasures(self.likelihood)
        alone = timed.apparent_performance(model, self.outcome, self.linear)
        whole = replace(
            alone,
            measures=apparent.measures,
            curve=apparent.curve,
            benefit=apparent.benefit,
            nothing=nothing,
        )
        return summarise_timed(replicates, whole, self.outcome, settings, SMOOTHER, pooled)
