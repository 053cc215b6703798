"""Resamples of a model of time to event.

The resampling itself is that of `validation.resampling`; here stand what is measured on each
resample, and how risks by a horizon are had from a linear predictor: the baseline hazard is
estimated anew in each resample, with its own model. Whoever a resample left out is measured as
a new cohort would be, with the censoring curve of that cohort.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.survival.censoring import CensoringCurve
from vertebrisk.kernels.survival.concordance import PairCounts
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.validation.resampling import GRID, Draw, Procedure, Replicates, run_batches
from vertebrisk.validation.survival.decision import incidences_by, net_benefits
from vertebrisk.validation.survival.horizon import AtHorizon, room_for_orders
from vertebrisk.validation.survival.smoothing import (
    SharedRegression,
    calibration_errors,
    calibration_slopes,
    smoothed_risk,
)

HORIZON_MEASURES = (
    "auc",
    "brier",
    "brier_scaled",
    "observed_expected",
    "slope",
    "ici",
    "e50",
    "e90",
    "emax",
)
NEEDS_FINITE = ("r2", "slope", "d", "u", "q", "g", "observed_expected")
BATCH = 100  # resamples done together: they keep some ten arrays of all patients
LOWEST = -700.0  # logarithm of a hazard that is none


def key_at(measure: str, place: int) -> str:
    """Name of a measure at the horizon of a given place."""
    return f"{measure}@{place}"


class TimedModel(Protocol):
    """What the kind of model decides: its indexes, and its baseline."""

    @property
    def strata(self) -> IntArray:
        """Stratum of each patient, shape (n,)."""
        ...

    def mass(self, weights: FloatArray) -> FloatArray:
        """What patients count for, given how often each was drawn."""
        ...

    def indexes(
        self, linear: FloatArray, weights: FloatArray, *, refit: bool
    ) -> dict[str, FloatArray]:
        """Measures over all of follow-up, shape (replicates,) each."""
        ...

    def ranked(self, linear: FloatArray, weights: FloatArray) -> PairCounts:
        """Pairs of patients of whom one has the event first, by how they are ranked."""
        ...

    def log_hazards(
        self, linear: FloatArray, weights: FloatArray, horizons: FloatArray
    ) -> FloatArray:
        """Logarithms of the baseline cumulative hazard, (replicates, strata, horizons)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FollowedOutcome:
    """The patients whom a model is validated on.

    Attributes
    ----------
    exit : array, shape (n,)
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event.
    horizons : array, shape (h,)
        Those at which risks are measured.
    thresholds : array, shape (k,)
    """

    exit: FloatArray
    status: IntArray
    horizons: FloatArray
    thresholds: FloatArray

    def up_to(self, horizon: float) -> SurvivalTimes:
        """Follow-up to the event as if it had ended at a horizon."""
        return SurvivalTimes(
            np.minimum(self.exit, horizon), (self.status == 1) & (self.exit <= horizon)
        )

    def rivals(self, horizon: float) -> BoolArray | None:
        """Who had the competing event by a horizon; None where nobody had."""
        gone = (self.status == 2) & (self.exit <= horizon)
        return gone if gone.any() else None


@dataclass(frozen=True, slots=True, eq=False)
class TimedApparent:
    """The final model on the patients that it was made from.

    `grid`, `curve` and `benefit` have a row a horizon, `risk` a column; `incidence` is the
    share with the event by each. `nothing` holds what measures would be if times did not depend
    on the model, by key; see `without_information`.
    """

    linear: FloatArray
    risk: FloatArray
    measures: dict[str, float]
    grid: FloatArray
    curve: FloatArray
    benefit: FloatArray
    incidence: FloatArray
    nothing: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Measures by key, curves (replicates, h, grid) and benefits (replicates, h, k)."""

    measures: dict[str, FloatArray]
    curves: FloatArray
    benefit: FloatArray


def risks_by(linear: FloatArray, log_hazard: FloatArray) -> FloatArray:
    """Risks from linear predictors and the patients' own log cumulative hazards."""
    return np.asarray(-np.expm1(-np.exp(np.minimum(linear + log_hazard, -LOWEST))))


