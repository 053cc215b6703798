"""Instability of a model of imputed tables: the imputation is repeated in every resample.

Every model scores the same tables of all patients, imputed without their outcome as those of
new patients would be, so that risks differ by the models alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from vertebrisk._checks import as_thresholds, check_positive_int
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.design.encode import encode
from vertebrisk.kernels.resamples import derived_seed
from vertebrisk.models.development import Selection
from vertebrisk.models.imputation.completing import Completer
from vertebrisk.models.imputation.developing import PooledProcedure
from vertebrisk.models.imputation.outcomes import nelson_aalen
from vertebrisk.models.instability.patients import BinaryPatients, FollowedPatients
from vertebrisk.models.instability.running import Asked, no_horizon
from vertebrisk.models.likelihoods import BinaryLikelihood, Likelihood, PartialLikelihood
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.validating import CoxMeasures, followed_outcome
from vertebrisk.models.validating.plan import DEFAULT_THRESHOLDS, ResamplePlan
from vertebrisk.validation.instability import Instability, Scores, summarised_instability
from vertebrisk.validation.resampling import apparent_performance
from vertebrisk.validation.survival.resampling import risks_by
from vertebrisk.validation.survival.smoothing import SMOOTHER
from vertebrisk.validation.working import in_order

if TYPE_CHECKING:
    from vertebrisk.models.imputation.pooled import PooledFit

TEST, TRAINING = 1, 2  # labels of the seeds, as in the validation
NUMBERS = 2_000_000  # values of imputed tables that a block of resamples may hold


class ImputedInstability:
    """What a pooled fit is asked of its instability."""

    def instability(
        self,
        resamples: int = 200,
        seed: int = 1,
        *,
        imputations: int = 5,
        iterations: int = 5,
        thresholds: ArrayLike | None = None,
        curve_thresholds: ArrayLike | None = None,
        horizon: float | None = None,
        fixed: bool = False,
        indices: IntArray | None = None,
        level: float = 0.95,
        progress: Callable[[int], None] | None = None,
    ) -> Instability:
        """Had other patients been sampled, how else would the risks of these be?

        As of a fit without missing values, see `LogisticFit.instability`, with the imputation
        repeated in every resample, its outcome known. All models score the same tables of all
        patients, imputed without their outcome; a patient's risk is that of his mean linear
        predictor.

        Parameters
        ----------
        imputations, iterations : int
            In each resample, and of the tables that are scored.
        resamples, seed, thresholds, curve_thresholds, horizon, fixed, indices, level, progress
            As of `LogisticFit.instability`.

        Returns
        -------
        Instability
            Resamples that are separated in one of their tables, or lack an outcome, a stratum
            or every value of some variable, are left out and counted in `n_failed`, those
            that are separated in `n_separated`, too.
        """
        check_positive_int(imputations, "imputations")
        check_positive_int(iterations, "iterations")
        cuts = DEFAULT_THRESHOLDS if curve_thresholds is None else as_thresholds(curve_thresholds)
        asked = Asked(resamples, seed, thresholds, fixed, indices, level, progress)
        fit = cast("PooledFit", self)
        plan = asked.plan(fit.n, None)
        work = _Work.of(fit, plan.seed, imputations, iterations, horizon, cuts, fixed=fixed)
        original = work.patients.original_of(work.final_risk)
        held = fixed or not fit.selection.chooses
        repeated = asked.repeated(plan, work.patients, work.final_risk, held=held)
        scores = work.scored(plan, progress)
        found = summarised_instability(scores, original, repeated)
        return replace(found, n_separated=int(scores.separated.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What every resample is done with.

    `test` are the tables that are scored, shape (tables, n, columns); `final_risk` are the
    final model's risks for them, shape (n,).
    """

    completer: Completer
    procedure: PooledProcedure
    likelihood: Likelihood
    patients: BinaryPatients | FollowedPatients
    test: FloatArray
    final_risk: FloatArray
    seed: int

    @classmethod
    def of(
        cls,
        fit: PooledFit,
        seed: int,
        imputations: int,
        iterations: int,
        horizon: float | None,
        cuts: FloatArray,
        *,
        fixed: bool,
    ) -> _Work:
        design = fit.design if fixed else fit.candidates
        data, first = fit.imputations, fit.fits[0]
        completer = Completer.of(data.data, data.variables, design, iterations)
        test = completer.complete(
            np.arange(fit.n), np.empty((fit.n, 0)), np.arange(imputations), derived_seed(seed, TEST)
        )
        widths = [len(term.column_levels) for term in design.terms]
        inside = np.repeat([term in fit.design.terms for term in design.terms], widths)
        slopes = np.zeros(test.shape[2])
        slopes[inside.astype(np.bool_)] = fit.slopes
        likelihood = first.development.likelihood
        constant = float(fit.pooled.estimate[0]) if likelihood.intercepts else 0.0
        linear = (test @ slopes).mean(axis=0) + constant
        patients: BinaryPatients | FollowedPatients
        if isinstance(first, CoxFit):
            by = first.horizons[0] if horizon is None else horizon
            outcome = followed_outcome(first, [by], cuts)
            likelihood = first.likelihood
            model = CoxMeasures(first.likelihood)
            patients = FollowedPatients.of(model, outcome, linear, by, SMOOTHER, None)
            tables = np.empty((data.imputations, fit.n, 0))
            if design.terms:
                frames = data.frames()
                tables = np.array([design.matrix(encode(design, each).codes) for each in frames])
            hazard = _log_hazards(first.likelihood, tables @ slopes, by)
            risk = risks_by(linear, hazard[first.times.groups])
        else:
            no_horizon(horizon)
            likelihood = BinaryLikelihood(first.development.event)
            patients = BinaryPatients(apparent_performance(linear, first.event), cuts)
            risk = np.asarray(expit(linear))
        selection = Selection() if fixed else fit.selection
        procedure = PooledProcedure(design, selection, fit.firth)
        return cls(completer, procedure, likelihood, patients, test, risk, seed)

    def scored(self, plan: ResamplePlan, progress: Callable[[int], None] | None) -> Scores:
        """Every resample's model on all patients."""
        size = max(1, NUMBERS // (self.test.shape[0] * self.completer.codes.size))

        def block(start: int) -> Scores:
            weights = plan.draw(start, min(size, plan.resamples - start))
            made = [self._one(row, start + place) for place, row in enumerate(weights)]
            return self._block(made)

        found = []
        for part in in_order(block, range(0, plan.resamples, size)):
            found.append(part)
            if progress is not None:
                progress(part.usable.size)
        return Scores.joined(found)

    def _block(self, made: list[_One]) -> Scores:
        usable = np.array([one.risk is not None for one in made])
        risks = np.array([self.final_risk if one.risk is None else one.risk for one in made])
        curves, benefit = self.patients.performance_of(risks)
        return Scores(
            risks=risks,
            curves=curves,
            benefit=benefit,
            separated=np.array([one.separated for one in made]),
            deficient=np.array([one.deficient for one in made]),
            usable=usable,
        )

    def _one(self, weights: FloatArray, number: int) -> _One:
        rows = np.repeat(np.arange(weights.size), weights.astype(np.int64))
        own = self._taken(rows)
        if own is None or not self.completer.known(rows):
            return _One(None)
        m = self.test.shape[0]
        tables = self.completer.complete(
            rows, _known(own), number * m + np.arange(m), derived_seed(self.seed, TRAINING)
        )
        model = self.procedure(tables, own)
        if model.separated or not np.isfinite(model.beta).all():
            return _One(None, separated=True)
        before = own.intercepts
        linear = (self.test @ model.beta[before:]).mean(axis=0)
        if isinstance(self.patients, BinaryPatients):
            risk = np.asarray(expit(linear + model.beta[0]))
        else:
            assert isinstance(own, PartialLikelihood)
            hazard = _log_hazards(own, tables @ model.beta, self.patients.by)
            risk = risks_by(linear, hazard[self.patients.model.strata])
        return _One(risk, deficient=model.deficient)

    def _taken(self, rows: IntArray) -> Likelihood | None:
        """The outcome of some rows; None where no model of it can be made."""
        if isinstance(self.likelihood, BinaryLikelihood):
            event = self.likelihood.event[rows]
            return BinaryLikelihood(event) if np.ptp(event) > 0 else None
        whole = self.likelihood
        assert isinstance(whole, PartialLikelihood)
        times = whole.times.take(rows)
        strata = np.unique(times.groups).size == int(whole.times.groups.max()) + 1
        return replace(whole, times=times) if times.event.any() and strata else None


@dataclass(frozen=True, slots=True, eq=False)
class _One:
    """Risks of all patients by one resample's model; None where none could be made."""

    risk: FloatArray | None
    separated: bool = False
    deficient: bool = False


def _known(own: Likelihood) -> FloatArray:
    """What an imputation knows of the outcome, shape (n, k)."""
    if not isinstance(own, PartialLikelihood):
        return own.event[:, None]
    return np.column_stack([own.times.event.astype(np.float64), nelson_aalen(own.times)])


def _log_hazards(likelihood: PartialLikelihood, linear: FloatArray, horizon: float) -> FloatArray:
    """Logarithms of the mean cumulative hazard over the tables, shape (strata,)."""
    everyone = np.ones((1, linear.shape[1]))
    found = CoxMeasures(likelihood).log_hazards(linear, everyone, np.array([horizon]))
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.exp(found[:, :, 0]).mean(axis=0)))
