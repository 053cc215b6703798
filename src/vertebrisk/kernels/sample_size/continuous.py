"""Patients to develop a model of a continuous outcome: the criteria of Riley and others.

`r2` is the adjusted R² that is expected of the model.

References
----------
Riley RD et al. 2019, doi:10.1002/sim.7993.
"""

from __future__ import annotations

import math

from scipy.special import gammaincinv

from vertebrisk.kernels.distributions import t_quantile
from vertebrisk.kernels.sample_size.searching import fewest

MARGIN_OF_ERROR = 1.1
_FEWEST_BEYOND = 2


def expected_shrinkage(n: int, parameters: int, r2: float) -> float:
    """The global shrinkage factor by the closed form of Copas, from the apparent R²."""
    apparent = (r2 * (n - parameters - 1) + parameters) / (n - 1)
    return 1 + (parameters - 2) / (n * math.log1p(-apparent))


def n_for_shrinkage(parameters: int, r2: float, shrinkage: float) -> int:
    """Fewest patients with whom coefficients need be shrunk no further than by `shrinkage`."""
    return fewest(
        parameters + _FEWEST_BEYOND, lambda n: expected_shrinkage(n, parameters, r2) >= shrinkage
    )


def n_for_optimism(parameters: int, r2: float, optimism: float) -> int:
    """Fewest patients with whom the apparent R² is too high by `optimism` at most."""
    return math.ceil(round(1 + parameters * (1 - r2) / optimism, 9))


def residual_margin(n: int, parameters: int) -> float:
    """By what factor the residual SD may be off, at 95 %."""
    df = n - parameters - 1
    low, high = (2 * float(gammaincinv(df / 2, share)) / df for share in (0.025, 0.975))
    return math.sqrt(max(1 / low, high))


def n_for_residual_sd(parameters: int, margin: float = MARGIN_OF_ERROR) -> int:
    """Fewest patients with whom the residual SD is known within a factor of `margin`."""
    return fewest(parameters + _FEWEST_BEYOND, lambda n: residual_margin(n, parameters) <= margin)


def mean_reach(n: int, parameters: int, r2: float, sd: float) -> float:
    """Half the width of the 95 % interval of the mean outcome of average patients."""
    return float(t_quantile(0.975, n - parameters - 1)) * sd * math.sqrt((1 - r2) / n)


def n_for_mean(parameters: int, r2: float, mean: float, sd: float, margin: float) -> int:
    """Fewest patients with whom the mean outcome is known within a factor of `margin`."""
    reach = abs(mean) * (margin - 1)
    return fewest(parameters + _FEWEST_BEYOND, lambda n: mean_reach(n, parameters, r2, sd) <= reach)
