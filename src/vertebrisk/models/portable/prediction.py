"""Risks of new patients from a RiskModel, with intervals, points and flags."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk._checks import check_fraction, listed
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.design.encode import Encoded, encode
from vertebrisk.engines.threads import threads_allowed
from vertebrisk.errors import DataError, ModelError
from vertebrisk.models.averaging.predicting import averageable, averaged_risks
from vertebrisk.models.portable.flagging import AVERAGED, MISSING, Flags
from vertebrisk.models.portable.limits import LinkScale, risks_with_limits
from vertebrisk.models.survival.reading import stratum_label

if TYPE_CHECKING:
    from vertebrisk.models.portable.baseline import Baseline
    from vertebrisk.models.portable.risk_model import RiskModel

ROWS = 16_384  # patients whose columns are held at once: they stay near the processor
MAX_THREADS = 4
PATTERNS = 4096  # most combinations of levels of which each is scored once

Codes = Mapping[str, FloatArray]


def asked_horizon(model: RiskModel, horizon: float | None) -> float | None:
    """The horizon of a prediction, the model's first by default; None for a logistic model."""
    if model.kind == "logistic":
        if horizon is None:
            return None
        raise ModelError(
            f"A logistic model predicts the risk at {model.outcome.time_point or 'one time'}; "
            "it cannot be asked for another horizon."
        )
    if horizon is None:
        return model.horizons[0]
    number = isinstance(horizon, int | float | np.number) and not isinstance(horizon, bool)
    if not number or not 0.0 < float(horizon) <= model.limit:
        raise ModelError(
            f"The horizon is {horizon!r}; this model predicts from above 0 to {model.limit:g} "
            f"{model.time_unit}, where its follow-up ends.".replace(" ,", ",")
        )
    return float(horizon)