def apparent_performance(
    model: TimedModel, outcome: FollowedOutcome, linear: FloatArray
) -> TimedApparent:
    """Apparent measures, curves and net benefits; `linear` has shape (n,)."""
    everyone = np.ones((1, linear.size))
    own = linear[None]
    hazards = model.log_hazards(own, everyone, outcome.horizons)
    risk = risks_by(linear[:, None], hazards[0][model.strata])
    grid = np.empty((outcome.horizons.size, GRID))
    for place in range(outcome.horizons.size):
        grid[place] = _positions(risk[:, place])
    found = measured(model, outcome, own, hazards, everyone, grid, refit=False)
    mass = model.mass(everyone)
    incidence = incidences_by(outcome.exit, outcome.status, outcome.horizons, mass)[0]
    measures = {name: float(values[0]) for name, values in found.measures.items()}
    return TimedApparent(
        linear=linear,
        risk=risk,
        measures=measures,
        grid=grid,
        curve=found.curves[0],
        benefit=found.benefit[0],
        incidence=incidence,
        nothing=without_information(measures, risk, incidence, mass[0]),
    )


def without_information(
    measures: dict[str, float], risk: FloatArray, incidence: FloatArray, mass: FloatArray
) -> dict[str, float]:
    """What measures would be if times to the event did not depend on the model.

    Parameters
    ----------
    measures : dict
        Apparent values by key.
    risk : array, shape (n, h)
    incidence : array, shape (h,)
        Share with the event by each horizon, censoring taken into account.
    mass : array, shape (n,)
        What patients count for.

    Returns
    -------
    dict
        C and AUC 0.5; slopes, R2, D and g 0; of the Brier score the mean of (y - p)^2 over all
        pairs of a fate at the horizon and a risk, fates weighted for censoring (Gerds and
        Schumacher 2007, doi:10.1111/j.1541-0420.2007.00832.x); O/E as it is, since it does not
        depend on who has which risk. U and Q are left out: what a slope of 1 loses grows with
        the spread of the linear predictor, and has no bound.
    """
    found = {"c_index": 0.5, "dxy": 0.0, "r2": 0.0, "slope": 0.0, "d": 0.0, "g": 0.0}
    share = mass / mass.sum()
    for place, ill in enumerate(incidence):
        brier = float(
            share @ (ill * (1.0 - risk[:, place]) ** 2 + (1.0 - ill) * risk[:, place] ** 2)
        )
        spread = ill * (1.0 - ill)
        scaled = 1.0 - brier / spread if spread > 0.0 else np.nan
        values = {"auc": 0.5, "slope": 0.0, "brier": brier, "brier_scaled": scaled}
        values["observed_expected"] = measures[key_at("observed_expected", place)]
        found |= {key_at(name, place): value for name, value in values.items()}
    return found


def _positions(risk: FloatArray) -> FloatArray:
    """Positions of the calibration curve, from the fifth lowest risk to the fifth highest."""
    ordered = np.sort(risk)
    edge = 4 if risk.size > 10 else 0
    return np.linspace(ordered[edge], ordered[-1 - edge], GRID)


def measured(
    model: TimedModel,
    outcome: FollowedOutcome,
    linear: FloatArray,
    hazards: FloatArray,
    weights: FloatArray,
    grid: FloatArray,
    *,
    refit: bool,
) -> Measured:
    """Measure models by their baselines, shape (replicates, strata, h); see `measured_at`."""

    def risk_at(place: int) -> FloatArray:
        return risks_by(linear, hazards[:, model.strata, place])

    levels = hazards[:, 0] if hazards.shape[1] == 1 else None
    return measured_at(model, outcome, linear, risk_at, weights, grid, refit=refit, levels=levels)


