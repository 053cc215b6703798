"""A model made ready to score one patient at a time: plain numbers, no data frame.

The same risk, interval and points as `RiskModel.predict`, which stays the reference: the
tests hold the two against each other to 1e-12 over every kind of model.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.design.factors import Factor, Term
from vertebrisk.design.powers import orders
from vertebrisk.errors import ModelError
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.models.averaging.predicting import averaged_risks
from vertebrisk.models.portable.baseline import Baseline
from vertebrisk.models.portable.limits import LinkScale
from vertebrisk.models.portable.risk_model import RiskModel

LEVEL = 0.95
KEPT_MOMENTS = 256  # times asked of a model of time to event whose baseline is kept at hand

LARGEST_COLUMN = 1e100  # the square of a larger one, in a variance, is beyond the doubles

Columns = Callable[[float], list[float]]


@dataclass(frozen=True, slots=True)
class Scored:
    """One patient's answer; limits are None where the model has no interval.

    An average over missing inputs has no linear predictor and no points.
    """

    risk: float
    conf_low: float | None
    conf_high: float | None
    linear_predictor: float | None
    total_points: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The baseline of one stratum at one time: all that a patient's risk by then needs.

    `spread` is None where too little has happened for an interval.
    """

    log_hazard: float
    spread: float | None
    centre: FloatArray
    draws: FloatArray | None


class CompiledModel:
    """Scores one patient; not frozen, since it keeps the baselines of times already asked."""

    __slots__ = (
        "_beta", "_covariance", "_draws", "_intercept", "_moments", "_points", "_reach", "_terms",
        "model",
    )  # fmt: skip

    def __init__(self, model: RiskModel) -> None:
        self.model = model
        self._terms = [_term(term) for term in model.design.terms]
        self._beta = [float(each) for each in model.beta]
        self._intercept = float(model.intercept)
        self._reach = float(normal_quantile(0.5 + LEVEL / 2.0))
        based = model.interval_kind == "model-based"
        self._covariance = model.covariance if based else None
        drawn = model.interval_kind == "procedure-bootstrap"
        self._draws = model.draws if drawn else None
        self._moments: dict[tuple[str, float], Moment | None] = {}
        self._points = _points(model)

    def score(
        self, codes: Mapping[str, float], horizon: float | None, stratum: str = ""
    ) -> Scored | None:
        """Risk, limits and points of one patient.

        Parameters
        ----------
        codes : mapping
            A number for every predictor: the value, or the position of its level.
        horizon : float or None
            For a model of time to event: the risk by then.
        stratum : str
            The patient's, one of the model's.

        Returns
        -------
        Scored, or None where a transformation has no value (the logarithm of 0), the risk is
        beyond the range of numbers, or follow-up of the stratum ends before the horizon.
        """
        row: list[float] = []
        try:
            for term in self._terms:
                row += term(codes)
            linear = self._intercept + math.fsum(map(operator.mul, row, self._beta))
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        if not math.isfinite(linear) or any(abs(each) > LARGEST_COLUMN for each in row):
            return None
        if horizon is None:
            risk = _expit(linear)
            low, high = self._logistic_limits(row, linear)
        else:
            moment = self._moment(stratum, horizon)
            if moment is None:
                return None
            risk, low, high = self._by_horizon(moment, row, linear)
        points = None if self._points is None else (linear - self._points[0]) * self._points[1]
        return Scored(risk, low, high, linear, points)

    def average(
        self, codes: Mapping[str, float], horizon: float | None, stratum: str = ""
    ) -> Scored | None:
        """Risk and limits of a patient, averaged over the inputs whose code is NaN; see `score`."""
        scale = LinkScale.log_odds(self.model)
        if horizon is not None:
            baseline = next(each for each in self.model.baselines if each.stratum == stratum)
            if horizon > baseline.limit:
                return None
            scale = LinkScale.log_hazard(self.model, baseline, horizon)
        alone = {name: np.array([code]) for name, code in codes.items()}
        found = averaged_risks(
            self.model, alone, np.zeros(1, dtype=np.intp), lambda _: scale, LEVEL
        )
        if not found.known[0]:
            return None
        risk, *limits = found.risks[:, 0].tolist()
        low, high = (None if math.isnan(each) else each for each in limits)
        return Scored(risk, low, high, None, None)

    def _logistic_limits(
        self, row: list[float], linear: float
    ) -> tuple[float | None, float | None]:
        if self._covariance is not None:
            spread = _form(self._covariance, np.array([1.0, *row]))
            reach = self._reach * math.sqrt(max(spread, 0.0))
            return _expit(linear - reach), _expit(linear + reach)
        if self._draws is not None:
            low, high = _percentiles(self._draws @ np.array([1.0, *row]))
            return _expit(low), _expit(high)
        return None, None

    def _by_horizon(
        self, moment: Moment, row: list[float], linear: float
    ) -> tuple[float, float | None, float | None]:
        log_hazard = linear + moment.log_hazard
        risk = _by_hazard(log_hazard)
        if moment.spread is None:
            return risk, None, None
        if self._covariance is not None:
            gap = np.array(row) - moment.centre
            reach = self._reach * math.sqrt(max(moment.spread + _form(self._covariance, gap), 0.0))
            return risk, _by_hazard(log_hazard - reach), _by_hazard(log_hazard + reach)
        if moment.draws is not None:
            low, high = _percentiles(moment.draws @ np.array([1.0, *row]))
            return risk, _by_hazard(low), _by_hazard(high)
        return risk, None, None

    def knows(self, stratum: str) -> bool:
        """True for a stratum that has a baseline."""
        return any(each.stratum == stratum for each in self.model.baselines)

    def _moment(self, stratum: str, horizon: float) -> Moment | None:
        """What is known at a horizon; None beyond the follow-up of the stratum."""
        key = (stratum, horizon)
        kept = self._moments  # one mapping throughout: another thread may begin a new one
        if key in kept:
            return kept[key]
        place, baseline = next(
            (place, each)
            for place, each in enumerate(self.model.baselines)
            if each.stratum == stratum
        )
        found = self._moment_of(place, baseline, horizon)
        if len(kept) >= KEPT_MOMENTS:
            self._moments = kept = {}
        kept[key] = found
        return found

    def _moment_of(self, place: int, baseline: Baseline, horizon: float) -> Moment | None:
        if horizon > baseline.limit:
            return None
        hazard, variance, mean = baseline.at(horizon)
        if hazard**2 == 0.0:
            return Moment(math.log(hazard) if hazard else -math.inf, None, mean, None)
        return Moment(
            math.log(hazard), variance / hazard**2, mean / hazard, self._draws_at(place, horizon)
        )

    def _draws_at(self, place: int, horizon: float) -> FloatArray | None:
        horizons = self.model.horizons
        if self._draws is None or horizon not in horizons:
            return None
        size = len(self._beta)
        column = size + place * len(horizons) + horizons.index(horizon)
        return np.column_stack([self._draws[:, column], self._draws[:, :size]])


