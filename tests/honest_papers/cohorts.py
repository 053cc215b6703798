"""Patients simulated: correlated variables, an outcome that depends on some of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtr

from vertebrisk._types import BoolArray, FloatArray

Kind = Literal["levels", "whole", "number"]

_LEVELS: dict[str, tuple[str, ...]] = {
    "sex": ("Male", "Female"),
    "diabetes": ("No", "Yes"),
    "hypertension": ("No", "Yes"),
    "smoking": ("No", "Yes"),
    "ivc": ("No", "Yes"),
    "fascia_oedema": ("No", "Yes"),
    "leakage": ("No", "Yes"),
    "cement": ("Spongy", "Blocky"),
    "goutallier": ("0-1", "2", "3-4"),
    "level": ("T4-T10", "T11-L2", "L3-L5"),
    "severity": ("Mild", "Moderate", "Severe"),
    "age_group": ("<60", "60-70", "70-80", ">80"),
}
_WHOLE: dict[str, tuple[float, float, int, int]] = {  # mean, SD, least, greatest
    "vas": (6.4, 1.3, 0, 10),
    "odi": (64.0, 11.0, 0, 100),
    "age": (72.0, 8.5, 40, 99),
    "segments": (1.2, 0.9, 1, 6),
    "delay_days": (9.0, 7.0, 1, 60),
}
_NUMBER: dict[str, tuple[float, float, int]] = {  # mean, SD, decimals of the record
    "bmi": (23.5, 3.4, 1),
    "t_score": (-3.1, 0.8, 2),
    "cobb": (18.0, 8.0, 1),
    "cement_ml": (4.6, 1.3, 1),
    "height_ratio": (62.0, 12.0, 2),
    "ct_value": (88.0, 28.0, 0),
    "calcium": (2.25, 0.12, 2),
    "crp": (8.0, 6.0, 2),
}
_SKEWED = ("crp", "delay_days", "segments")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One variable; levels are codes into `levels`, the reference first. Missing is NaN."""

    name: str
    kind: Kind
    values: FloatArray
    levels: tuple[str, ...] = ()
    decimals: int = 0
    limits: tuple[int, int] | None = None

    @property
    def known(self) -> BoolArray:
        """True where a value was recorded."""
        return np.asarray(~np.isnan(self.values))


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """The patients of one paper. `time` is follow-up, of a Cox model alone."""

    columns: tuple[Column, ...]
    event: BoolArray
    time: FloatArray | None
    case_control: bool
    population: tuple[int, int] | None  # patients and events that cases and controls are from

    @property
    def n(self) -> int:
        """Number of patients."""
        return int(self.event.size)

    def take(self, chosen: BoolArray) -> Cohort:
        """Some of the patients."""
        return replace(
            self,
            columns=tuple(replace(each, values=each.values[chosen]) for each in self.columns),
            event=self.event[chosen],
            time=None if self.time is None else self.time[chosen],
        )


def draw_cohort(rng: np.random.Generator) -> Cohort:
    """Patients of a paper, 40 to 1500, with 8 to 300 events and as many others at least."""
    while True:
        cohort = _drawn(rng)
        events = int(cohort.event.sum())
        if 8 <= events <= 300 and cohort.n - events >= 8:
            return cohort


