"""What models of one data set predict: their mean risk, and their worth in new patients."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from scipy.special import expit
from tests.simulation.estimating import Fitted, fitted
from tests.simulation.objectives import with_ones
from tests.simulation.scenarios import (
    PREDICTORS,
    STREAMS,
    TRUTH,
    Cohort,
    Scenario,
    drawn_columns,
    level_of,
)

from vertebrisk import fit_logistic
from vertebrisk._types import FloatArray
from vertebrisk.errors import VertebriskWarning
from vertebrisk.kernels.firth.logistic import fit_firth_batch, with_covariate, with_intercept
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.kernels.ranks import auc_batch
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.kernels.survival.concordance import concordance_batch
from vertebrisk.kernels.survival.cox import fit_cox_batch
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.kernels.tied import collapse_counts, collapse_ties
from vertebrisk.validation.measures import recalibrate

NEW = 8_000  # patients to whom the models are applied
ALIKE = 4  # of them with the same predictors, whose times are spread evenly over their chances
FOLLOWED = 120.0  # months; a slope of proportional hazards is the same at any time
RESAMPLES = 100
STREAM = 19  # of resamples


@dataclass(frozen=True, slots=True)
class Predicted:
    """One model, and how it does.

    Attributes
    ----------
    excess : float
        Mean predicted risk of the model's own patients less their share of events.
    slope, c_index : float
        In new patients.
    """

    excess: float
    slope: float
    c_index: float


ABSENT = Predicted(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class NewPatients:
    """Patients whom no model was made from; `risk` is the true one, without chance."""

    columns: FloatArray
    risk: FloatArray
    times: SurvivalTimes


@cache
def new_patients(scenario: Scenario) -> NewPatients:
    """Those of a scenario."""
    random = np.random.default_rng([STREAMS[scenario.kind], scenario.n])
    columns = np.repeat(drawn_columns(NEW // ALIKE, random), ALIKE, axis=0)
    linear = level_of(scenario) + columns @ TRUTH
    chance = (np.tile(np.arange(ALIKE), NEW // ALIKE) + random.random(NEW)) / ALIKE
    time = -np.log1p(-chance) * np.exp(-linear)
    times = SurvivalTimes(np.minimum(time, FOLLOWED), time <= FOLLOWED)
    return NewPatients(columns, expit(linear), times)


def predicted(cohort: Cohort) -> dict[str, Predicted]:
    """Every method's model of a data set."""
    return _logistic(cohort) if cohort.scenario.kind == "logistic" else _cox(cohort)


def true_worth(scenario: Scenario) -> tuple[float, float]:
    """Calibration slope and C-index of the true model in the new patients."""
    worth = _binary_worth if scenario.kind == "logistic" else _followed_worth
    return worth(scenario, TRUTH)


def _logistic(cohort: Cohort) -> dict[str, Predicted]:
    design, everyone = with_ones(cohort.columns), np.ones((1, cohort.event.size))
    firth = fit_firth_batch(design, cohort.outcome, everyone)
    models = {
        "Firth, intercept as it comes": firth.beta[0],
        "Firth with FLIC": with_intercept(firth, design, cohort.outcome, everyone).beta[0],
        "Firth with FLAC": with_covariate(firth, design, cohort.outcome, everyone).beta[0],
        "ridge": _ridge(cohort),
    }
    found = {name: _binary(cohort, beta) for name, beta in models.items()}
    plain = fitted(cohort, "ml")
    found["maximum likelihood"] = (
        _binary(cohort, np.concatenate([[plain.intercept], plain.beta])) if plain.exists else ABSENT
    )
    factors = {
        "shrunken by the heuristic factor": heuristic_factor(plain),
        "shrunken by the bootstrap slope": bootstrap_slope(cohort) if plain.exists else np.nan,
    }
    for name, factor in factors.items():
        beta = shrunken(cohort, plain.beta, factor)
        found[name] = ABSENT if np.isnan(factor) else _binary(cohort, beta)
    return found