def _points(model: RiskModel) -> tuple[float, float] | None:
    """Linear predictor at zero points and points of one unit of it, where there is a nomogram."""
    try:
        nomogram = model.nomogram()
    except ModelError:
        return None
    return float(nomogram.intercept), float(nomogram.points_per_unit)


def _expit(linear: float) -> float:
    if linear >= 0.0:
        return 1.0 / (1.0 + math.exp(-linear))
    raised = math.exp(linear)
    return raised / (1.0 + raised)


def _by_hazard(log_hazard: float) -> float:
    return -math.expm1(-math.exp(min(log_hazard, 700.0)))


def _form(matrix: FloatArray, row: FloatArray) -> float:
    """Quadratic form, summed in the order of `predict`: terms of collinear columns cancel."""
    inner = np.cumsum(matrix * row, axis=1)[:, -1]
    return float(np.cumsum(row * inner)[-1])


def _percentiles(values: FloatArray) -> tuple[float, float]:
    """Limits of the level, as `numpy.quantile` interpolates them."""
    ordered = np.sort(values)
    tail = (1.0 - LEVEL) / 2.0
    return _quantile(ordered, tail), _quantile(ordered, 1.0 - tail)


def _quantile(ordered: FloatArray, share: float) -> float:
    place = share * (ordered.size - 1)
    below = math.floor(place)
    above = min(below + 1, ordered.size - 1)
    return float(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


def _term(term: Term) -> Callable[[Mapping[str, float]], list[float]]:
    """Columns of a term, the first factor varying fastest."""
    factors = [(factor.variable, _factor(factor)) for factor in term.factors]
    if len(factors) == 1:
        variable, columns = factors[0]
        return lambda codes: columns(codes[variable])

    def crossed(codes: Mapping[str, float]) -> list[float]:
        variable, columns = factors[0]
        left = columns(codes[variable])
        for variable, columns in factors[1:]:
            left = [a * b for b in columns(codes[variable]) for a in left]
        return left

    return crossed


def _factor(factor: Factor) -> Columns:
    """Columns of one factor; ValueError or OverflowError where it has no value."""
    match factor.kind:
        case "categorical":
            size = len(factor.levels)
            rows = {
                float(code): [1.0 if place == code else 0.0 for place in range(1, size)]
                for code in range(1, size)
            }
            reference = [0.0] * (size - 1)
            return lambda value: rows.get(value, reference)
        case "rcs":
            return _spline(factor.knots)
        case "log":
            return lambda value: [math.log(value)]
        case "sqrt":
            return lambda value: [math.sqrt(value)]
        case "power":
            exponent = factor.exponent
            return lambda value: [math.pow(value, exponent)]
        case "powers":
            return _powers(factor)
        case _:
            return lambda value: [value]


def _powers(factor: Factor) -> Columns:
    """Columns of a fractional polynomial; see `vertebrisk.design.powers.basis`."""
    shift, scale, found = factor.shift, factor.scale, orders(factor.powers)

    def columns(value: float) -> list[float]:
        sized = (value + shift) / scale
        log = math.log(sized)
        return [
            log ** (order + 1) if power == 0 else math.pow(sized, power) * log**order
            for power, order in found
        ]

    return columns


def _spline(knots: tuple[float, ...]) -> Columns:
    """Columns of a restricted cubic spline; see `vertebrisk.design.splines.basis`."""
    scale = (knots[-1] - knots[0]) ** (2 / 3)
    last, before = knots[-1], knots[-2]

    def columns(value: float) -> list[float]:
        of_last = max((value - last) / scale, 0.0) ** 3
        of_before = max((value - before) / scale, 0.0) ** 3
        found = [value]
        for knot in knots[:-2]:
            tail = (before - knot) * of_last - (last - knot) * of_before
            found.append(max((value - knot) / scale, 0.0) ** 3 + tail / (last - before))
        return found

    return columns
