"""Patients to validate a model of a binary outcome: standard errors and sizes for them.

References
----------
Riley RD et al. 2021, doi:10.1002/sim.9025. Newcombe RG 2006, doi:10.1002/sim.2324 (C-index).
Marsh TL, Janes H, Pepe MS 2020, doi:10.1111/biom.13190 (standardised net benefit).
"""

from __future__ import annotations

import math

from scipy.special import expit

from vertebrisk.kernels.sample_size.normal_predictor import PredictorDistribution

Z = 1.96


def error_of_width(width: float) -> float:
    """Standard error of an estimate whose 95 % interval is so wide."""
    return width / (2 * Z)


def log_error_of_width(ratio: float, width: float) -> float:
    """Standard error of the log of a ratio whose 95 % interval is so wide on its own scale."""
    return math.asinh(width / (2 * ratio)) / Z


def log_ratio_error(n: float, prevalence: float) -> float:
    """Standard error of the log of observed over expected events."""
    return math.sqrt((1 - prevalence) / (n * prevalence))


def n_for_log_ratio(prevalence: float, error: float) -> int:
    """Patients with whom the log of observed over expected has this standard error."""
    return math.ceil((1 - prevalence) / (prevalence * error**2))


def slope_variance(model: PredictorDistribution) -> float:
    """Variance of the calibration slope times the number of patients, where the model is right."""
    risk = expit(model.values)
    weight = model.share * risk * (1 - risk)
    total = float(weight.sum())
    mean = float(weight @ model.values) / total
    return 1 / float(weight @ (model.values - mean) ** 2)


def c_index_error(n: float, prevalence: float, c_index: float) -> float:
    """Newcombe's standard error of the C-index (his method 4)."""
    half = n / 2 - 1
    spread = 1 + half * (1 - c_index) / (2 - c_index) + half * c_index / (1 + c_index)
    return math.sqrt(c_index * (1 - c_index) * spread / (prevalence * (1 - prevalence))) / n


def n_for_c_index(prevalence: float, c_index: float, error: float) -> int:
    """Fewest patients with whom the C-index has a standard error of `error` at most.

    Newcombe's variance is (a + b n) / n², so the size is the root of a parabola.
    """
    outer = c_index * (1 - c_index) / (prevalence * (1 - prevalence))
    per_patient = ((1 - c_index) / (2 - c_index) + c_index / (1 + c_index)) / 2
    constant = outer * (1 - 2 * per_patient)
    linear = outer * per_patient
    root = (linear + math.sqrt(linear**2 + 4 * error**2 * constant)) / (2 * error**2)
    return max(math.ceil(root - 1e-9), 2)


def net_benefit_variance(
    prevalence: float, threshold: float, sensitivity: float, specificity: float
) -> float:
    """Variance of the standardised net benefit times the number of patients."""
    odds = (1 - prevalence) / prevalence * threshold / (1 - threshold)
    missed = sensitivity * (1 - sensitivity) / prevalence
    alarms = specificity * (1 - specificity) / (1 - prevalence)
    shared = (1 - specificity) ** 2 / (prevalence * (1 - prevalence))
    return missed + odds**2 * (alarms + shared)


def standardised_net_benefit(
    prevalence: float, threshold: float, sensitivity: float, specificity: float
) -> float:
    """Net benefit over the largest that there can be, the prevalence."""
    odds = (1 - prevalence) / prevalence * threshold / (1 - threshold)
    return sensitivity - (1 - specificity) * odds
