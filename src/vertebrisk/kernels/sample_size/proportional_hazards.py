"""Variances of a Cox validation, by integrals over patients who follow the model exactly.

The linear predictor is normal, the baseline hazard constant up to the horizon, taken for 1,
where follow-up ends; patients may be lost before at a constant rate. What a large sample would
have in each cell of a grid of linear predictor and time is known, so nothing is simulated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError

_REACH = 8.0
_PREDICTORS, _MOMENTS = 801, 500
_EARLIEST, _TIMES = 1e-18, 2000
_WIDEST, _LARGEST_SPREAD = 40.0, 8.0
# Logs of hazards with which nobody has the event by the horizon, and everybody at once.
_NEVER, _AT_ONCE = -600.0, 40.0


@dataclass(frozen=True, eq=False)
class ExpectedFollowUp:
    """What is expected of follow-up to the horizon.

    Attributes
    ----------
    spread : float
        SD of the linear predictor.
    predictor, share : array, shape (p,)
        Linear predictors in ascending order and the share of patients at each.
    hazard : array, shape (p,)
        Of the event, per horizon.
    loss : float
        Rate of loss to follow-up, per horizon.
    """

    spread: float
    predictor: FloatArray
    share: FloatArray
    hazard: FloatArray
    loss: float

    @property
    def _rate(self) -> FloatArray:
        """Of leaving for either reason, by predictor."""
        return np.asarray(self.hazard + self.loss)

    @cached_property
    def _edges(self) -> FloatArray:
        """Ends of the moments, each of which sees as many events as the next."""
        times = np.concatenate([[0.0], np.geomspace(_EARLIEST, 1.0, _TIMES)])
        gone = -np.expm1(-self._rate * times[:, None])
        events = gone @ (self.share * self.hazard / self._rate)
        wanted = np.linspace(0.0, events[-1], _MOMENTS + 1)
        return np.asarray(np.unique(np.interp(wanted, events, times)))

    @cached_property
    def _left(self) -> FloatArray:
        """Share of all patients, by predictor, who leave in each moment."""
        survived = np.exp(-self._rate[:, None] * self._edges)
        return np.asarray(self.share[:, None] * -np.diff(survived, axis=1))

    @cached_property
    def _at_risk(self) -> FloatArray:
        """Share of all patients, by predictor, followed in each moment on average."""
        return np.asarray(self._left / (self._rate[:, None] * np.diff(self._edges)))

    @cached_property
    def _events(self) -> FloatArray:
        """Share of all patients, by predictor, with the event in each moment."""
        return np.asarray(self._left * (self.hazard / self._rate)[:, None])

    @property
    def event_share(self) -> float:
        """Share of patients whose event is seen before the horizon."""
        return float(self._events.sum())

    @property
    def slope_variance(self) -> float:
        """Variance of the Cox coefficient of the linear predictor times the patients."""
        mean = self.predictor @ self._events / self._events.sum(axis=0)
        spread = (self.predictor[:, None] - mean) ** 2 * self._events
        return 1 / float(spread.sum())

    @property
    def log_risk_variance(self) -> float:
        """Variance of the log of Kaplan-Meier's risk at the horizon times the patients."""
        at_risk = self._at_risk.sum(axis=0)
        hit = self._events.sum(axis=0) / at_risk
        survival = math.exp(-float(hit.sum()))
        greenwood = float((hit / at_risk).sum())
        return greenwood * (survival / (1 - survival)) ** 2

    @cached_property
    def _comparisons(self) -> tuple[tuple[FloatArray, FloatArray, FloatArray], ...]:
        """Of each kind of patient: their shares, the pairs they win less those they lose, and all.

        A patient with the event is compared with those followed for longer, any patient with
        those whose event came before. Equal predictors and moments count by half.
        """
        after = self._at_risk
        before = np.cumsum(self._events, axis=1) - self._events / 2
        net_after = _below(after) - _above(after)
        net_before = _above(before) - _below(before)
        all_after, all_before = after.sum(axis=0), before.sum(axis=0)
        lost = self._left - self._events
        last = self.share * np.exp(-self._rate)
        end = np.cumsum(self._events, axis=1)[:, -1:]
        return (
            (self._events, net_after + net_before, all_after + all_before),
            (lost, net_before, all_before),
            (last[:, None], _above(end) - _below(end), end.sum(axis=0)),
        )

    @cached_property
    def c_index(self) -> float:
        """Harrell's C-index that is expected under this follow-up."""
        net, pairs = (
            sum(float((share * kind[place]).sum()) for share, *kind in self._comparisons)
            for place in (0, 1)
        )
        return (1 + net / pairs) / 2

    @property
    def c_index_variance(self) -> float:
        """Variance of Harrell's C-index times the patients, by its influence function."""
        excess = 2 * self.c_index - 1
        pairs = sum(float((share * every).sum()) for share, _, every in self._comparisons)
        squares = sum(
            float((share * (net - excess * every) ** 2).sum())
            for share, net, every in self._comparisons
        )
        return squares / pairs**2


def expected_follow_up(risk: float, c_index: float, lost: float) -> ExpectedFollowUp:
    """Follow-up of patients for whom the model is right.

    Parameters
    ----------
    risk : float
        Average risk of the event by the horizon.
    c_index : float
        Harrell's, of events by the horizon; more than 0.5.
    lost : float
        Share of patients lost to follow-up before the horizon and before an event; 0 or more.

    Raises
    ------
    ArgumentError
        For a C-index that would need an SD of the linear predictor above 8.
    """
    from scipy.optimize import brentq

    def excess(spread: float) -> float:
        return _followed(risk, spread, lost).c_index - c_index

    most = excess(_LARGEST_SPREAD)
    if most < 0:
        raise ArgumentError(
            f"c_index is {c_index:g}; with a risk of {risk:g} by the horizon no linear predictor "
            f"met in practice gives more than {most + c_index:.2f}."
        )
    spread = brentq(excess, 0.0, _LARGEST_SPREAD, xtol=1e-10)
    return _followed(risk, float(spread), lost)


def _followed(risk: float, spread: float, lost: float) -> ExpectedFollowUp:
    """The same for a linear predictor of this SD."""
    from scipy.optimize import brentq

    normal = np.linspace(-_REACH, _REACH, _PREDICTORS)
    share = np.exp(-(normal**2) / 2)
    share /= share.sum()
    predictor = spread * normal

    def hazard(log_baseline: float) -> FloatArray:
        return np.asarray(np.exp(np.clip(log_baseline + predictor, _NEVER, _AT_ONCE)))

    def excess_risk(log_baseline: float) -> float:
        return float(share @ -np.expm1(-hazard(log_baseline))) - risk

    widest = _WIDEST + _REACH * spread
    found = hazard(brentq(excess_risk, -widest, widest, xtol=1e-13))

    def excess_loss(rate: float) -> float:
        return float(share @ (-np.expm1(-(rate + found)) * rate / (rate + found))) - lost

    loss = float(brentq(excess_loss, 0.0, math.exp(_AT_ONCE), xtol=1e-13)) if lost > 0 else 0.0
    return ExpectedFollowUp(spread, predictor, share, found, loss)


def _below(values: FloatArray) -> FloatArray:
    """Sums over the lower predictors, those of the same by half."""
    return np.asarray(np.cumsum(values, axis=0) - values / 2)


def _above(values: FloatArray) -> FloatArray:
    """Sums over the higher predictors, those of the same by half."""
    return np.asarray(values.sum(axis=0) - _below(values))
