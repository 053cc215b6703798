"""Patients of known truth, shaped like those of the field's studies, and values that go missing.

A data set depends on its scenario and its number alone, so that any part of a run can be repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.survival.times import SurvivalTimes

Kind = Literal["logistic", "cox"]
Missingness = Literal["by outcome and age", "by chance"]


@dataclass(frozen=True, slots=True)
class Predictor:
    """One column: a normal variable, or whether it exceeds the quantile of its share."""

    name: str
    label: str
    effect: float  # log odds ratio or log hazard ratio; of a number, for one SD
    share: float | None = None


PREDICTORS = (
    Predictor("oedema", "fascia oedema (40 %)", 0.8, 0.40),
    Predictor("steroids", "steroids (6 %)", 1.1, 0.06),
    Predictor("age", "age, per SD", 0.4),
    Predictor("t_score", "T-score, per SD", -0.6),
    Predictor("male", "male sex (20 %), no effect", 0.0, 0.20),
)
TRUTH = np.array([each.effect for each in PREDICTORS])
OEDEMA, STEROIDS, AGE, T_SCORE, MALE = range(5)
CORRELATION = np.array(
    [
        [1.0, 0.1, 0.3, -0.2, 0.0],
        [0.1, 1.0, 0.0, -0.3, 0.0],
        [0.3, 0.0, 1.0, -0.5, 0.0],
        [-0.2, -0.3, -0.5, 1.0, 0.2],
        [0.0, 0.0, 0.0, 0.2, 1.0],
    ]
)
INCOMPLETE = {OEDEMA: 0.20, T_SCORE: 0.25}  # columns that go missing, and how often
AVOIDED = 1.0  # log odds of a gap for one SD of age, in patients without the event
SOUGHT = -1.0  # log odds of a gap in patients with it

POPULATION = 200_000  # patients on whom the unknown of a scenario is found
STREAMS = {"population": 11, "logistic": 12, "cox": 13}  # of random numbers
ENDS = (6.0, 36.0)  # months of follow-up at the end of a study with steady recruitment
LOSS = 120.0  # mean months until a patient would be lost before


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of study: its model, its size, and the events to be expected."""

    kind: Kind
    n: int
    events: int

    @property
    def name(self) -> str:
        """By which the results are filed."""
        return f"{self.kind}-{self.events}"


SCENARIOS = tuple(
    Scenario(kind, n, events)
    for kind in ("logistic", "cox")
    for n, events in ((268, 37), (150, 14))
)


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """One data set.

    Attributes
    ----------
    scenario : Scenario
    number : int
        Of the data set in its scenario.
    columns : array, shape (n, 5)
    event : bool array, shape (n,)
    time : array, shape (n,)
        Months to the event or to the end of follow-up; empty in a logistic scenario.
    chance : array, shape (n, 5)
        Uniform numbers that decide which values go missing.
    """

    scenario: Scenario
    number: int
    columns: FloatArray
    event: BoolArray
    time: FloatArray
    chance: FloatArray

    @property
    def outcome(self) -> FloatArray:
        """1 for the event."""
        return self.event.astype(np.float64)

    @property
    def times(self) -> SurvivalTimes:
        """Follow-up as the kernels know it."""
        return SurvivalTimes(self.time, self.event)

    def take(self, rows: BoolArray) -> Cohort:
        """Some of the patients."""
        time = self.time[rows] if self.time.size else self.time
        return Cohort(
            self.scenario,
            self.number,
            self.columns[rows],
            self.event[rows],
            time,
            self.chance[rows],
        )

    def missing(self, how: Missingness) -> BoolArray:
        """Values that go missing, shape (n, 5)."""
        gap = np.zeros(self.columns.shape, dtype=np.bool_)
        for column, share in INCOMPLETE.items():
            lost: float | FloatArray = share
            if how == "by outcome and age":
                leaning = _leaning(self.columns, self.event)
                lost = np.asarray(expit(base_of_gaps(self.scenario, column) + leaning))
            gap[:, column] = self.chance[:, column] < lost
        return gap


def cohort(scenario: Scenario, number: int) -> Cohort:
    """A data set by its number."""
    random = np.random.default_rng([STREAMS[scenario.kind], scenario.n, number])
    columns = drawn_columns(scenario.n, random)
    event, time = _outcomes(scenario, columns, random)
    return Cohort(scenario, number, columns, event, time, random.random(columns.shape))


def drawn_columns(n: int, random: np.random.Generator) -> FloatArray:
    """Predictors of new patients, shape (n, 5)."""
    columns = random.standard_normal((n, len(PREDICTORS))) @ np.linalg.cholesky(CORRELATION).T
    for place, each in enumerate(PREDICTORS):
        if each.share is not None:
            columns[:, place] = columns[:, place] > normal_quantile(1.0 - each.share)
    return np.asarray(columns)


@cache
def population() -> FloatArray:
    """Predictors of very many patients; whoever is expected anything of stands for all."""
    columns = drawn_columns(POPULATION, np.random.default_rng(STREAMS["population"]))
    columns.flags.writeable = False
    return columns


@cache
def level_of(scenario: Scenario) -> float:
    """Intercept, or log hazard a month, that lets the scenario's events be expected."""
    linear = population() @ TRUTH
    share = scenario.events / scenario.n
    if scenario.kind == "logistic":
        return float(brentq(lambda a: expit(a + linear).mean() - share, -10.0, 5.0))
    followed = _follow_up(POPULATION, np.random.default_rng([STREAMS["population"], 1]))
    return float(
        brentq(lambda a: -np.expm1(-np.exp(a + linear) * followed).mean() - share, -20.0, 0.0)
    )


@cache
def base_of_gaps(scenario: Scenario, column: int) -> float:
    """Log odds of a gap in a patient of average age without the event."""
    random = np.random.default_rng([STREAMS["population"], 2])
    event, _ = _outcomes(scenario, population(), random)
    leaning = _leaning(population(), event)
    share = INCOMPLETE[column]
    return float(brentq(lambda a: expit(a + leaning).mean() - share, -10.0, 5.0))


def _outcomes(
    scenario: Scenario, columns: FloatArray, random: np.random.Generator
) -> tuple[BoolArray, FloatArray]:
    linear = level_of(scenario) + columns @ TRUTH
    if scenario.kind == "logistic":
        return random.random(linear.size) < expit(linear), np.empty(0)
    time = random.standard_exponential(linear.size) * np.exp(-linear)
    followed = _follow_up(linear.size, random)
    return time <= followed, np.minimum(time, followed)


def _follow_up(n: int, random: np.random.Generator) -> FloatArray:
    """Months from the operation to the end of the study, or to a loss before it."""
    return np.minimum(random.uniform(*ENDS, n), random.exponential(LOSS, n))


def _leaning(columns: FloatArray, event: BoolArray) -> FloatArray:
    """How the log odds of a gap depend on what is known of everyone."""
    return np.asarray(np.where(event, SOUGHT, AVOIDED * columns[:, AGE]))
