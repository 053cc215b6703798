"""Linear predictors of patients that are read in pieces, and what is known of them at a horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from operator import add

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.engine import Chunk, Engine, watch_of
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.engines.sorting import sorted_columns
from vertebrisk.engines.timed_counts import TimedCounts, counted_by_time
from vertebrisk.kernels.survival.censoring import CensoringCurve
from vertebrisk.validation.survival.horizon import SAME, AtHorizon
from vertebrisk.validation.survival.resampling import LOWEST, risks_by

TIME, EVENT, LINEAR = "time", "event", "linear_predictor"
READ = (TIME, EVENT, LINEAR)
STEP = "risks by the horizon"


@dataclass(frozen=True, slots=True, eq=False)
class FollowedScores:
    """Linear predictors of patients and how their follow-up ended, in two orders.

    Attributes
    ----------
    engine : Engine
    by_time : Columns
        `READ`, the latest time first.
    by_score : Columns
        The same, the lowest linear predictor first.
    counts : TimedCounts
        Of those without the event, and of those with it.
    """

    engine: Engine
    by_time: Columns
    by_score: Columns
    counts: TimedCounts

    @classmethod
    def of(cls, scores: PatientScan, scratch: ScratchFolder) -> FollowedScores:
        """Of `StreamedCoxFit.scores`; those in order lie in the scratch folder."""
        engine, columns = scores.engine, scores.columns
        folder, watch = scratch.path / "by score", watch_of(engine)
        ordered = sorted_columns(columns, READ, (LINEAR,), folder, watch=watch)
        counts = counted_by_time(engine, columns, (TIME, EVENT), _by_event, 2)
        return cls(engine, columns, ordered, counts)

    @property
    def size(self) -> int:
        """Number of patients."""
        return self.by_time.size

    def score(self, place: int) -> float:
        """The linear predictor of a place in their order."""
        return float(self.by_score.read(slice(place, place + 1), (LINEAR,))[LINEAR][0])

    def quantile(self, share: float) -> float:
        """A quantile of the linear predictors, of type 7."""
        position = (self.size - 1.0) * share
        low = int(np.floor(position + 4 * np.finfo(float).eps))
        rest = position - low if position - low >= SAME else 0.0
        first = self.score(low)
        return first + rest * (self.score(min(low + 1, self.size - 1)) - first)

    def gini(self) -> float:
        """Mean absolute difference of two linear predictors; see `indexes.gini`."""
        middle = self.quantile(0.5)
        work = partial(_led, middle, self.size)
        led = self.engine.reduce(self.by_score, (LINEAR,), work, add, STEP)
        return float(led / (self.size * (self.size - 1.0) / 2.0))


def _led(middle: float, size: int, chunk: Chunk) -> float:
    """Linear predictors, each by how many patients are below it less those above, summed."""
    place = np.arange(chunk.first, chunk.first + chunk.size, dtype=np.float64)
    return float((chunk.values[LINEAR] - middle) @ (2.0 * place + 1.0 - size))


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What every chunk is measured with; `table` are all patients, counted by time."""

    horizon: float
    log_hazard: float
    table: AtHorizon

    @classmethod
    def of(cls, scores: FollowedScores, horizon: float, hazard: float) -> Known:
        """At a horizon by which so much hazard has gathered for a linear predictor of 0."""
        log_hazard = float(np.log(hazard)) if hazard > 0.0 else LOWEST
        time, status, weights = scores.counts.rows(slice(None))
        curve = CensoringCurve.of(time, status, weights[None])
        return cls(horizon, log_hazard, AtHorizon.of(time, status, horizon, weights[None], curve))

    @property
    def observed(self) -> float:
        """Share with the event by the horizon."""
        return float(self.table.observed[0])

    def only(self, value: float) -> float:
        """NaN where nobody is followed to the horizon."""
        return value if self.table.known[0] else float("nan")

    def risks(self, linear: FloatArray) -> FloatArray:
        """Risks by the horizon."""
        return risks_by(linear, np.array(self.log_hazard))

    def at(self, values: Mapping[str, Values]) -> AtHorizon:
        """What is known of some patients, who stand for what they do among all."""
        status = np.asarray(values[EVENT], dtype=np.int64)
        return AtHorizon.of(values[TIME], status, self.horizon, curve=self.table.curve)


def _by_event(chunk: Chunk) -> tuple[FloatArray, list[IntArray]]:
    return chunk.values[TIME], [np.asarray(chunk.values[EVENT], dtype=np.int64)]