def measured_at(
    model: TimedModel,
    outcome: FollowedOutcome,
    linear: FloatArray,
    risk_at: Callable[[int], FloatArray],
    weights: FloatArray,
    grid: FloatArray,
    *,
    refit: bool,
    levels: FloatArray | None = None,
) -> Measured:
    """Measure models on weighted patients.

    Parameters
    ----------
    model : TimedModel
    outcome : FollowedOutcome
    linear : array, shape (replicates, n)
        Linear predictors of the patients under each replicate's model.
    risk_at : callable
        Risks by the horizon of a given place, shape (replicates, n).
    weights : array, shape (replicates, n) or (1, n)
        How often each patient counts.
    grid : array, shape (h, positions)
    refit : bool
        False where the models were fitted to these very patients.
    levels : array, shape (replicates, h), optional
        Logarithms of the cumulative hazards, where they are one for all patients of a model.
    """
    counts = np.broadcast_to(weights, linear.shape)
    mass = model.mass(counts)
    found = model.indexes(linear, counts, refit=refit)
    curves = np.empty((linear.shape[0], *grid.shape))
    benefit = np.empty((linear.shape[0], outcome.horizons.size, outcome.thresholds.size))
    smooth, slope = None, found["slope"]
    if outcome.horizons.size == 0:
        return Measured(found, curves, benefit)
    own = model.mass(weights)  # one row where all replicates are measured on the same patients
    censoring = CensoringCurve.of(outcome.exit, outcome.status, own)
    shared, orders = None, room_for_orders(linear.shape)
    if levels is not None:
        shared = SharedRegression.of(
            linear, levels, outcome.exit, outcome.status, mass, outcome.horizons
        )
    for place, horizon in enumerate(outcome.horizons):
        risk = risk_at(place)
        at = AtHorizon.of(outcome.exit, outcome.status, float(horizon), mass, censoring)
        reached = at.performance(risk, orders)
        between = reached.low, reached.high
        if shared is None:
            smooth = smoothed_risk(at, risk, smooth, between)
        else:
            smooth = shared.at(place, at, risk, between)
        slope, _ = calibration_slopes(
            linear,
            outcome.up_to(float(horizon)),
            mass,
            competing=outcome.rivals(float(horizon)),
            before=slope,
        )
        values = {
            **reached.measures,
            "slope": slope,
            **calibration_errors(at, risk, smooth),
        }
        found |= {key_at(name, place): value for name, value in values.items()}
        curves[:, place] = smooth.at(grid[place : place + 1])
        benefit[:, place] = net_benefits(
            outcome.exit, outcome.status, risk, float(horizon), outcome.thresholds, mass
        )
    return Measured(found, curves, benefit)


def run_timed_replicates(
    procedure: Procedure,
    draw: Draw,
    resamples: int,
    model: TimedModel,
    outcome: FollowedOutcome,
    apparent: TimedApparent,
    columns: FloatArray,
    horizons: FloatArray,
    progress: Callable[[int], None] | None = None,
    *,
    left_out: bool = False,
) -> Replicates:
    """Develop and measure on every resample.

    The test is on all patients, or with `left_out` on those whom the resample left out.

    Parameters
    ----------
    procedure, draw, resamples, progress
        As in `validation.resampling.run_replicates`.
    model, outcome, apparent
        What is measured, on whom, and the apparent performance.
    columns : array, shape (n, p)
        Columns of the final model, for the draws of its coefficients.
    horizons : array
        Those at which the draws hold the baseline.
    """

    def work(weights: FloatArray) -> Replicates:
        developed = procedure(weights)
        linear = np.take(developed.linear, developed.patterns.of, axis=1)
        hazards = model.log_hazards(linear, weights, outcome.horizons)
        event = outcome.status == 1
        usable = weights @ event > 0
        tested = np.ones((1, weights.shape[1]))
        if left_out:
            rest = (weights == 0.0).astype(np.float64)
            usable &= (rest @ event > 0) & all_strata_seen(weights, model.strata)
            tested = np.where(usable[:, None], rest, tested)
        training = measured(model, outcome, linear, hazards, weights, apparent.grid, refit=False)
        test = measured(model, outcome, linear, hazards, tested, apparent.grid, refit=True)
        mass = model.mass(weights)
        prevalence = incidences_by(outcome.exit, outcome.status, outcome.horizons, mass)
        final = developed.coefficients @ columns.T
        base = model.log_hazards(final, weights, horizons).reshape(weights.shape[0], -1)
        return Replicates(
            training=training.measures,
            test=test.measures,
            training_curves=training.curves,
            test_curves=test.curves,
            training_benefit=training.benefit,
            test_benefit=test.benefit,
            separated=developed.separated,
            deficient=developed.deficient,
            usable=usable,
            prevalence=prevalence,
            selected=developed.selected,
            coefficients=np.column_stack([developed.coefficients, np.maximum(base, LOWEST)]),
            own=developed.own,
            shapes=developed.shapes,
        )

    return run_batches(work, draw, resamples, outcome.exit.size, progress, BATCH)


def all_strata_seen(weights: FloatArray, strata: IntArray) -> BoolArray:
    """Whether each model knows a baseline for whom it leaves out, shape (replicates,)."""
    seen = np.ones(weights.shape[0], dtype=np.bool_)
    for stratum in range(int(strata.max()) + 1):
        seen &= weights[:, strata == stratum].sum(axis=1) > 0
    return seen
