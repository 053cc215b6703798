"""The bootstrap of a Cox model of a scan: draws of its coefficients, optimism of its measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.engines.cox_bootstrap_acted import acted_on
from vertebrisk.engines.cox_bootstrap_measures import (
    CoxBatch,
    Fates,
    Judged,
    bootstrap_cox,
)
from vertebrisk.kernels.streamed.classed_replicates import Sums
from vertebrisk.kernels.survival.rowwise import RowwiseFits
from vertebrisk.models.streamed.followed_passes import passes_of
from vertebrisk.models.streamed.resampled import Asked, Resampled, checked
from vertebrisk.validation.resampling import Replicates, joined
from vertebrisk.validation.streamed.classed import class_gaps
from vertebrisk.validation.streamed.followed import counted_benefit
from vertebrisk.validation.survival.decision import SAME as REACHED
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.indexes import gini
from vertebrisk.validation.survival.resampling import key_at, risks_by
from vertebrisk.validation.survival.smoothing import SmoothedRisk

if TYPE_CHECKING:
    from vertebrisk.models.streamed.cox import StreamedCoxFit


@dataclass(frozen=True, slots=True, eq=False)
class StreamedCoxBootstrap(Resampled):
    """Resamples of a Cox model of a scan.

    Attributes
    ----------
    asked : Asked
    replicates : Replicates
        How each model does on its own patients (`training`) and on all (`test`), by measure; as
        of `Validation` of a model of time to event, with "auc@0" that of the first horizon.
    names : tuple of (term, level)
        Of the coefficients.
    estimate : array, shape (p,)
        Log hazard ratios of all patients.
    constant : bool
        True where the model ranks nobody.
    """


def bootstrap_of_cox(
    fit: StreamedCoxFit,
    asked: Asked,
    grids: FloatArray,
    thresholds: FloatArray,
    progress: Callable[[int], None] | None = None,
) -> StreamedCoxBootstrap:
    """See `StreamedCoxFit.bootstrap`."""
    return StreamedCoxBootstrap(
        asked=asked,
        replicates=_resampled(fit, asked, (grids, thresholds), progress),
        names=tuple((column.term, column.level) for column in fit.design.columns),
        estimate=fit.beta,
        constant=fit.linear_range[0] == fit.linear_range[1],
    )


def _resampled(
    fit: StreamedCoxFit,
    asked: Asked,
    wanted: tuple[FloatArray, FloatArray],
    progress: Callable[[int], None] | None,
) -> Replicates:
    passes, scale, counts = passes_of(fit, asked.seed, asked.resamples)
    everyone = counts.counts.astype(np.float64).T[:, None]
    fates = Fates(counts.times, np.array(fit.horizons, dtype=np.float64))
    parts = []
    for batch in bootstrap_cox(
        passes,
        fit.beta * scale,
        (everyone.sum(axis=0), everyone[1]),
        fates,
        fit.linear.sd or 1.0,
    ):
        parts.append(_measured(batch, fates, scale, *wanted))
        if progress is not None:
            progress(sum(each.usable.size for each in parts))
    return checked(joined(parts), asked)


def _measured(
    batch: CoxBatch, fates: Fates, scale: FloatArray, grids: FloatArray, thresholds: FloatArray
) -> Replicates:
    models = batch.models
    training, test = (_Judgement(batch, fates, kind) for kind in (0, 1))
    benefit, share = training.benefit(thresholds)
    return Replicates(
        training=training.measures(),
        test=test.measures(),
        training_curves=training.curves(grids),
        test_curves=test.curves(grids),
        training_benefit=benefit,
        test_benefit=test.benefit(thresholds)[0],
        separated=~models.found,
        deficient=models.deficient,
        usable=models.events.sum(axis=1) > 0.0,
        prevalence=share,
        selected=np.empty((models.found.size, 0), dtype=np.bool_),
        coefficients=np.where(models.found[:, None], models.beta / scale, np.nan),
        own=np.empty((models.found.size, 0)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Judgement:
    """Models on their own patients (`kind` 0), or on all (1)."""

    batch: CoxBatch
    fates: Fates
    kind: int

    @property
    def judged(self) -> Judged:
        return self.batch.judged[self.kind]

    @property
    def sums(self) -> Sums:
        return self.batch.ranked.sums

    def measures(self) -> dict[str, FloatArray]:
        """See `_indexes` and `_at_horizon`."""
        found = self._indexes()
        for place in range(self.fates.horizons.size):
            own = self._at_horizon(place)
            found |= {key_at(name, place): values for name, values in own.items()}
        return found

    def _indexes(self) -> dict[str, FloatArray]:
        """See `validation.survival.indexes.cox_indexes`."""
        line, sums, kind = self.judged.line, self.sums, self.kind
        best, slope = line.whole.log_likelihood, line.whole.slopes[:, 0]
        loss = -2.0 * (line.own - best) if kind else np.full_like(best, -2.0)
        gain, whole = 2.0 * (best - line.null), -2.0 * line.null
        size = self.judged.fates.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            area = (sums.concordant[kind] + 0.5 * sums.tied[kind]) / sums.pairs[kind]
            return {
                "c_index": area,
                "dxy": 2.0 * area - 1.0,
                "r2": np.expm1(-gain / size) / np.expm1(-whole / size),
                "slope": slope,
                "d": (gain - 1.0) / whole,
                "u": loss / whole,
                "q": (gain - 1.0 - loss) / whole,
                "g": np.abs(slope) * gini(sums.rows.centres(kind), sums.rows.patients[kind]),
            }

    def _at_horizon(self, place: int) -> dict[str, FloatArray]:
        """See `validation.survival.horizon.AtHorizon`."""
        fates, sums, kind = self.fates, self.sums, self.kind
        horizon = float(fates.horizons[place])
        at = AtHorizon.of(fates.exit, fates.status, horizon, self.judged.fates)
        cases, others = sums.cases[kind, :, place], sums.others[kind, :, place]
        below = np.cumsum(others, axis=1) - 0.5 * others
        smooth, linear = self._smooth(place), sums.rows.centres(kind)
        risks = risks_by(linear, self.batch.log_hazards[:, place, None])
        risks = np.clip(risks, smooth.low[:, None], smooth.high[:, None])  # means are rounded
        ends = np.stack([smooth.low, smooth.high], axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            area = np.sum(cases * below, axis=1) / (cases.sum(axis=1) * others.sum(axis=1))
            brier = sums.loss[kind, :, place] / at.total
            return {
                "auc": np.where(at.known, area, np.nan),
                "brier": np.where(at.known, brier, np.nan),
                "brier_scaled": np.where(at.known, 1.0 - brier / at.brier_null(), np.nan),
                "observed_expected": at.observed / (sums.risk[kind, :, place] / at.total),
                "slope": self.judged.line.horizons[place].slopes[:, 0],
                **class_gaps(
                    sums.rows.patients[kind],
                    (risks, smooth.at(risks)),
                    (ends, smooth.at(ends)),
                ),
            }

    def _smooth(self, place: int) -> SmoothedRisk:
        """Observed risk as a function of that by a horizon; see `SharedRegression.at`."""
        smooth, level = self.judged.smooth, self.batch.log_hazards[:, place, None]
        risen = smooth.log_hazards[:, place, None] - smooth.beta[:, :1] * level
        information = np.zeros((level.size, 2, 2))
        fits = RowwiseFits(smooth.beta, information, risen, smooth.usable)
        low, high = self.sums.rows.reach[:, self.kind]
        ends = risks_by(np.stack([low, -high], axis=1), level)
        return SmoothedRisk(smooth.knots + level, fits, ends[:, 0], ends[:, 1])

    def curves(self, grids: FloatArray) -> FloatArray:
        """Observed risks at risks of shape (h, positions): (r, h, positions)."""
        found = [self._smooth(place).at(grid[None]) for place, grid in enumerate(grids)]
        return np.stack(found, axis=1)

    def benefit(self, thresholds: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Net benefit, (r, h, thresholds), and the share with the event by horizons, (r, h)."""
        count, horizons = self.batch.models.found.size, self.fates.horizons
        benefit = np.empty((count, horizons.size, thresholds.size))
        share = np.full((count, horizons.size), np.nan)
        if thresholds.size == 0:
            return benefit, share
        passes, beta = self.batch.passes, self.batch.models.beta
        passes = passes.everyone() if self.kind else passes
        for place, (horizon, until) in enumerate(zip(horizons, self.fates.until, strict=True)):
            times = np.append(self.fates.times[:until], np.nextafter(horizon, np.inf))
            hazards = self.batch.log_hazards[:, place]
            counts = acted_on(passes, beta, hazards, int(until), thresholds - REACHED)
            for replicate, cells in enumerate(counts):
                found = counted_benefit(times, cells, float(horizon), thresholds)
                benefit[replicate, place], share[replicate, place] = found
        return benefit, share
