"""Reclassification where the event comes over time, at one horizon.

References
----------
Pencina MJ et al. 2011 (NRI by Kaplan-Meier), doi:10.1002/sim.4085. Zheng Y et al. 2013
(weighting for censoring), doi:10.1007/s10985-012-9239-z. Why not to rest on either: see
`vertebrisk.reclassification`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import (
    as_risks,
    as_thresholds,
    check_fraction,
    check_positive_int,
    check_seed,
)
from vertebrisk._types import BoolArray, FloatArray, IntArray, Json
from vertebrisk.findings import Finding
from vertebrisk.kernels.resamples import weight_blocks
from vertebrisk.validation import reclassification_remarks as remarks
from vertebrisk.validation.decision import percentiles
from vertebrisk.validation.reclassification import (
    BENEFIT_SCHEMA,
    MEASURES_SCHEMA,
    PARTS,
    categories,
    category_names,
    directions,
)
from vertebrisk.validation.results import Estimate, column_dict, estimate_in
from vertebrisk.validation.survival.decision import SAME, incidence_by, net_benefits
from vertebrisk.validation.survival.groups import observed_incidence
from vertebrisk.validation.survival.horizon import AtHorizon
from vertebrisk.validation.survival.inputs import as_followed, as_horizon

_TABLE_SCHEMA = {
    "old": pl.String,
    "new": pl.String,
    "n": pl.Int64,
    "n_events": pl.Int64,
    "observed": pl.Float64,
}


@dataclass(frozen=True, slots=True, eq=False)
class ReclassificationSurvival:
    """Old risks against new ones by one horizon.

    Attributes
    ----------
    n, n_events, n_unknown : int
        Patients; those seen to have the event by the horizon; those censored before it.
    horizon : float
    thresholds : tuple of float
    table : polars.DataFrame
        Every pair of categories: old, new, n, n_events (seen), observed (share with the event by
        the horizon, censoring allowed for; null where nobody is followed to it).
    measures : polars.DataFrame
        measure, estimate, std_error, conf_low, conf_high, as `Reclassification`.
    net_benefit : polars.DataFrame
        threshold, old, new, difference, std_error, conf_low, conf_high.
    findings : tuple of Finding
        Among them always the reasons not to rest on NRI and IDI.
    """

    n: int
    n_events: int
    n_unknown: int
    horizon: float
    thresholds: tuple[float, ...]
    table: pl.DataFrame
    measures: pl.DataFrame
    net_benefit: pl.DataFrame
    findings: tuple[Finding, ...]

    def estimate(self, measure: str) -> Estimate:
        """One measure with its interval, by its name in `measures`; NaN where it is not known."""
        return estimate_in(self.measures, measure)

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "n": self.n,
            "n_events": self.n_events,
            "n_unknown": self.n_unknown,
            "horizon": self.horizon,
            "thresholds": list(self.thresholds),
            "table": column_dict(self.table),
            "measures": column_dict(self.measures),
            "net_benefit": column_dict(self.net_benefit),
            "findings": [finding.to_dict() for finding in self.findings],
        }


def reclassification_survival(
    time: ArrayLike,
    status: ArrayLike,
    risk_old: ArrayLike,
    risk_new: ArrayLike,
    horizon: float,
    *,
    thresholds: ArrayLike = (),
    resamples: int = 500,
    seed: int = 1,
    level: float = 0.95,
) -> ReclassificationSurvival:
    """Do new risks by a horizon move up with the event and down without it?

    The reasons not to rest on these numbers are those of `reclassification`.

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up of each patient to the first of event, competing event and censoring.
    status : array-like, shape (n,)
        0 censored, 1 the event, 2 a competing event; or booleans, True for the event.
    risk_old, risk_new : array-like, shape (n,)
        Predicted probabilities of the event by the horizon, 0 to 1, of the same patients.
    horizon : float
        In the unit of `time`, inside follow-up.
    thresholds : array-like, shape (k,), optional
        Between k + 1 categories; a risk equal to one belongs to the category above it.
    resamples, seed, level
        Percentile bootstrap interval of patients, the risks held fixed.

    Returns
    -------
    ReclassificationSurvival
        NRI in its prospective form: the incidence of those who move up, and of those who move
        down, is one less Kaplan-Meier among them (Aalen-Johansen with competing events). IDI is a
        difference of means with the inverse probability of being uncensored as weight.

    Raises
    ------
    ArgumentError
        For a horizon beyond follow-up or before the first event, and values that are not times,
        statuses, probabilities or thresholds.

    References
    ----------
    Pencina et al. 2011, doi:10.1002/sim.4085. Zheng et al. 2013,
    doi:10.1007/s10985-012-9239-z
    """
    exit, codes = as_followed(time, status)
    when = as_horizon(horizon, exit, codes)
    old = as_risks(risk_old, "risk_old", exit.size)
    new = as_risks(risk_new, "risk_new", exit.size)
    cuts = as_thresholds(thresholds)
    check_positive_int(resamples, "resamples")
    check_fraction(level, "level")
    check_seed(seed)
    before, after = categories(old + SAME, cuts), categories(new + SAME, cuts)
    crossed = np.sign(after - before).astype(np.float64)
    at, parts, pairs = AtHorizon.of(exit, codes, when), [], []
    for weights in weight_blocks(exit.size, resamples, seed):
        own = AtHorizon.of(exit, codes, when, weights)
        found = _nri("nri", own, crossed) if cuts.size else {}
        found |= _nri("nri_continuous", own, directions(new - old)) | _idi(own, new - old)
        parts.append(found)
        pairs.append(_benefits(own, old, new, cuts))
    drawn = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rows = [(name, *_limits(values, level)) for name, values in drawn.items()]
    measures = pl.DataFrame(rows, schema=MEASURES_SCHEMA, orient="row")
    benefit = _benefit_rows(np.concatenate(pairs, axis=1), cuts, level)
    return ReclassificationSurvival(
        n=exit.size,
        n_events=int(at.cases.sum()),
        n_unknown=int(exit.size - at.cases.sum() - at.others.sum()),
        horizon=when,
        thresholds=tuple(cuts.tolist()),
        table=_table(at, before, after, category_names(cuts)),
        measures=measures,
        net_benefit=benefit,
        findings=tuple(_remarks(at, old, new, measures, benefit)),
    )


def _nri(name: str, at: AtHorizon, moved: FloatArray) -> dict[str, FloatArray]:
    """NRI and its parts of every replicate, from the incidence among those who move."""
    share = {}
    for sign in (1.0, -1.0):
        own = at.weights * (moved == sign)
        incidence = incidence_by(at.exit, at.status, at.horizon, own)
        size = own.sum(axis=1) / at.total
        share[sign] = size * incidence, size * (1.0 - incidence)
    observed = at.observed
    with np.errstate(divide="ignore", invalid="ignore"):
        events = (share[1.0][0] - share[-1.0][0]) / observed
        others = (share[-1.0][1] - share[1.0][1]) / (1.0 - observed)
    return _named(name, events, others)


def _idi(at: AtHorizon, change: FloatArray) -> dict[str, FloatArray]:
    means = []
    for group in (at.cases, at.others):
        mass = at.stands_for * group
        with np.errstate(divide="ignore", invalid="ignore"):
            means.append(np.where(at.known, mass @ change / mass.sum(axis=1), np.nan))
    return _named("idi", means[0], -means[1])


def _named(name: str, events: FloatArray, others: FloatArray) -> dict[str, FloatArray]:
    values = (events + others, events, others)
    return {
        f"{name}{part}": np.where(np.isfinite(each), each, np.nan)
        for part, each in zip(PARTS, values, strict=True)
    }


def _limits(values: FloatArray, level: float) -> tuple[float | None, ...]:
    """Estimate, standard error and limits; None where resamples do not differ."""
    drawn = values[1:][np.isfinite(values[1:])]
    value = float(values[0]) if np.isfinite(values[0]) else None
    if value is None or drawn.size < 2 or np.ptp(drawn) <= SAME:
        return value, None, None, None
    low, high = percentiles(drawn[:, None], level)
    return value, float(drawn.std(ddof=1)), float(low[0]), float(high[0])


def _benefits(at: AtHorizon, old: FloatArray, new: FloatArray, cuts: FloatArray) -> FloatArray:
    """Net benefit of both risks, shape (2, replicates, thresholds)."""
    pair = [
        net_benefits(at.exit, at.status, risk[None], at.horizon, cuts, at.weights)
        for risk in (old, new)
    ]
    return np.stack(pair)


def _benefit_rows(drawn: FloatArray, cuts: FloatArray, level: float) -> pl.DataFrame:
    rows = []
    for place, cut in enumerate(cuts):
        pair = drawn[:, :, place]
        points = (float(each[0]) if np.isfinite(each[0]) else None for each in pair)
        rows.append((float(cut), *points, *_limits(pair[1] - pair[0], level)))
    return pl.DataFrame(rows, schema=BENEFIT_SCHEMA, orient="row")


def _table(
    at: AtHorizon, before: IntArray, after: IntArray, names: tuple[str, ...]
) -> pl.DataFrame:
    rows = []
    for row, old in enumerate(names):
        for column, new in enumerate(names):
            inside: BoolArray = (before == row) & (after == column)
            own = inside[None].astype(np.float64)
            observed = incidence_by(at.exit, at.status, at.horizon, own)[0]
            known = inside.any() and bool(np.isfinite(observed))
            events = int((inside & at.cases).sum())
            rows.append((old, new, int(inside.sum()), events, float(observed) if known else None))
    return pl.DataFrame(rows, schema=_TABLE_SCHEMA, orient="row")


def _remarks(
    at: AtHorizon, old: FloatArray, new: FloatArray, measures: pl.DataFrame, benefit: pl.DataFrame
) -> Iterator[Finding]:
    yield remarks.improper()
    yield from remarks.of_same(old, new)
    yield from remarks.of_events(int(at.cases.sum()), int(at.cases.sum() + at.others.sum()))
    yield from remarks.of_benefit(measures, benefit)
    scores = [float(at.brier(risk[None])[0]) for risk in (old, new)]
    yield from remarks.of_brier(measures, scores[0], scores[1])
    share, error, *_ = observed_incidence(at.exit, at.status, at.horizon, 0.95)
    if np.isfinite(error):
        yield from remarks.of_means(share, error, {"old": old, "new": new})
