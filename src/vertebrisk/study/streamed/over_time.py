"""What a followed cohort that is read in pieces shows over time, from its patients by time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.cohort.scanning.cohort import FollowedColumns, ScannedCohort
from vertebrisk.cohort.survival import EVENT, SurvivalOutcome
from vertebrisk.comparison.survival import kaplan_meier
from vertebrisk.design.build import VariableInfo
from vertebrisk.engines.engine import Chunk
from vertebrisk.engines.timed_counts import TimedCounts, counted_by_time
from vertebrisk.report.results.survival import Curves, GroupTest
from vertebrisk.study.over_time import THIRDS, coarse_times, group_test
from vertebrisk.validation.streamed.followed_scores import EVENT as SEEN
from vertebrisk.validation.streamed.followed_scores import LINEAR, READ, FollowedScores
from vertebrisk.validation.streamed.followed_scores import TIME as WHEN


@dataclass(frozen=True, slots=True, eq=False)
class CountedFollowUp:
    """Patients by time: censored and with the event, then the same of each level of variables.

    Attributes
    ----------
    counts : TimedCounts
    columns : FollowedColumns
    variables : tuple of (str, tuple of str)
        Names of the variables, and their levels.
    """

    counts: TimedCounts
    columns: FollowedColumns
    variables: tuple[tuple[str, tuple[str, ...]], ...]

    @classmethod
    def of(cls, cohort: ScannedCohort, compared: Sequence[str]) -> CountedFollowUp:
        """By one pass; of the compared variables those that are categorical."""
        assert cohort.followed is not None  # the protocol names a time, so the cohort has it
        known = [cohort.variable(name) for name in compared]
        variables = tuple((each.name, each.levels) for each in known if each.kind == "categorical")
        names = [name for name, _ in variables]
        columns = cohort.followed
        codes = partial(_codes, columns, variables)
        size = 2 * (1 + sum(len(levels) for _, levels in variables))
        patients = cohort.patients
        read = (columns.time, columns.status, *names)
        counts = counted_by_time(patients.engine, patients.columns, read, codes, size)
        return cls(counts, columns, variables)

    def everyone(self) -> tuple[SurvivalOutcome, FloatArray]:
        """All patients, in rows with their weights."""
        time, code, weights = self.counts.rows(slice(0, 2))
        return self._outcome(time, code), weights

    def group_tests(self, info: dict[str, VariableInfo]) -> tuple[GroupTest, ...]:
        """See `over_time.group_tests`."""
        first, found = 2, []
        for name, levels in self.variables:
            time, code, weights = self.counts.rows(slice(first, first + 2 * len(levels)))
            first += 2 * len(levels)
            level, status = np.divmod(code, 2)
            if np.unique(level).size < 2:
                continue
            column = pl.Series(name, levels, dtype=pl.Enum(levels)).gather(level)
            followed = self._outcome(time, status)
            found.append(group_test(column, followed, info.get(name, VariableInfo(name)), weights))
        return tuple(found)

    def _outcome(self, time: FloatArray, status: IntArray) -> SurvivalOutcome:
        unit, horizons = self.columns.unit, self.columns.horizons
        return SurvivalOutcome(time, status, None, unit, horizons, competes=False)


def _codes(
    columns: FollowedColumns, variables: Sequence[tuple[str, tuple[str, ...]]], chunk: Chunk
) -> tuple[FloatArray, list[IntArray]]:
    event = np.asarray(chunk.values[columns.status] == EVENT, dtype=np.int64)
    codes, first = [event], 2
    for name, levels in variables:
        own = chunk.values[name].astype(np.int64)
        codes.append(np.where(own < 0, -1, first + 2 * own + event))
        first += 2 * len(levels)
    return chunk.values[columns.time], codes


def curves_of(counted: CountedFollowUp, scores: FollowedScores) -> Curves:
    """Kaplan-Meier of all and by thirds of the predicted risk; nothing of single patients."""
    followed, weights = counted.everyone()
    event, coarse = followed.status == EVENT, coarse_times(followed)
    nothing = pl.DataFrame()
    return Curves(
        survival=kaplan_meier(coarse, event, weights=weights).frame,
        thirds=_thirds(scores),
        incidence=None,
        residuals=nothing,
        trend=nothing,
        auc=nothing,
        brier=nothing,
    )


def _thirds(scores: FollowedScores) -> pl.DataFrame:
    """See `over_time.cohort_curves`."""
    edges = np.array([scores.quantile(part / THIRDS) for part in range(1, THIRDS)])
    codes = partial(_by_third, edges)
    counts = counted_by_time(scores.engine, scores.by_time, READ, codes, 2 * THIRDS)
    time, code, weights = counts.rows(slice(None))
    third, status = np.divmod(code, 2)
    followed = SurvivalOutcome(time, status, None, "days", (), competes=False)
    found = kaplan_meier(coarse_times(followed), status == EVENT, group=third, weights=weights)
    return found.frame if np.unique(third).size == THIRDS else found.frame.clear()


def _by_third(edges: FloatArray, chunk: Chunk) -> tuple[FloatArray, list[IntArray]]:
    third = np.searchsorted(edges, chunk.values[LINEAR], side="left")
    return chunk.values[WHEN], [2 * third + (chunk.values[SEEN] == 1)]
