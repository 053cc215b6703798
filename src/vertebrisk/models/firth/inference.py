"""Tests and limits of a logistic model by Firth's penalised likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, MeanRisk
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.firth.logistic import Augmented, FirthFits
from vertebrisk.kernels.firth.problem import Problem, Unpenalised
from vertebrisk.kernels.firth.profiles import Peak, held_values, profile_limits
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.models import inference
from vertebrisk.models.firth.likelihoods import FirthBinary
from vertebrisk.models.likelihoods import SubsetFits

FAR = 1e4  # means of a column in its standard deviations: its square takes eight digits


@dataclass(frozen=True, eq=False)
class PenalisedInference:
    """Patterns of the patients, and what the penalised likelihood says of the coefficients.

    Under FLAC it is the likelihood of patients and pseudo-patients, these held fixed.

    Attributes
    ----------
    rows : array, shape (m, p)
        Distinct rows, the intercept's ones first.
    share, total : array, shape (1, m)
        Share of events and frequency of each.
    found : FirthFits
        The maximum of their penalised likelihood.
    mean_risk : {"flic", "flac", "uncorrected"}
    """

    rows: FloatArray
    share: FloatArray
    total: FloatArray
    found: FirthFits
    mean_risk: MeanRisk

    @classmethod
    def of(cls, likelihood: FirthBinary, model: SubsetFits) -> PenalisedInference:
        """From the model of all patients."""
        assert model.firth is not None
        share, total = likelihood.plain.shares(model.patterns, np.ones((1, likelihood.event.size)))
        return cls(model.rows, share, total, model.firth, likelihood.asked.mean_risk)

    def gains(self, held: BoolArray) -> FloatArray:
        """Twice the penalised log-likelihood lost where slopes are zero.

        Parameters
        ----------
        held : bool array, shape (k, p)
            The coefficients of each hypothesis; the first, the intercept's, is False.
        """
        if held.shape[0] == 0:
            return np.empty(0)
        count = held.shape[0]
        if self.mean_risk == "flac":
            data = self._augmented
            mask = np.column_stack([~held, np.ones(count, np.bool_)])
            reduced = fit_logistic_batch(
                data.design, data.target, np.repeat(data.weights, count, axis=0), mask=mask
            )
            whole = data.fit(self.found.mask)
            lost = whole.log_likelihood[0] - reduced.log_likelihood
        else:
            peak = self.centred
            lost = peak.value - held_values(peak, held)
        return np.asarray(np.maximum(2.0 * lost, 0.0))

    def intercept_gain(self) -> float | None:
        """The same of the intercept; None where Wald's test stands for it.

        That is so under FLIC, which takes it from another likelihood, and far from zero.
        """
        if self.mean_risk == "flic" or self.far_from_zero:
            return None
        if self.mean_risk == "flac":
            data = self._augmented
            rest = data.design[:, 1:]
            basis = np.linalg.qr(rest)[0]
            reduced = fit_logistic_batch(basis, data.target, data.weights)
            whole = data.fit(self.found.mask).log_likelihood[0]
            return max(2.0 * float(whole - reduced.log_likelihood[0]), 0.0)
        peak = self.peak(centred=False)
        held = np.arange(self.rows.shape[1])[None] == 0
        return max(2.0 * float(peak.value - held_values(peak, held)[0]), 0.0)

    def limits(self, level: float) -> tuple[FloatArray, FloatArray]:
        """Profile limits of intercept and slopes; the intercept's NaN under FLIC and far out."""
        if self.mean_risk == "flac":
            data = self._augmented
            low, high = inference.profile_limits(
                data.design[:, 1:], data.target[0], level, data.weights
            )
            if self.far_from_zero:
                low[0] = high[0] = np.nan
            return low[:-1], high[:-1]
        size = self.rows.shape[1]
        limits = np.full((size, 2), np.nan)
        root = float(normal_quantile(0.5 + level / 2.0))
        if size > 1:
            limits[1:] = self._sought(root, np.arange(size) > 0, centred=True)
        if self.mean_risk == "uncorrected" and not self.far_from_zero:
            limits[:1] = self._sought(root, np.arange(size) == 0, centred=False)
        return limits[:, 0], limits[:, 1]

    def _sought(self, root: float, wanted: BoolArray, *, centred: bool) -> FloatArray:
        peak = self.centred if centred else self.peak(centred=False)
        return profile_limits(peak, wanted, root)

    @cached_property
    def far_from_zero(self) -> bool:
        """True where all predictors at zero is so far out that nothing can be followed there."""
        columns = self.rows[:, 1:]
        return bool((np.abs(columns.mean(axis=0)) > FAR * columns.std(axis=0)).any())

    @cached_property
    def centred(self) -> Peak:
        """The likelihood by which slopes are tested."""
        return self.peak(centred=True)

    def peak(self, *, centred: bool) -> Peak:
        """The likelihood that tests and limits are taken from, FLAC's with its last column.

        `centred` is False where the intercept is among the coefficients sought.
        """
        beta = self.found.beta[0]
        if self.mean_risk == "flac":
            data = self._augmented
            beta = data.fit(self.found.mask).beta[0]
            own = Problem.of(data.design, data.target, data.weights, centred=centred)
        else:
            known = self.found.scaling
            own = Problem.of(self.rows, self.share, self.total, scaling=known, centred=centred)
        top = np.asarray(np.linalg.solve(own.scaling.back(), beta))
        sought = Unpenalised(own) if self.mean_risk == "flac" else own
        return Peak.of(sought, top, own.scaling.scale)

    @property
    def _augmented(self) -> Augmented:
        return Augmented.of(self.found, self.rows, self.share, self.total)