def predict_frame(
    model: RiskModel, data: object, horizon: float | None, level: float
) -> pl.DataFrame:
    """See `RiskModel.predict`."""
    check_fraction(level, "level")
    frame = as_polars(data)
    encoded = encode(model.design, frame)
    strata = None if horizon is None or model.population.refuses_risks else _strata(model, frame)
    scores = _scored_by_pattern(model, encoded.codes, frame.height, strata, horizon, level)
    averaged = _average(model, encoded, scores, strata, horizon, level)
    return pl.DataFrame(
        {
            "risk": scores.risks[0],
            "conf_low": scores.risks[1],
            "conf_high": scores.risks[2],
            "linear_predictor": scores.linear,
            "total_points": _points(model, scores.linear),
            "flags": _flags(model, encoded, scores.known, averaged, strata, horizon).column(),
        }
    ).fill_nan(None)


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What is known of every row: can it be scored, linear predictor, risk and its limits."""

    known: BoolArray
    linear: FloatArray
    risks: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """The different strata of a table, their baselines, and which of them every row has.

    A stratum that the model does not know has the baseline None.
    """

    rows: list[tuple[object, ...]]
    baselines: list[Baseline | None]
    of: IntArray

    def within(self, part: slice, horizon: float) -> Iterator[tuple[Baseline, BoolArray]]:
        """Each baseline that reaches a horizon, with those of some rows that have it."""
        of = self.of[part]
        for place in np.unique(of):
            baseline = self.baselines[place]
            if baseline is not None and horizon <= baseline.limit:
                yield baseline, np.asarray(of == place)

    def remark(self, place: int, names: tuple[str, ...], horizon: float) -> list[str]:
        """Why a stratum has no risk by a horizon."""
        row, baseline = self.rows[place], self.baselines[place]
        absent = [name for name, value in zip(names, row, strict=True) if value is None]
        if absent:
            return [f"{MISSING}{name}" for name in absent]
        if baseline is None:
            return [f"unknown stratum: {stratum_label(row)}"]
        return ["beyond the follow-up of its stratum"] if horizon > baseline.limit else []


def _average(
    model: RiskModel,
    encoded: Encoded,
    scores: Scores,
    strata: Strata | None,
    horizon: float | None,
    level: float,
) -> BoolArray:
    """Fill in the risks of rows whose missing inputs the model averages over, and say which."""
    if model.missing_inputs is None or model.population.refuses_risks:
        return np.zeros(scores.known.size, dtype=np.bool_)
    rows = np.flatnonzero(averageable(encoded.codes, encoded.unusable))
    if rows.size:
        found = averaged_risks(
            model,
            {name: values[rows] for name, values in encoded.codes.items()},
            np.zeros(rows.size, dtype=np.intp) if strata is None else strata.of[rows],
            lambda place: _scale_of(model, strata, place, horizon),
            level,
        )
        scores.known[rows], scores.risks[:, rows] = found.known, found.risks
    averaged = np.zeros(scores.known.size, dtype=np.bool_)
    averaged[rows] = True
    return averaged


def _scale_of(
    model: RiskModel, strata: Strata | None, place: int, horizon: float | None
) -> LinkScale | None:
    if strata is None or horizon is None:
        return LinkScale.log_odds(model)
    baseline = strata.baselines[place]
    if baseline is None or horizon > baseline.limit:
        return None
    return LinkScale.log_hazard(model, baseline, horizon)


def _scored_by_pattern(
    model: RiskModel,
    codes: Codes,
    size: int,
    strata: Strata | None,
    horizon: float | None,
    level: float,
) -> Scores:
    """Every row scored; where few combinations of levels are possible, each of these once."""
    patterns = None if model.strata else _patterns(model.design, codes, size)
    if patterns is None:
        return _scored(model, codes, size, strata, horizon, level)
    distinct, of, count = patterns
    if strata is not None:
        strata = Strata(strata.rows, strata.baselines, np.zeros(count, dtype=np.intp))
    scores = _scored(model, distinct, count, strata, horizon, level)
    return Scores(scores.known[of], scores.linear[of], scores.risks[:, of])


def _patterns(design: Design, codes: Codes, size: int) -> tuple[Codes, IntArray, int] | None:
    """Combinations of levels that occur, which of them each row has, and their number.

    None where a predictor is a number, or there are about as many combinations as rows.
    """
    counts = tuple(len(each.levels) + 1 for each in design.predictors)  # one for missing
    possible = math.prod(counts)
    categorical = all(each.categorical for each in design.predictors)
    if not categorical or not counts or possible > min(PATTERNS, size):
        return None
    places = [
        np.where(np.isnan(codes[each.name]), len(each.levels), codes[each.name]).astype(np.intp)
        for each in design.predictors
    ]
    pattern = np.ravel_multi_index(places, counts)
    occurs = np.bincount(pattern, minlength=possible) > 0
    present = np.flatnonzero(occurs)
    distinct = {
        each.name: np.where(place == len(each.levels), np.nan, place.astype(np.float64))
        for each, place in zip(design.predictors, np.unravel_index(present, counts), strict=True)
    }
    return distinct, (np.cumsum(occurs) - 1)[pattern], present.size


def _scored(
    model: RiskModel,
    codes: Codes,
    size: int,
    strata: Strata | None,
    horizon: float | None,
    level: float,
) -> Scores:
    """Every row scored, some at a time, so that memory does not grow with their columns."""
    scores = Scores(np.zeros(size, np.bool_), np.full(size, np.nan), np.full((3, size), np.nan))
    parts = [slice(start, min(start + ROWS, size)) for start in range(0, size, ROWS)]

    def score(part: slice) -> None:
        matrix = _matrix(model.design, codes, part)
        scores.known[part] = use = ~np.isnan(matrix).any(axis=1)
        if model.population.refuses_risks:
            return
        linear = np.where(use, model.intercept + matrix @ model.beta, np.nan)
        scores.linear[part] = linear
        risks = scores.risks[:, part]
        for scale, rows in _scales(model, strata, part, horizon):
            use_rows = use & rows
            risks[:, use_rows] = risks_with_limits(scale, matrix[use_rows], linear[use_rows], level)

    threads = min(MAX_THREADS, len(parts), threads_allowed())
    if threads <= 1:
        for part in parts:
            score(part)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(score, parts))
    return scores


def _scales(
    model: RiskModel, strata: Strata | None, part: slice, horizon: float | None
) -> Iterator[tuple[LinkScale, BoolArray]]:
    """The scale of the risks of some rows, and which of them have it."""
    if horizon is None:
        yield LinkScale.log_odds(model), np.ones(part.stop - part.start, dtype=np.bool_)
    elif strata is not None:
        for baseline, rows in strata.within(part, horizon):
            yield LinkScale.log_hazard(model, baseline, horizon), rows


def _matrix(design: Design, codes: Codes, part: slice) -> FloatArray:
    """Columns of some rows."""
    if not design.terms:
        return np.empty((part.stop - part.start, 0))
    return design.matrix({name: values[part] for name, values in codes.items()})


def _points(model: RiskModel, linear: FloatArray) -> FloatArray:
    try:
        nomogram = model.nomogram()
    except ModelError:
        return np.full(linear.size, np.nan)
    return (linear - nomogram.intercept) * nomogram.points_per_unit


def _strata(model: RiskModel, frame: pl.DataFrame) -> Strata:
    """The stratum of every row; all are of one where the model has none."""
    if not model.strata:
        return Strata([()], [model.baselines[0]], np.zeros(frame.height, dtype=np.intp))
    lacking = [name for name in model.strata if name not in frame.columns]
    if lacking:
        raise DataError(
            f"The model needs {listed(lacking)} to choose a baseline, which the data do not have."
        )
    places: dict[tuple[object, ...], int] = {}
    rows = frame.select(model.strata).iter_rows()
    of = np.fromiter((places.setdefault(row, len(places)) for row in rows), np.intp, frame.height)
    known = {each.stratum: each for each in model.baselines}
    found = [None if None in row else known.get(stratum_label(row)) for row in places]
    return Strata(list(places), found, of)


def _flags(
    model: RiskModel,
    encoded: Encoded,
    known: BoolArray,
    averaged: BoolArray,
    strata: Strata | None,
    horizon: float | None,
) -> Flags:
    flags = Flags(known.size)
    population = model.population
    if population.refuses_risks:
        flags.mark(known, f"no risk: controls were matched on {listed(population.matched)}")
    elif population.design == "case-control" and population.prevalence is None:
        flags.mark(known, "risk in a sample of controls, not in a population")
    for predictor in model.design.predictors:
        values, unusable = encoded.codes[predictor.name], encoded.unusable[predictor.name]
        word = "unknown level" if predictor.categorical else "not a number"
        flags.mark(unusable, f"{word}: {predictor.name}")
        missing = np.isnan(values) & ~unusable
        flags.mark(missing & ~averaged, f"{MISSING}{predictor.name}")
        flags.mark(missing & averaged, f"{AVERAGED}{predictor.name}")
        if not predictor.categorical and predictor.limits is not None:
            with np.errstate(invalid="ignore"):
                beyond = (values < predictor.limits[0]) | (values > predictor.limits[1])
            flags.mark(beyond, f"extrapolation: {predictor.name}")
    outside = ~known & (flags.none | averaged)
    flags.mark(outside, "outside the domain of a transformation")
    for rule, condition in zip(model.consistency, model.conditions, strict=True):
        flags.mark(condition.broken(encoded.codes), rule.flag)
    if strata is not None and horizon is not None:
        _flag_strata(model, strata, known, horizon, flags)
    return flags


def _flag_strata(
    model: RiskModel, strata: Strata, known: BoolArray, horizon: float, flags: Flags
) -> None:
    for place, baseline in enumerate(strata.baselines):
        for remark in strata.remark(place, model.strata, horizon):
            rows = strata.of == place
            flags.mark(rows if baseline is None else rows & known, remark)
