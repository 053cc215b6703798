"""What is asked of a Cox model after it was fitted, by passes over its sorted patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, pairwise

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.engines import pairs
from vertebrisk.engines.columns import Values
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.engines.sorted_patients import SortedPatients
from vertebrisk.engines.stretches import Stretches
from vertebrisk.kernels.finite import regular_inverse, settles
from vertebrisk.kernels.streamed.centring import Centring, centring, pooled
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.kernels.survival.maximum import DECREMENT_TOLERANCE, LARGEST
from vertebrisk.kernels.survival.times import meeting

STEP = "Cox regression"
LARGEST_EXPONENT = 700.0  # of which the exponential is still finite


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """How far the patients of each stratum are followed.

    Attributes
    ----------
    sizes : int array, shape (strata,)
        Patients.
    last : array, shape (2, strata)
        Their longest follow-up, and the next to it; -inf where there is none.
    first : array, shape (strata,)
        Time of the first event; inf without any.
    """

    sizes: IntArray
    last: FloatArray
    first: FloatArray

    @property
    def silent(self) -> BoolArray:
        """Where no event meets another patient at risk."""
        return np.asarray(self.first > self.last[1])


def reach_of(patients: SortedPatients, engine: Engine, strata: int) -> Reach:
    """By one pass over the times."""
    work = partial(_reach, patients, strata)
    return engine.reduce(patients.columns, patients.own, work, _reaching, STEP)


def _reach(patients: SortedPatients, strata: int, chunk: Chunk) -> Reach:
    groups, time = _groups(patients, chunk), chunk.values[patients.time]
    last, first = np.full((2, strata), -np.inf), np.full(strata, np.inf)
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    longer = np.flatnonzero(groups[1:] == groups[:-1])
    after = longer[np.isin(longer, starts)] + 1
    last[0, groups[starts]], last[1, groups[after]] = time[starts], time[after]
    died = np.asarray(chunk.values[patients.event], dtype=np.bool_)
    np.minimum.at(first, groups[died], time[died])
    return Reach(np.bincount(groups, minlength=strata), last, first)


def _reaching(one: Reach, other: Reach) -> Reach:
    last = np.sort(np.concatenate([one.last, other.last]), axis=0)[:1:-1]
    return Reach(one.sizes + other.sizes, last, np.minimum(one.first, other.first))


def concordance(patients: SortedPatients, engine: Engine, beta: FloatArray, strata: int) -> float:
    """Harrell's C of the linear predictors, within strata; NaN where no two can be compared."""
    work = partial(_sizes, patients, strata)
    sizes = engine.reduce(patients.columns, patients.own, work, np.add, STEP).tolist()
    made = {
        pairs.TIME: Made((patients.time,), partial(_same, patients.time)),
        pairs.EVENT: Made((patients.event,), partial(_event, patients.event)),
        pairs.SCORE: Made((patients.time, *patients.names), partial(_score, patients, beta)),
    }
    found = [
        pairs.count_pairs(DerivedColumns(Stretches(patients.columns, (rows,)), made)).sums
        for rows in (slice(low, high) for low, high in pairwise(accumulate([0, *sizes])))
        if rows.stop - rows.start > 1
    ]
    every = sum(each.pairs for each in found)
    net = sum(each.concordant - each.discordant for each in found)
    return 0.5 + 0.5 * net / every if every else float("nan")


def _sizes(patients: SortedPatients, strata: int, chunk: Chunk) -> IntArray:
    return np.bincount(_groups(patients, chunk), minlength=strata)


def _same(name: str, values: Mapping[str, Values]) -> Values:
    return values[name]


def _event(name: str, values: Mapping[str, Values]) -> Values:
    return np.asarray(values[name], dtype=np.uint8)


def _score(patients: SortedPatients, beta: FloatArray, values: Mapping[str, Values]) -> Values:
    if not patients.names:
        return np.zeros(values[patients.time].size)
    return patients.matrix({name: values[name] for name in patients.names}) @ beta


def marks_met(
    patients: SortedPatients, engine: Engine, marks: Sequence[FloatArray]
) -> list[BoolArray]:
    """Which marks of each stratum are event times of it, but for rounding."""
    work = partial(_met, patients, tuple(marks))
    return engine.reduce(patients.columns, patients.own, work, _either, STEP)


def _met(patients: SortedPatients, marks: tuple[FloatArray, ...], chunk: Chunk) -> list[BoolArray]:
    groups = _groups(patients, chunk)
    died = np.asarray(chunk.values[patients.event], dtype=np.bool_)
    found = [np.zeros(each.size, dtype=np.bool_) for each in marks]
    for stratum in np.unique(groups):
        times = chunk.values[patients.time][died & (groups == stratum)][::-1]
        found[stratum] = meeting(marks[stratum], times)
    return found


def _either(one: list[BoolArray], other: list[BoolArray]) -> list[BoolArray]:
    return [a | b for a, b in zip(one, other, strict=True)]


def _groups(patients: SortedPatients, chunk: Chunk) -> IntArray:
    if patients.stratum is None:
        return np.zeros(chunk.size, dtype=np.int64)
    return np.asarray(chunk.values[patients.stratum], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Linear predictors of all patients, and their risks.

    Attributes
    ----------
    spread : Centring
    lowest, greatest : float
    risks : array, shape (horizons,)
        Sums over the patients.
    """

    spread: Centring
    lowest: float
    greatest: float
    risks: FloatArray


def scored(
    patients: SortedPatients, engine: Engine, beta: FloatArray, hazards: FloatArray
) -> Scored:
    """By one pass; `hazards` of shape (strata, horizons) are cumulative, for covariates of 0."""
    work = partial(_scored, patients, beta, hazards)
    return engine.reduce(patients.columns, patients.read, work, _scored_together, STEP)


def _scored(
    patients: SortedPatients, beta: FloatArray, hazards: FloatArray, chunk: Chunk
) -> Scored:
    rows = patients.rows(chunk)
    linear = rows.columns @ beta
    relative = np.exp(np.minimum(linear, LARGEST_EXPONENT))
    groups = _groups(patients, chunk)
    return Scored(
        centring(replace(rows, columns=linear[:, None])),
        float(linear.min()),
        float(linear.max()),
        np.array([-np.expm1(-each[groups] * relative).sum() for each in hazards.T]),
    )


def _scored_together(one: Scored, other: Scored) -> Scored:
    return Scored(
        pooled(one.spread, other.spread),
        min(one.lowest, other.lowest),
        max(one.greatest, other.greatest),
        one.risks + other.risks,
    )


def proves_finite(
    patients: SortedPatients, engine: Engine, fits: CoxFits, centre: FloatArray
) -> bool:
    """See `kernels.survival.cox.proves_finite`; `centre` is that of the covariates."""
    if not fits.converged[0] or fits.deficient[0]:
        return False
    regular = regular_inverse(fits.information[0])
    if regular is None or centre.size == 0:
        return centre.size == 0
    work = partial(_farthest, patients, centre, *regular)
    reach = engine.reduce(patients.columns, patients.read, work, max, STEP)
    return settles(4.0 * reach, DECREMENT_TOLERANCE * (1.0 + LARGEST))


def _farthest(
    patients: SortedPatients,
    centre: FloatArray,
    inverse: FloatArray,
    scale: FloatArray,
    chunk: Chunk,
) -> float:
    part = (patients.rows(chunk).columns - centre) / scale
    return float(np.einsum("mp,mp->m", part @ inverse, part).max(initial=0.0))
