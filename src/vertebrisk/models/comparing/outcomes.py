"""What became of the patients on whom models are compared, and the models against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.survival.censoring import COMPETING, EVENT
from vertebrisk.models.comparing.agreeing import pair_of
from vertebrisk.models.comparing.asking import Asked
from vertebrisk.models.comparing.differences import differences_by, paired_differences
from vertebrisk.models.comparing.results import ModelPair
from vertebrisk.models.external.following import FollowUp
from vertebrisk.models.external.measuring import Resamples
from vertebrisk.validation.areas import AucsComparison, compare_aucs
from vertebrisk.validation.reclassification import Reclassification, reclassification
from vertebrisk.validation.survival.concordances import compare_concordances
from vertebrisk.validation.survival.reclassification import (
    ReclassificationSurvival,
    reclassification_survival,
)

Risks = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Follow-up: time and status (0 censored, 1 the event, 2 the competing one), and a horizon."""

    time: FloatArray
    status: IntArray
    horizon: float


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Who has the event (with times, who has it by the horizon), shape (n,), and when."""

    event: BoolArray
    times: Times | None = None

    @classmethod
    def followed(cls, found: FollowUp, use: BoolArray, horizon: float) -> Outcomes:
        """Of some rows whose follow-up is known."""
        time, status = found.time[use], found.status[use]
        return cls((status == EVENT) & (time <= horizon), Times(time, status, horizon))

    def compared(
        self, risks: Risks, asked: Asked
    ) -> tuple[AucsComparison, pl.DataFrame, tuple[ModelPair, ...]]:
        """Areas, differences by resamples, and every pair of models."""
        settings = Resamples(asked.resamples, asked.seed, asked.level, asked.progress)
        pairs = tuple(
            pair_of(
                (a, b),
                self.event,
                (risks[a], risks[b]),
                asked.thresholds,
                self._moved((risks[a], risks[b]), asked),
            )
            for a, b in combinations(risks, 2)
        )
        if self.times is None:
            differences = paired_differences(self.event, risks, asked.thresholds, settings)
            return compare_aucs(self.event, risks, level=asked.level), differences, pairs
        followed = self.times.time, self.times.status
        return (
            self._ranked(risks, asked.level),
            differences_by(*followed, self.times.horizon, risks, asked.thresholds, settings),
            pairs,
        )

    def _ranked(self, risks: Risks, level: float) -> AucsComparison:
        """Concordances; who had the competing event never has the event."""
        assert self.times is not None  # asked of followed patients alone
        time, status = self.times.time, self.times.status
        never = np.where(status == COMPETING, time.max() + 1.0, time)
        return compare_concordances(
            never, status == EVENT, risks, tau=self.times.horizon, level=level
        )

    def _moved(
        self, risks: tuple[FloatArray, FloatArray], asked: Asked
    ) -> Reclassification | ReclassificationSurvival:
        if self.times is None:
            return reclassification(
                self.event, *risks, thresholds=asked.thresholds, level=asked.level
            )
        return reclassification_survival(
            self.times.time,
            self.times.status,
            *risks,
            self.times.horizon,
            thresholds=asked.thresholds,
            resamples=asked.resamples,
            seed=asked.seed,
            level=asked.level,
        )
