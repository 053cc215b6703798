"""Do patients with higher scores have the event sooner?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import (
    as_entry,
    as_indicator,
    as_numbers,
    as_times,
    as_weights,
    check_choice,
    check_fraction,
)
from vertebrisk._types import FloatArray, IntArray, Json
from vertebrisk.engines.threads import beside, side_by_side
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.survival.censoring import CensoringCurve
from vertebrisk.kernels.survival.concordance import pair_influence, tied_in_time
from vertebrisk.kernels.survival.times import SurvivalTimes, level_times

if TYPE_CHECKING:
    from vertebrisk.cohort.scanning.patient_scan import PatientScan

ConcordanceKind = Literal["harrell", "uno"]


@dataclass(frozen=True, slots=True)
class Concordance:
    """Concordance of a score with the time to the event.

    `estimate` is the share of comparable pairs whose patient with the higher score had the
    event first, equal scores by half; `dxy` is Somers' d, twice it less one. The counts are
    sums of weights: `tied_score` pairs of equal scores, `tied_time` pairs of events at one
    time, `tied_both` such pairs of equal scores too; the last two are not comparable. The
    limits are None where there is no variance.
    """

    estimate: float
    std_error: float
    conf_low: float | None
    conf_high: float | None
    dxy: float
    concordant: float
    discordant: float
    tied_score: float
    tied_time: float
    tied_both: float
    n: int
    n_events: int
    kind: ConcordanceKind
    tau: float | None

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


def concordance(
    time: ArrayLike | str,
    event: ArrayLike | str,
    score: ArrayLike | str,
    *,
    kind: ConcordanceKind = "harrell",
    tau: float | None = None,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    level: float = 0.95,
    scan: PatientScan | None = None,
) -> Concordance:
    """Do patients with higher scores have the event sooner?

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up of each patient, 0 or more.
    event : array-like, shape (n,)
        True or 1 where the event occurred at `time`, False or 0 where censored.
    score : array-like, shape (n,)
        Higher for a higher risk: a linear predictor, or a risk. Any increasing transform
        gives the same answer.
    kind : {"harrell", "uno"}
        Harrell's counts every comparable pair once, and leans on how long patients were
        followed. Uno's weighs each by the squared inverse probability that the earlier
        patient was still uncensored, and does not.
    tau : float, optional
        Events after this time are not looked at.
    entry : array-like, shape (n,), optional
        Time at which a patient came under observation; Harrell's only.
    strata : array-like, shape (n,), optional
        Patients are compared within these.
    weights : array-like, shape (n,), optional
        Weight of each patient; a pair counts the product.
    level : float
        Confidence level.
    scan : PatientScan, optional
        Patients that need not fit into memory (see `scan_table`); `time`, `event` and `score` are
        then names of its columns. The rows are sorted on a disk; Harrell's only, of patients
        without entry, strata and weights.

    Returns
    -------
    Concordance
        With the interval estimate ± z standard errors, cut to [0, 1]. The standard error is
        that of the infinitesimal jackknife, as ``survival::concordance``.

    Raises
    ------
    ArgumentError
        For missing values, no comparable pair, an entry with Uno's, or what a scan does not take.

    References
    ----------
    Harrell et al. 1996, doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4.
    Uno et al. 2011, doi:10.1002/sim.4154
    """
    check_choice(kind, "kind", ConcordanceKind)
    check_fraction(level, "level")
    if scan is not None:
        if kind != "harrell" or not entry is strata is weights is None:
            raise ArgumentError(
                "A scan has Harrell's concordance alone, without entry, strata and weights. Read "
                "the patients by read_table for the others."
            )
        return _scanned(scan, (str(time), str(event), str(score)), tau, level)
    exit_times = as_times(time, "time")
    indicator = as_indicator(event, exit_times.size)
    values = as_numbers(score, "score", exit_times.size)
    exit_times, entries = level_times(exit_times, as_entry(entry, exit_times))
    entries = as_entry(entries, exit_times)
    if kind == "uno" and entries is not None:
        raise ArgumentError(
            "kind 'uno' takes no entry: the censoring weights know no late entry. "
            "Use kind 'harrell'."
        )
    follow_up = SurvivalTimes(exit_times, indicator, entries, _codes(strata, exit_times.size))
    mass = as_weights(weights, exit_times.size)
    mass = np.ones(exit_times.size) if mass is None else mass
    factor = _time_weights(follow_up, mass, kind, tau)
    found, (tied_time, tied_both) = beside(
        partial(pair_influence, follow_up, values, mass, factor, side_by_side),
        partial(tied_in_time, follow_up, values, mass, factor),
    )
    counts = found.counts
    estimate, pairs = float(counts.index[0]), float(counts.pairs[0])
    _check_pairs(pairs, tau)
    change = mass * (found.net - (2.0 * estimate - 1.0) * found.pairs) / (2.0 * pairs)
    return _with_limits(
        _Counted(
            estimate,
            float(np.sqrt(np.sum(change**2))),
            (float(counts.concordant[0]), float(counts.discordant[0]), float(counts.tied[0])),
            (tied_time, tied_both),
            (exit_times.size, int(indicator.sum())),
        ),
        kind,
        tau,
        level,
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """What was found, without limits; `pairs` are concordant, discordant and tied."""

    estimate: float
    error: float
    pairs: tuple[float, float, float]
    tied: tuple[float, float]
    patients: tuple[int, int]


def _check_pairs(pairs: float, tau: float | None) -> None:
    if not pairs > 0:
        raise ArgumentError(
            "No two patients can be compared: no event comes while another patient is still "
            "under observation" + ("." if tau is None else f" and by tau = {tau:g}.")
        )


def _with_limits(
    found: _Counted, kind: ConcordanceKind, tau: float | None, level: float
) -> Concordance:
    reach = float(normal_quantile(0.5 + level / 2.0)) * found.error
    known = found.error > 0.0
    concordant, discordant, tied_score = found.pairs
    return Concordance(
        estimate=found.estimate,
        std_error=found.error,
        conf_low=max(found.estimate - reach, 0.0) if known else None,
        conf_high=min(found.estimate + reach, 1.0) if known else None,
        dxy=2.0 * found.estimate - 1.0,
        concordant=concordant,
        discordant=discordant,
        tied_score=tied_score,
        tied_time=found.tied[0],
        tied_both=found.tied[1],
        n=found.patients[0],
        n_events=found.patients[1],
        kind=kind,
        tau=tau,
    )


def _scanned(
    scan: PatientScan, names: tuple[str, str, str], tau: float | None, level: float
) -> Concordance:
    from vertebrisk.validation.streamed.pairs import scanned_pairs

    found, events = scanned_pairs(scan, *names, tau)
    sums = found.sums
    _check_pairs(sums.pairs, tau)
    tied = sums.pairs - sums.concordant - sums.discordant
    counted = _Counted(
        (2 * sums.concordant + tied) / (2 * sums.pairs),
        found.std_error,
        (float(sums.concordant), float(sums.discordant), float(tied)),
        (float(found.tied_time - sums.tied_both), float(sums.tied_both)),
        (scan.n_rows, events),
    )
    return _with_limits(counted, "harrell", tau, level)


def _codes(strata: ArrayLike | None, size: int) -> IntArray | None:
    if strata is None:
        return None
    values = pl.Series(np.asarray(strata).tolist())
    if values.len() != size:
        raise ArgumentError(f"strata has {values.len()} values where {size} are needed.")
    if values.null_count():
        raise ArgumentError(
            f"strata has {values.null_count()} missing values; leave those patients out."
        )
    return np.unique(values.to_numpy(), return_inverse=True)[1].astype(np.int64)


def _time_weights(
    follow_up: SurvivalTimes, mass: FloatArray, kind: ConcordanceKind, tau: float | None
) -> FloatArray:
    """What the pairs of each patient's event count: Uno's weights, and none after tau."""
    factor = np.ones(follow_up.size)
    if kind == "uno":
        for stratum in np.unique(follow_up.groups):
            inside = np.flatnonzero(follow_up.groups == stratum)
            part = follow_up.take(inside)
            curve = CensoringCurve.of(part.exit, part.event.astype(np.int64), mass[None, inside])
            free = curve.before(part.exit)[0]
            factor[inside] = np.where(free > 0, 1.0 / np.where(free > 0, free, 1.0) ** 2, 0.0)
    if tau is not None:
        factor = np.where(follow_up.exit <= tau, factor, 0.0)
    return factor
