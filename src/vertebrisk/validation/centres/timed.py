"""One centre by risks of an event by a horizon that were made without it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.survival.censoring import COMPETING, EVENT
from vertebrisk.kernels.survival.fine_gray_inference import fine_gray_inference
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.validation.centres.measured import (
    LEAST_EXPECTED,
    Centre,
    Measure,
    Reason,
    logit_measure,
    one_sided_ratio,
    with_enough_expected,
)
from vertebrisk.validation.survival.concordance import ConcordanceKind, concordance
from vertebrisk.validation.survival.groups import observed_incidence
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.smoothing import calibration_slopes


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Patients with their follow-up.

    Attributes
    ----------
    exit : array, shape (n,)
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event.
    strata : int array, shape (n,)
        Patients are compared inside these.
    """

    exit: FloatArray
    status: IntArray
    strata: IntArray

    def take(self, rows: BoolArray) -> Followed:
        """Some of the patients."""
        return Followed(self.exit[rows], self.status[rows], self.strata[rows])

    def events_by(self, horizon: float) -> BoolArray:
        """Who had the event by a horizon."""
        return np.asarray((self.status == EVENT) & (self.exit <= horizon))


def timed_centre(
    name: str,
    patients: Followed,
    linear: FloatArray,
    risk: FloatArray,
    horizon: float,
    kind: ConcordanceKind,
    level: float,
    *,
    finite: bool,
    reached: bool,
) -> Centre:
    """A centre by linear predictors and risks of a model of the others.

    Observed is one less Kaplan-Meier, or the incidence of Aalen and Johansen; slope that of
    follow-up cut off at the horizon; C of events by the horizon, who had the competing event
    never having it (Wolbers et al. 2009, doi:10.1097/EDE.0b013e3181a39056).

    Parameters
    ----------
    patients : Followed
    linear, risk : array, shape (n,)
    horizon : float
    kind : {"harrell", "uno"}
    level : float
    finite : bool
        Whether the others gave a finite estimate; without one the slope has no meaning.
    reached : bool
        Whether the others were followed to the horizon; else their risks by it are not known.
    """
    n, n_events = linear.size, int(patients.events_by(horizon).sum())
    at = AtHorizon.of(patients.exit, patients.status, horizon)
    known, expected = reached and bool(at.known[0]), float(risk.sum())
    measures: dict[str, Measure] = {}
    if known:
        ratio = _ratio(patients, risk, horizon, n_events, level)
        measures["observed_expected"] = with_enough_expected(ratio, expected)
    brier = float(at.brier(risk[None])[0]) if known else None
    found = None
    if n_events:
        found = _concordance(patients, linear, horizon, kind, level)
        slope = _slope(patients, linear, horizon, level) if finite else None
        measures |= {"c_index": found} if found else {}
        measures |= {"slope": slope} if slope else {}
    reasons: list[Reason] = [] if finite else ["the others give no finite estimate"]
    reasons += [] if reached else ["the others were followed for too short a time"]
    reasons += [] if bool(at.known[0]) else ["followed for too short a time"]
    reasons += ["less than one event expected"] if known and expected < LEAST_EXPECTED else []
    reasons += _lacking(linear, n_events, measures, finite=finite)
    return Centre(name, n, n_events, measures, brier, finite, tuple(reasons))


def _lacking(
    linear: FloatArray, n_events: int, measures: Mapping[str, Measure], *, finite: bool
) -> Iterator[Reason]:
    if n_events == 0:
        yield "no events"
        return
    ratio = measures.get("observed_expected")
    if ratio is not None and ratio.value > 0.0 and ratio.low is None:
        yield "events only"
    if np.ptp(linear) == 0.0:
        yield "one risk"
    elif "c_index" not in measures:
        yield "no two can be compared"
    elif measures["c_index"].value in (0.0, 1.0) or (finite and "slope" not in measures):
        yield "scores part the outcomes"
    if n_events == 1:
        yield "one event"


def _ratio(
    patients: Followed, risk: FloatArray, horizon: float, n_events: int, level: float
) -> Measure:
    """Observed share over mean risk, its error that of the logarithm of the observed share."""
    expected = float(risk.mean())
    if n_events == 0:
        return one_sided_ratio(0, risk.size * expected, risk.size)
    share, error, _, _ = observed_incidence(patients.exit, patients.status, horizon, level)
    ratio = share / expected
    if not error > 0.0:
        return Measure(ratio)
    spread = error / share
    reach = math.exp(float(normal_quantile(0.5 + level / 2)) * spread)
    return Measure(ratio, ratio / reach, ratio * reach, math.log(ratio), spread)


def _concordance(
    patients: Followed, linear: FloatArray, horizon: float, kind: ConcordanceKind, level: float
) -> Measure | None:
    exit, status = patients.exit, patients.status
    never = np.where(status == COMPETING, exit.max() + 1.0, exit)
    try:
        found = concordance(
            never, status == EVENT, linear, kind=kind, tau=horizon, strata=patients.strata
        )
    except ArgumentError:  # no two patients can be compared
        return None
    return logit_measure(found.estimate, found.std_error, level)


def _slope(patients: Followed, linear: FloatArray, horizon: float, level: float) -> Measure | None:
    exit = np.minimum(patients.exit, horizon)
    rival = (patients.status == COMPETING) & (patients.exit <= horizon)
    event = patients.events_by(horizon)
    times = SurvivalTimes(exit, event, None, patients.strata)
    if rival.any():
        times = SurvivalTimes(exit, event)
    slopes, variances = calibration_slopes(
        linear[None], times, np.ones((1, exit.size)), competing=rival if rival.any() else None
    )
    slope, variance = float(slopes[0]), float(variances[0])
    if not np.isfinite(slope):
        return None
    if rival.any():
        status = np.where(event, EVENT, np.where(rival, COMPETING, 0))
        beta, information = np.array([slope]), np.array([[1.0 / variance]])
        found = fine_gray_inference(linear[:, None], exit, status, beta, information)
        variance = float(found.covariance[0, 0])
    error = math.sqrt(variance)
    reach = float(normal_quantile(0.5 + level / 2)) * error
    return Measure(slope, slope - reach, slope + reach, slope, error)