def heuristic_factor(fit: Fitted) -> float:
    """Van Houwelingen and le Cessie's; NaN where it is not above 0, and no model is made."""
    factor = (fit.gain - fit.beta.size) / fit.gain
    return float(factor) if factor > 0.0 else np.nan


def bootstrap_slope(cohort: Cohort) -> float:
    """Corrected slope of a validation, at most 1; NaN where it is not above 0.

    Resamples without a finite estimate are left out, as the product does.
    """
    design = with_ones(cohort.columns)
    weights = bootstrap_weights(cohort.event.size, RESAMPLES, STREAM)
    found = fit_logistic_batch(design, cohort.outcome, weights)
    usable = found.converged & ~found.deficient
    linear = found.beta[usable] @ design.T
    if linear.shape[0] == 0:
        return np.nan
    slopes = recalibrate(collapse_ties(linear, np.ones_like(linear), cohort.outcome))[1]
    slope = min(float(slopes.mean()), 1.0)
    return slope if slope > 0.0 else np.nan


def shrunken(cohort: Cohort, beta: FloatArray, factor: float) -> FloatArray:
    """Coefficients times the factor, and the intercept that keeps the mean risk."""
    if np.isnan(factor):
        return np.full(beta.size + 1, np.nan)
    linear = factor * (cohort.columns @ beta)
    ones = np.ones((cohort.event.size, 1))
    start = np.zeros(1)
    found = fit_logistic_batch(ones, cohort.outcome, ones.T, offset=linear, start=start)
    return np.concatenate([found.beta[0], factor * beta])


def _ridge(cohort: Cohort) -> FloatArray:
    """The product's ridge regression, its penalty by cross-validation."""
    names = [each.name for each in PREDICTORS]
    frame = pl.DataFrame(cohort.columns, schema=names).with_columns(event=pl.Series(cohort.event))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VertebriskWarning)
        fit = fit_logistic(f"event ~ {' + '.join(names)}", frame, estimator="ridge")
    return np.concatenate([[fit.intercept], fit.beta])


def _binary(cohort: Cohort, beta: FloatArray) -> Predicted:
    mean_risk = float(expit(beta[0] + cohort.columns @ beta[1:]).mean())
    slope, c_index = _binary_worth(cohort.scenario, beta[1:])
    return Predicted(mean_risk - float(cohort.outcome.mean()), slope, c_index)


def _binary_worth(scenario: Scenario, beta: FloatArray) -> tuple[float, float]:
    """Every new patient has the event in the share of the true risk."""
    new = new_patients(scenario)
    linear = (new.columns @ beta)[None]
    tied = collapse_counts(linear, np.ones_like(linear), new.risk[None].copy(), 0.0)
    return float(recalibrate(tied)[1][0]), float(auc_batch(tied)[0])


def _cox(cohort: Cohort) -> dict[str, Predicted]:
    plain, firth = fitted(cohort, "ml"), fitted(cohort, "firth")
    factor = heuristic_factor(plain)
    models = {
        "maximum likelihood": plain.beta,
        "Firth": firth.beta,
        "shrunken by the heuristic factor": factor * plain.beta,
    }
    found = {}
    for name, beta in models.items():
        if np.isnan(beta).any():
            found[name] = ABSENT
        else:
            found[name] = Predicted(np.nan, *_followed_worth(cohort.scenario, beta))
    return found


def _followed_worth(scenario: Scenario, beta: FloatArray) -> tuple[float, float]:
    new = new_patients(scenario)
    linear = new.columns @ beta
    slope = fit_cox_batch(linear[:, None], new.times, ties="breslow").beta[0, 0]
    pairs = concordance_batch(new.times, linear[None], np.ones((1, NEW)))
    alike = pairs.concordant + 0.5 * pairs.tied
    total = pairs.concordant + pairs.discordant + pairs.tied
    return float(slope), float(alike[0] / total[0])