def _drawn(rng: np.random.Generator) -> Cohort:
    kind = rng.choice(["cohort", "case-control", "cox"], p=[0.6, 0.2, 0.2])
    n = round(math.exp(rng.uniform(math.log(40), math.log(900 if kind == "cox" else 1500))))
    share = float(rng.uniform(0.25, 0.5) if kind == "case-control" else rng.uniform(0.06, 0.45))
    names = rng.permutation([*_LEVELS, *_WHOLE, *_NUMBER])[: rng.integers(3, 13)]
    shared = rng.normal(size=n)
    latent = {
        str(name): _mixed(shared, rng.uniform(-0.5, 0.6), rng.normal(size=n)) for name in names
    }
    eta = sum(
        (z * rng.choice([0.0, 0.3, 0.8, 1.6], p=[0.35, 0.35, 0.22, 0.08]) * rng.choice([-1, 1])
         for z in latent.values()),
        np.zeros(n),
    )  # fmt: skip
    columns = [_column(name, z, rng) for name, z in latent.items()]
    if rng.random() < 0.35:
        columns = [_with_missing(column, rng) for column in columns]
    constant = brentq(lambda a: float(expit(a + eta).mean()) - share, -60, 60)
    event = rng.random(n) < expit(constant + eta)
    if rng.random() < 0.05:  # one value in all patients, or in all that have the event
        chosen = event if rng.random() < 0.5 else np.ones(n, np.bool_)
        columns = [_made_equal(column, chosen) for column in columns]
    time = None
    if kind == "cox":
        survival = rng.exponential(size=n) / np.exp(eta + constant) * 12.0
        censored = rng.uniform(6.0, 24.0, size=n)
        event = survival <= censored
        decimals = int(rng.choice([0, 1, 2]))
        time = np.maximum(np.round(np.minimum(survival, censored), decimals), 10.0**-decimals)
    population = None
    if kind == "case-control":
        events = int(event.sum())
        population = (events + (n - events) * int(rng.integers(2, 9)), events)
    return Cohort(tuple(columns), event, time, kind == "case-control", population)


def _mixed(shared: FloatArray, weight: float, own: FloatArray) -> FloatArray:
    return np.asarray(weight * shared + math.sqrt(1.0 - weight**2) * own)


def _column(name: str, z: FloatArray, rng: np.random.Generator) -> Column:
    if name in _LEVELS:
        return _levelled(name, z, rng)
    if name in _WHOLE:
        mean, sd, least, greatest = _WHOLE[name]
        values = np.clip(np.round(_spread(name, z, mean, sd)), least, greatest)
        return Column(name, "whole", values, limits=(least, greatest))
    mean, sd, decimals = _NUMBER[name]
    values = np.round(_spread(name, z, mean, sd), decimals)
    around = math.floor(values.min()) - 1, math.ceil(values.max()) + 1
    return Column(name, "number", values, (), decimals, around if rng.random() < 0.5 else None)


def _spread(name: str, z: FloatArray, mean: float, sd: float) -> FloatArray:
    if name not in _SKEWED:
        return mean + sd * z
    log_variance = math.log1p((sd / mean) ** 2)
    return np.asarray(mean * np.exp(math.sqrt(log_variance) * z - log_variance / 2))


def _levelled(name: str, z: FloatArray, rng: np.random.Generator) -> Column:
    """Codes by cutting the latent variable; a level may be rare, or be in no patient at all."""
    levels = _LEVELS[name]
    shares = rng.dirichlet(np.full(len(levels), rng.choice([0.6, 2.0, 6.0])))
    cuts = np.cumsum(shares)[:-1]
    codes = np.searchsorted(cuts, ndtr(z)).astype(np.float64)
    if rng.random() < 0.2:  # another reference than the first in order
        reference = int(rng.integers(len(levels)))
        order = [reference, *(each for each in range(len(levels)) if each != reference)]
        codes = np.argsort(order)[codes.astype(np.int64)].astype(np.float64)
        levels = tuple(levels[each] for each in order)
    return Column(name, "levels", codes, levels)


def _made_equal(column: Column, chosen: BoolArray) -> Column:
    if column.name not in ("segments", "cement_ml"):
        return column
    values = column.values.copy()
    values[chosen] = float(np.nanmedian(values))
    return replace(column, values=np.round(values, column.decimals))


def _with_missing(column: Column, rng: np.random.Generator) -> Column:
    if rng.random() < 0.6:
        return column
    values = column.values.copy()
    values[rng.random(values.size) < rng.uniform(0.01, 0.15)] = np.nan
    return replace(column, values=values)
