"""The patients of a fit as the models of resamples score them, for each kind of outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.special import expit, logit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.validation.compiled import Unsorted
from vertebrisk.validation.curves import CURVE_NAME
from vertebrisk.validation.decision import DecisionPlan
from vertebrisk.validation.instability import Original, Scores
from vertebrisk.validation.resampling import (
    Apparent,
    Developed,
    measured,
    measured_in_passes,
    parted,
)
from vertebrisk.validation.survival import resampling as timed
from vertebrisk.validation.survival.decision import net_benefits
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.smoothing import smoothed_risk

NEAREST = 1e-15  # risks nearer to 0 or 1 are taken as this near


class Patients(Protocol):
    """The patients of a fit, whom the models of resamples and of parts score."""

    @property
    def event(self) -> BoolArray:
        """Who had the event, shape (n,)."""
        ...

    @property
    def clusters(self) -> IntArray | None:
        """Patient of each row, who stays whole."""
        ...

    @property
    def apart(self) -> BoolArray | None:
        """Marks of two groups that are resampled apart: cases and sampled controls."""
        ...

    @property
    def horizon(self) -> float | None:
        """Time by which the risks hold."""
        ...

    @property
    def thresholds(self) -> FloatArray:
        """Those of the decision curve."""
        ...

    def original(self) -> Original:
        """The final model on them."""
        ...

    def scores(self, developed: Developed, weights: FloatArray) -> Scores:
        """Models made of weighted patients, shape (models, n), on all of them."""
        ...

    def both(self, weights: FloatArray) -> BoolArray:
        """Whether weighted patients can make a model, and test one, shape (models,)."""
        ...

    def performance(
        self, developed: Developed, weights: FloatArray, tested: FloatArray, *, refit: bool
    ) -> dict[str, FloatArray]:
        """C, slope and Brier scores of models made of `weights`, on `tested` patients.

        `refit` is False where these are the very patients that the models were made from.
        """
        ...

    def apparent_measures(self) -> dict[str, float]:
        """The same of the final model on all patients."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class BinaryPatients:
    """Patients with and without an event, and the final model's apparent performance.

    `thresholds` are those of the decision curve, `clusters` the patient of each row.
    """

    apparent: Apparent
    thresholds: FloatArray
    clusters: IntArray | None = None

    @property
    def event(self) -> BoolArray:
        """Who had it."""
        return np.asarray(self.apparent.event > 0.5)

    @property
    def apart(self) -> BoolArray | None:
        """Cases, where controls were sampled."""
        return None if self.apparent.sampling is None else self.event

    @property
    def horizon(self) -> float | None:
        """There is none."""
        return None

    def original(self) -> Original:
        """See `Patients.original`."""
        own, sampling = self.apparent, self.apparent.sampling
        return Original(
            risk=np.asarray(expit(own.linear)),
            grid=own.grid,
            curve=own.curve,
            benefit=DecisionPlan(self.thresholds).net_benefit(own.whole)[0],
            prevalence=float(own.event.mean()) if sampling is None else sampling.source.prevalence,
            smoother=CURVE_NAME,
        )

    def scores(self, developed: Developed, weights: FloatArray) -> Scores:
        """See `Patients.scores`."""
        own, developed = self.apparent, self._moved(developed)
        everyone = np.ones((1, own.event.size))
        _, curves, benefit = measured(developed, everyone, own, self.thresholds, refit=True)
        return Scores(
            risks=np.asarray(expit(developed.linear[:, developed.patterns.of])),
            curves=curves,
            benefit=benefit,
            separated=developed.separated,
            deficient=developed.deficient,
            usable=self.both(weights),
        )

    def original_of(self, risk: FloatArray) -> Original:
        """The final model on them, whose risks are those of `apparent`."""
        return self.original()

    def performance_of(self, risks: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Calibration curves and net benefits of risks, shape (models, n)."""
        own, still = self.apparent, np.zeros(risks.shape[0], dtype=np.bool_)
        linear = logit(np.clip(risks, NEAREST, 1.0 - NEAREST))
        counts = np.ones_like(linear)
        unsorted = Unsorted(linear, counts, counts * own.event, still, np.zeros_like(linear))
        _, curves, benefit = measured_in_passes(unsorted, own.grid, self.thresholds, refit=False)
        return curves, benefit

    def _moved(self, developed: Developed) -> Developed:
        sampling = self.apparent.sampling
        return developed if sampling is None else developed.moved(sampling.offset)

    def both(self, weights: FloatArray) -> BoolArray:
        """Both outcomes occur."""
        drawn = weights @ self.apparent.event
        return np.asarray((drawn > 0) & (drawn < weights.sum(axis=1)))

    def performance(
        self, developed: Developed, weights: FloatArray, tested: FloatArray, *, refit: bool
    ) -> dict[str, FloatArray]:
        """See `Patients.performance`."""
        developed = self._moved(developed)
        found = measured(developed, tested, self.apparent, np.empty(0), refit=refit)[0]
        if refit:
            found["slope"][parted(developed, tested, self.apparent.event)] = np.nan
        shares = tested @ self.apparent.event / tested.sum(axis=1)
        return self._with_scaled(found, shares)

    def apparent_measures(self) -> dict[str, float]:
        """See `Patients.apparent_measures`."""
        own = {name: np.array([value]) for name, value in self.apparent.measures.items()}
        found = self._with_scaled(own, np.array([self.apparent.event.mean()]))
        return {name: float(value[0]) for name, value in found.items()}

    def _with_scaled(
        self, found: dict[str, FloatArray], shares: FloatArray
    ) -> dict[str, FloatArray]:
        """The four measures; `shares` are those of the patients with the event."""
        sampling = self.apparent.sampling
        if sampling is not None:
            shares = np.full_like(shares, sampling.source.prevalence)
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = 1.0 - found["brier"] / (shares * (1.0 - shares))
        kept = {name: found[name] for name in ("c_index", "slope", "brier")}
        return {**kept, "brier_scaled": scaled}


@dataclass(frozen=True, slots=True, eq=False)
class FollowedPatients:
    """Patients followed to an event, and their risks by one horizon.

    Attributes
    ----------
    model : TimedModel
    outcome : FollowedOutcome
        With that horizon; with none after late entry, where nothing is measured at horizons.
    apparent : TimedApparent
    by : float
        The horizon.
    smoother : str
    clusters : int array or None
        Patient of each row.
    """

    model: timed.TimedModel
    outcome: timed.FollowedOutcome
    apparent: timed.TimedApparent
    by: float
    smoother: str
    clusters: IntArray | None = None

    @classmethod
    def of(
        cls,
        model: timed.TimedModel,
        outcome: timed.FollowedOutcome,
        linear: FloatArray,
        by: float,
        smoother: str,
        clusters: IntArray | None,
    ) -> FollowedPatients:
        """With the final model's linear predictor, shape (n,)."""
        apparent = timed.apparent_performance(model, outcome, linear)
        return cls(model, outcome, apparent, by, smoother, clusters)

    @property
    def event(self) -> BoolArray:
        """Who had it."""
        return np.asarray(self.outcome.status == 1)

    @property
    def apart(self) -> BoolArray | None:
        """Nobody is resampled apart."""
        return None

    @property
    def horizon(self) -> float | None:
        """Time by which the risks hold."""
        return self.by

    @property
    def thresholds(self) -> FloatArray:
        """Those of the decision curve."""
        return self.outcome.thresholds

    @property
    def known(self) -> bool:
        """True where performance at the horizon can be measured."""
        return self.outcome.horizons.size > 0

    def original(self) -> Original:
        """See `Patients.original`."""
        own, none = self.apparent, np.empty(0)
        return Original(
            risk=self._risks(own.linear[None], np.ones((1, own.linear.size)))[0],
            grid=own.grid[0] if self.known else none,
            curve=own.curve[0] if self.known else none,
            benefit=own.benefit[0] if self.known else none,
            prevalence=float(own.incidence[0]) if self.known else float("nan"),
            smoother=self.smoother,
        )

    def scores(self, developed: Developed, weights: FloatArray) -> Scores:
        """See `Patients.scores`."""
        linear = developed.linear[:, developed.patterns.of]
        risk = self._risks(linear, weights)
        curves, benefit = self.performance_of(risk)
        return Scores(
            risks=risk,
            curves=curves,
            benefit=benefit,
            separated=developed.separated,
            deficient=developed.deficient,
            usable=np.asarray(weights @ self.event > 0),
        )

    def both(self, weights: FloatArray) -> BoolArray:
        """Events occur, and every stratum has patients."""
        seen = timed.all_strata_seen(weights, self.model.strata)
        return np.asarray((weights @ self.event > 0) & seen)

    def performance(
        self, developed: Developed, weights: FloatArray, tested: FloatArray, *, refit: bool
    ) -> dict[str, FloatArray]:
        """See `Patients.performance`."""
        linear = developed.linear[:, developed.patterns.of]
        found = self.model.indexes(linear, tested, refit=refit)
        kept = {name: found[name] for name in ("c_index", "slope")}
        if not self.known:
            return kept
        own = self.outcome
        at = AtHorizon.of(own.exit, own.status, self.by, self.model.mass(tested))
        risk = self._risks(linear, weights)
        return {**kept, "brier": at.brier(risk), "brier_scaled": at.brier_scaled(risk)}

    def apparent_measures(self) -> dict[str, float]:
        """See `Patients.apparent_measures`."""
        names = {"c_index": "c_index", "slope": "slope"}
        if self.known:
            names |= {name: timed.key_at(name, 0) for name in ("brier", "brier_scaled")}
        return {name: self.apparent.measures[key] for name, key in names.items()}

    def _risks(self, linear: FloatArray, weights: FloatArray) -> FloatArray:
        hazards = self.model.log_hazards(linear, weights, np.array([self.by]))
        return timed.risks_by(linear, hazards[:, self.model.strata, 0])

    def original_of(self, risk: FloatArray) -> Original:
        """The final model on them, by risks that are known, shape (n,)."""
        curves, benefit = self.performance_of(risk[None])
        return replace(self.original(), risk=risk, curve=curves[0], benefit=benefit[0])

    def performance_of(self, risk: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Calibration curves and net benefits of risks, shape (models, n)."""
        own = self.outcome
        if not self.known:
            nothing = np.empty((risk.shape[0], 0))
            return nothing, nothing
        mass = np.broadcast_to(self.model.mass(np.ones((1, risk.shape[1]))), risk.shape)
        at = AtHorizon.of(own.exit, own.status, self.by, mass)
        curves = smoothed_risk(at, risk).at(self.apparent.grid)
        return curves, net_benefits(own.exit, own.status, risk, self.by, own.thresholds, mass)
