"""Classification at thresholds where the event comes over time, at one horizon.

References
----------
Uno H et al. 2007, doi:10.1198/016214507000000149. Blanche P et al. 2013,
doi:10.1002/sim.5958.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_risks, as_thresholds, check_choice, check_fraction
from vertebrisk._types import BoolArray, FloatArray, Json, ShareInterval
from vertebrisk.errors import ArgumentError
from vertebrisk.validation.classification import LIMITS_SCHEMA, limits_of
from vertebrisk.validation.results import column_dict
from vertebrisk.validation.shares import Limited, ShareLimits
from vertebrisk.validation.survival.decision import SAME
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.influence import standard_error
from vertebrisk.validation.survival.inputs import as_followed, as_horizon

_SCHEMA = {
    "threshold": pl.Float64,
    "n_flagged": pl.Int64,
    "n_flagged_events": pl.Int64,
    "n_flagged_unknown": pl.Int64,
    **LIMITS_SCHEMA,
}


@dataclass(frozen=True, slots=True, eq=False)
class ClassificationSurvival:
    """What acting at each threshold finds and misses by a horizon.

    Attributes
    ----------
    n, n_events, n_unknown : int
        Patients; those seen to have the event by the horizon; those censored before it.
    horizon : float
    intervals : {"wilson", "exact"}
    level : float
    frame : polars.DataFrame
        A row a threshold: threshold, n_flagged (patients at or above it), n_flagged_events and
        n_flagged_unknown (of these, seen to have the event, and censored before the horizon),
        and the measures of `Classification.frame` with `*_low` and `*_high`.
    """

    n: int
    n_events: int
    n_unknown: int
    horizon: float
    intervals: ShareInterval
    level: float
    frame: pl.DataFrame

    def to_dict(self) -> Json:
        """JSON form."""
        numbers = {name: getattr(self, name) for name in self.__slots__[:-1]}
        return {**numbers, "frame": column_dict(self.frame)}


def classification_survival(
    time: ArrayLike,
    status: ArrayLike,
    risk: ArrayLike,
    horizon: float,
    thresholds: ArrayLike,
    *,
    intervals: ShareInterval = "wilson",
    level: float = 0.95,
) -> ClassificationSurvival:
    """Of patients at or above a threshold, how many have the event by a horizon; who is missed?

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up of each patient to the first of event, competing event and censoring.
    status : array-like, shape (n,)
        0 censored, 1 the event, 2 a competing event; or booleans, True for the event.
    risk : array-like, shape (n,)
        Predicted probability of the event by the horizon, 0 to 1 (not percent).
    horizon : float
        In the unit of `time`, inside follow-up.
    thresholds : array-like, shape (k,)
        Strictly between 0 and 1, fixed beforehand. A risk equal to one is above it.
    intervals : {"wilson", "exact"}
        Of shares, with the effective size: the number of patients without censoring who would
        give the variance that was found.
    level : float
        Confidence level.

    Returns
    -------
    ClassificationSurvival
        Cases have the event by the horizon; the others are known to be without it (who had a
        competing event before is one of them). Every patient whose fate is known has the inverse
        probability of being uncensored as weight, from Kaplan-Meier, as timeROC's
        ``SeSpPPVNPV``; standard errors count in that this curve is estimated. Likelihood
        ratios have limits on the logarithm, Youden's index Wald's.

    Raises
    ------
    ArgumentError
        For a horizon beyond follow-up or before the first event, for one by which nobody is
        known to be without the event, and values that are not times, statuses, probabilities
        or thresholds.

    References
    ----------
    Uno et al. 2007, doi:10.1198/016214507000000149. Blanche et al. 2013,
    doi:10.1002/sim.5958
    """
    exit, codes = as_followed(time, status)
    when = as_horizon(horizon, exit, codes)
    values = as_risks(risk, "risk", exit.size)
    cuts = as_thresholds(thresholds)
    if cuts.size == 0:
        raise ArgumentError("thresholds is empty; give at least one.")
    check_choice(intervals, "intervals", ShareInterval)
    check_fraction(level, "level")
    at = AtHorizon.of(exit, codes, when)
    if not at.others.any():
        raise ArgumentError(
            f"Nobody is known to be without the event at the horizon {when:g}; a classification "
            "needs such patients. Choose an earlier horizon."
        )
    unknown = ~(at.cases | at.others)
    rows = []
    for cut in cuts:
        flagged = values >= cut - SAME
        found = dict(_measures(at, flagged, ShareLimits(intervals, level)))
        counts = {
            "n_flagged": int(flagged.sum()),
            "n_flagged_events": int((flagged & at.cases).sum()),
            "n_flagged_unknown": int((flagged & unknown).sum()),
        }
        rows.append({"threshold": float(cut), **counts, **limits_of(found)})
    return ClassificationSurvival(
        n=exit.size,
        n_events=int(at.cases.sum()),
        n_unknown=int(unknown.sum()),
        horizon=when,
        intervals=intervals,
        level=level,
        frame=pl.DataFrame(rows, schema=_SCHEMA),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Share:
    """A share, what each patient adds to it, and its derivative by the patient's weight.

    `own` and `shared` are those of `influence.standard_error`, shape (n,); `size` counts the
    patients below the line.
    """

    value: float
    own: FloatArray
    shared: FloatArray
    size: float

    @classmethod
    def of(cls, right: FloatArray, below: FloatArray, weighted: bool, size: float) -> _Share:
        """Ratio of two means over the patients; `weighted` where the lower one is, too."""
        mean = float(below.mean())
        if mean <= 0.0:
            nothing = np.full(right.size, np.nan)
            return cls(float("nan"), nothing, nothing, 0.0)
        value = float(right.mean()) / mean
        own = (right - value * below) / mean
        return cls(value, own, own if weighted else right / mean, size)

    def limited(self, at: AtHorizon, limits: ShareLimits) -> Limited:
        """With its limits; rounding of a weighted share of 1 is taken off."""
        if not np.isfinite(self.value):
            return Limited()
        value = 1.0 if abs(self.value - 1.0) < SAME else min(self.value, 1.0)
        variance = standard_error(self.own, self.shared, at) ** 2
        return limits.of_variance(value, variance, self.size)


def _measures(
    at: AtHorizon, flagged: BoolArray, limits: ShareLimits
) -> Iterator[tuple[str, Limited]]:
    mass = at.stands_for[0]
    case, other = mass * at.cases, mass * at.others
    everyone = np.ones(mass.size)
    known = at.cases | at.others
    sensitivity = _Share.of(case * flagged, case, True, float(at.cases.sum()))
    specificity = _Share.of(other * ~flagged, other, True, float(at.others.sum()))
    yield "sensitivity", sensitivity.limited(at, limits)
    yield "specificity", specificity.limited(at, limits)
    for name, right, group in (("ppv", case, flagged), ("npv", other, ~flagged)):
        size = float((known & group).sum())
        share = _Share.of(right * group, group.astype(np.float64), False, size)
        yield name, share.limited(at, limits)
    right = case * flagged + other * ~flagged
    yield "accuracy", _Share.of(right, everyone, False, float(known.sum())).limited(at, limits)
    yield "flagged", limits.share(float(flagged.sum()), float(flagged.size))
    yield from _combined(at, sensitivity, specificity, limits)


def _combined(
    at: AtHorizon, sensitivity: _Share, specificity: _Share, limits: ShareLimits
) -> Iterator[tuple[str, Limited]]:
    """Youden's index and the likelihood ratios; the two shares are not independent here."""

    def error(first: float, second: float) -> float:
        own = first * sensitivity.own + second * specificity.own
        shared = first * sensitivity.shared + second * specificity.shared
        return standard_error(own, shared, at)

    se, sp = sensitivity.value, specificity.value
    yield "youden", limits.around(se + sp - 1.0, error(1.0, 1.0), (-1.0, 1.0))
    for name, over, under in (("lr_positive", se, 1.0 - sp), ("lr_negative", 1.0 - se, sp)):
        if under <= SAME:
            yield name, Limited()
        elif over <= SAME:
            yield name, Limited(0.0)
        else:
            yield name, limits.of_log(over / under, error(1.0 / over, 1.0 / under))
