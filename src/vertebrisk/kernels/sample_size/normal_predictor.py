"""A model whose linear predictor is normal, and what follows from it without simulation.

Among patients with the event and among the others the linear predictor is normal with one
variance, the square root of twice the squared normal quantile of the C-index; the logit of
the risk is then the linear predictor itself. Averages are integrals on a fine grid, whose
error is far below any digit shown.

References
----------
Riley RD, Van Calster B, Collins GS 2021, doi:10.1002/sim.8806 (R² from the C-index).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

from vertebrisk._types import FloatArray
from vertebrisk.kernels.distributions import normal_quantile

_REACH = 12.0
_POINTS = 8001


@dataclass(frozen=True, slots=True, eq=False)
class PredictorDistribution:
    """Linear predictors with the share of patients at each; shares sum to 1."""

    values: FloatArray
    share: FloatArray

    @property
    def mean_risk(self) -> float:
        """Share of patients who will have the event if the model is right."""
        return float(self.share @ expit(self.values))


def by_c_index(prevalence: float, c_index: float) -> PredictorDistribution:
    """Of a model that is right, with this C-index in a population of this prevalence."""
    spread = math.sqrt(2.0) * float(normal_quantile(c_index))
    centre = math.log(prevalence / (1 - prevalence)) - spread**2 / 2
    grid = np.linspace(-_REACH * spread, spread**2 + _REACH * spread, _POINTS)
    without = np.exp(-(grid**2) / (2 * spread**2))
    with_event = np.exp(-((grid - spread**2) ** 2) / (2 * spread**2))
    share = (1 - prevalence) * without + prevalence * with_event
    return PredictorDistribution(centre + grid, share / share.sum())


def normal(mean: float, sd: float) -> PredictorDistribution:
    """A linear predictor that is normal in all patients together."""
    grid = np.linspace(-_REACH, _REACH, _POINTS)
    share = np.exp(-(grid**2) / 2)
    return PredictorDistribution(mean + sd * grid, share / share.sum())


def of_risks(risks: FloatArray) -> PredictorDistribution:
    """Risks of patients at hand, strictly between 0 and 1."""
    return PredictorDistribution(
        np.log(risks) - np.log1p(-risks), np.full(risks.size, 1 / risks.size)
    )


def r2_of_c_index(prevalence: float, c_index: float) -> float:
    """Cox and Snell's R² of a model with this C-index, its log-likelihood integrated."""
    model = by_c_index(prevalence, c_index)
    risk = expit(model.values)
    eta = model.values
    per_patient = float(model.share @ (risk * eta - np.logaddexp(0.0, eta)))
    null = prevalence * math.log(prevalence) + (1 - prevalence) * math.log1p(-prevalence)
    return -math.expm1(2 * (null - per_patient))


def at_threshold(model: PredictorDistribution, threshold: float) -> tuple[float, float]:
    """Sensitivity and specificity of a model that is right, at a threshold of risk."""
    risk = expit(model.values)
    positive = risk >= threshold
    events, others = model.share * risk, model.share * (1 - risk)
    return (
        float(events[positive].sum() / events.sum()),
        float(others[~positive].sum() / others.sum()),
    )


def binormal_at_threshold(
    prevalence: float, c_index: float, threshold: float
) -> tuple[float, float]:
    """The same for the model of `by_c_index`, exactly."""
    spread = math.sqrt(2.0) * float(normal_quantile(c_index))
    cut = math.log(threshold / (1 - threshold)) - math.log(prevalence / (1 - prevalence))
    place = (cut + spread**2 / 2) / spread
    return float(ndtr(spread - place)), float(ndtr(place))
