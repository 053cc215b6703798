"""Two models patient by patient: how far their risks lie apart."""

from __future__ import annotations

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.comparison.agreement.continuous import agreement_continuous
from vertebrisk.comparison.agreement.results import BlandAltman
from vertebrisk.kernels.ranks import midranks
from vertebrisk.models.comparing.results import ModelPair
from vertebrisk.models.external.measuring import log_odds
from vertebrisk.validation.reclassification import Reclassification
from vertebrisk.validation.survival.reclassification import ReclassificationSurvival

APART = (0.05, 0.10)  # differences of risks that change what a patient is told
ROUNDING = 1e-9  # risks 0.05 apart are not more than 0.05 apart by a rounding of theirs
BINS = 40


def pair_of(
    names: tuple[str, str],
    event: BoolArray,
    risks: tuple[FloatArray, FloatArray],
    thresholds: FloatArray,
    moved: Reclassification | ReclassificationSurvival,
) -> ModelPair:
    """The agreement of two models' risks of the same patients, each shape (n,).

    `event` is who has it (by a horizon), and `moved` the reclassification from first to second.
    """
    first, second = risks
    inside = all(bool(((each > 0.0) & (each < 1.0)).all()) for each in risks)
    linear = (log_odds(first), log_odds(second)) if inside else None
    return ModelPair(
        first=names[0],
        second=names[1],
        risks=limits_of_agreement(first, second),
        log_odds=None if linear is None else limits_of_agreement(*linear),
        correlation=None if linear is None else correlation(*linear),
        rank_correlation=correlation(midranks(first), midranks(second)),
        apart=_shares("difference", APART, [_apart(first, second, each) for each in APART]),
        classes=_shares(
            "threshold",
            tuple(thresholds.tolist()),
            [(first >= cut) != (second >= cut) for cut in thresholds],
        ),
        joint=joint_bins(event, first, second),
        reclassification=moved,
    )


def limits_of_agreement(first: FloatArray, second: FloatArray) -> BlandAltman:
    """Bland and Altman's bias and limits, first less second."""
    readings = {"first": first, "second": second}
    return agreement_continuous(readings, "first", "second").bland_altman


def correlation(first: FloatArray, second: FloatArray) -> float | None:
    """Pearson's correlation; None where one does not vary."""
    a, b = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / scale, -1.0, 1.0)) if scale > 0.0 else None


def _apart(first: FloatArray, second: FloatArray, distance: float) -> BoolArray:
    return np.asarray(np.abs(first - second) > distance + ROUNDING)


def _shares(name: str, values: tuple[float, ...], found: list[BoolArray]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            name: list(values),
            "n": [int(each.sum()) for each in found],
            "share": [float(each.mean()) for each in found],
        },
        schema={name: pl.Float64, "n": pl.Int64, "share": pl.Float64},
    )


def joint_bins(event: BoolArray, first: FloatArray, second: FloatArray) -> pl.DataFrame:
    """Occupied cells of a grid over both risks, with patients and events in each."""
    top = max(float(first.max()), float(second.max()), 0.05)
    edges = np.linspace(0.0, min(1.0, float(np.ceil(top * 20.0) / 20.0)), BINS + 1)
    total, _, _ = np.histogram2d(first, second, bins=(edges, edges))
    events, _, _ = np.histogram2d(first[event], second[event], bins=(edges, edges))
    row, column = np.nonzero(total)
    return pl.DataFrame(
        {
            "first_low": edges[row],
            "first_high": edges[row + 1],
            "second_low": edges[column],
            "second_high": edges[column + 1],
            "n": total[row, column].astype(np.int64),
            "n_events": events[row, column].astype(np.int64),
        }
    )
