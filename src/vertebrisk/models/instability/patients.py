"""The patients of a fit as the models of resamples score them, for each kind of outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vertebrisk._types import FloatArray
from vertebrisk.validation.curves import CURVE_NAME
from vertebrisk.validation.decision import DecisionPlan
from vertebrisk.validation.instability import Original, Scores
from vertebrisk.validation.resampling import Apparent, Developed, measured
from vertebrisk.validation.survival import resampling as timed
from vertebrisk.validation.survival.decision import net_benefits
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.smoothing import smoothed_risk


@dataclass(frozen=True, slots=True, eq=False)
class BinaryPatients:
    """Patients with and without an event, and the final model's apparent performance.

    `thresholds` are those of the decision curve.
    """

    apparent: Apparent
    thresholds: FloatArray

    @property
    def horizon(self) -> float | None:
        """There is none."""
        return None

    def original(self) -> Original:
        """See `running.Patients.original`."""
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
        """See `running.Patients.scores`."""
        own = self.apparent
        if own.sampling is not None:
            developed = developed.moved(own.sampling.offset)
        everyone = np.ones((1, own.event.size))
        _, curves, benefit = measured(developed, everyone, own, self.thresholds, refit=True)
        drawn = weights @ own.event
        return Scores(
            risks=np.asarray(expit(developed.linear[:, developed.patterns.of])),
            curves=curves,
            benefit=benefit,
            separated=developed.separated,
            deficient=developed.deficient,
            usable=(drawn > 0) & (drawn < weights.sum(axis=1)),
        )


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
    """

    model: timed.TimedModel
    outcome: timed.FollowedOutcome
    apparent: timed.TimedApparent
    by: float
    smoother: str

    @classmethod
    def of(
        cls,
        model: timed.TimedModel,
        outcome: timed.FollowedOutcome,
        linear: FloatArray,
        by: float,
        smoother: str,
    ) -> FollowedPatients:
        """With the final model's linear predictor, shape (n,)."""
        return cls(model, outcome, timed.apparent_performance(model, outcome, linear), by, smoother)

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
        """See `running.Patients.original`."""
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
        """See `running.Patients.scores`."""
        linear = developed.linear[:, developed.patterns.of]
        risk = self._risks(linear, weights)
        curves, benefit = self._performance(risk)
        return Scores(
            risks=risk,
            curves=curves,
            benefit=benefit,
            separated=developed.separated,
            deficient=developed.deficient,
            usable=np.asarray(weights @ (self.outcome.status == 1) > 0),
        )

    def _risks(self, linear: FloatArray, weights: FloatArray) -> FloatArray:
        hazards = self.model.log_hazards(linear, weights, np.array([self.by]))
        return timed.risks_by(linear, hazards[:, self.model.strata, 0])

    def _performance(self, risk: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Calibration curves and net benefits of risks, shape (models, n)."""
        own = self.outcome
        if not self.known:
            nothing = np.empty((risk.shape[0], 0))
            return nothing, nothing
        mass = np.broadcast_to(self.model.mass(np.ones((1, risk.shape[1]))), risk.shape)
        at = AtHorizon.of(own.exit, own.status, self.by, mass)
        curves = smoothed_risk(at, risk).at(self.apparent.grid)
        return curves, net_benefits(own.exit, own.status, risk, self.by, own.thresholds, mass)
