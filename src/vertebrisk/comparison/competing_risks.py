"""Cumulative incidence by group where patients can leave by another cause, and Gray's test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import (
    as_entry,
    as_status,
    as_times,
    as_weights,
    check_choice,
    check_fraction,
)
from vertebrisk._types import FloatArray, IntArray, Json
from vertebrisk.comparison.coding import Coded, as_column, code_groups, code_levels
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.survival.cumulative_incidence import (
    CAUSES,
    Incidence,
    aalen_johansen,
    aalen_variance,
    incidence_limits,
    influence,
    places,
    risk_table,
)
from vertebrisk.kernels.survival.gray import gray_score
from vertebrisk.kernels.survival.times import level_times

IncidenceVariance = Literal["aalen", "jackknife"]
CAUSE_NAMES = {1: "event", 2: "competing"}
ALL = "all"
INFORMATIVE = 1e-10  # eigenvalues of the score's covariance, relative to their sum
_SCHEMA: dict[str, type[pl.DataType]] = {
    "group": pl.String,
    "cause": pl.String,
    "time": pl.Float64,
    "n_risk": pl.Int64,
    "n_event": pl.Int64,
    "estimate": pl.Float64,
    "std_error": pl.Float64,
    "conf_low": pl.Float64,
    "conf_high": pl.Float64,
}


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeIncidence:
    """Cumulative incidence of the event and of the competing event, a group.

    `frame` columns: group ("all" without groups), cause ("event" or "competing"), time,
    n_risk (just before the time), n_event (of that cause; at the time, or up to it since the
    start where times were asked for), estimate, std_error, conf_low, conf_high. Limits are null
    where the estimate is 0 or 1, and all but the numbers of patients beyond the last follow-up
    of a group.
    """

    groups: tuple[str, ...]
    level: float
    variance: IncidenceVariance
    frame: pl.DataFrame
    _parts: tuple[_Part, ...]

    def at(self, times: ArrayLike) -> pl.DataFrame:
        """The same columns at stated times."""
        return _frame(self._parts, _checked_times(times), self.level, self.variance)

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "level": self.level,
            "variance": self.variance,
            **{name: self.frame[name].to_list() for name in self.frame.columns},
        }


def cumulative_incidence(
    time: ArrayLike,
    status: ArrayLike,
    *,
    group: ArrayLike | None = None,
    times: ArrayLike | None = None,
    level: float = 0.95,
    entry: ArrayLike | None = None,
    variance: IncidenceVariance = "aalen",
    weights: ArrayLike | None = None,
) -> CumulativeIncidence:
    """How many patients have had the event by each time, when some die before it?

    The estimator of Aalen and Johansen. One minus Kaplan-Meier with deaths censored is higher,
    since it speaks of a world in which nobody dies; without a competing event the two are equal.

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up to the first of event, competing event and censoring; 0 or more, any unit.
    status : array-like, shape (n,)
        0 censored, 1 the event, 2 the competing event. No missing values.
    group : array-like, shape (n,), optional
        One curve a group; labels, booleans or whole numbers.
    times : array-like, shape (k,), optional
        Times of the frame's rows; by default those at which a patient of the group failed.
    level : float
        Confidence level. Limits stand on the scale log(-log(1 - F)), as Kaplan-Meier's do.
    entry : array-like, shape (n,), optional
        Time at which a patient came under observation: at risk after it, up to `time`.
    variance : {"aalen", "jackknife"}
        ``aalen`` (the default, what papers print) is Aalen's, as ``cmprsk::cuminc``;
        ``jackknife`` the infinitesimal jackknife, as ``survival::survfit``.
    weights : array-like, shape (n,), optional
        Frequencies, equal to repeated rows; with Aalen's variance and without entry.

    Returns
    -------
    CumulativeIncidence
        ``.frame``, and ``.at(times)`` for other times.

    Raises
    ------
    ArgumentError
        For missing values, times below 0, an entry that is not before its time, a status
        other than 0, 1 and 2, or weights with what they do not go with.

    References
    ----------
    Aalen 1978, doi:10.1214/aos/1176344247.
    """
    exit = as_times(time, "time")
    codes = as_status(status, "status", exit.size)
    check_fraction(level, "level")
    check_choice(variance, "variance", IncidenceVariance)
    exit, entered = level_times(exit, as_entry(entry, exit))
    entered = as_entry(entered, exit)
    coded = _one_group(exit.size) if group is None else _coded(group, "group", exit.size)
    mass = as_weights(weights, exit.size)
    if mass is not None and (variance != "aalen" or entered is not None):
        raise ArgumentError(
            "weights go with variance 'aalen' and without entry; repeat the rows instead."
        )
    parts = tuple(_parts(exit, codes, entered, coded, mass))
    wanted = None if times is None else _checked_times(times)
    return CumulativeIncidence(
        tuple(part.group for part in parts),
        level,
        variance,
        _frame(parts, wanted, level, variance),
        parts,
    )


@dataclass(frozen=True, slots=True, eq=False)
class GrayTest:
    """Gray's test that all groups have the same cumulative incidence of the event.

    `statistic` is chi-square with `df` degrees of freedom; `p_value` is None when no event
    tells the groups apart. `frame` has one row a group: group, n, observed, expected (events).
    `competing` is the same test of the competing event, None where it did not occur: read the
    two together.
    """

    frame: pl.DataFrame
    statistic: float
    df: int
    p_value: float | None
    competing: GrayTest | None = None

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "statistic": self.statistic,
            "df": self.df,
            "p_value": self.p_value,
            "frame": self.frame.to_dict(as_series=False),
            "competing": None if self.competing is None else self.competing.to_dict(),
        }


def gray_test(
    time: ArrayLike, status: ArrayLike, group: ArrayLike, strata: ArrayLike | None = None
) -> GrayTest:
    """Does the cumulative incidence of the event differ between groups?

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up to the first of event, competing event and censoring; 0 or more, any unit.
    status : array-like, shape (n,)
        0 censored, 1 the event, 2 the competing event. No missing values.
    group : array-like, shape (n,)
        Two groups or more; labels, booleans or whole numbers.
    strata : array-like, shape (n,), optional
        Groups are compared within strata, and the differences added up.

    Returns
    -------
    GrayTest
        As ``cmprsk::cuminc`` (rho = 0). A group that had left before the first event tells
        nothing and costs its degree of freedom.

    Raises
    ------
    ArgumentError
        For missing values, times below 0, a status other than 0, 1 and 2, or a single group.

    References
    ----------
    Gray 1988, doi:10.1214/aos/1176350951.
    """
    exit, _ = level_times(as_times(time, "time"))
    codes = as_status(status, "status", exit.size)
    coded = code_groups(as_column(group, "group", exit.size))
    layers = None if strata is None else _coded(strata, "strata", exit.size).codes
    competing = _gray(exit, codes, coded, layers, 2) if (codes == 2).any() else None
    return replace(_gray(exit, codes, coded, layers, 1), competing=competing)


def _gray(
    exit: FloatArray, status: IntArray, coded: Coded, strata: IntArray | None, cause: int
) -> GrayTest:
    size = len(coded.levels)
    score, covariance = gray_score(exit, status, coded.codes, size, cause, strata)
    scale = float(np.trace(covariance)) or 1.0
    values, vectors = np.linalg.eigh(covariance / scale)
    kept = values > INFORMATIVE
    statistic = float(((score @ vectors[:, kept]) ** 2 / values[kept]).sum() / scale)
    df = int(kept.sum())
    failed = np.bincount(coded.codes[status == cause], minlength=size)
    frame = pl.DataFrame(
        {
            "group": coded.levels,
            "n": np.bincount(coded.codes, minlength=size),
            "observed": failed,
            "expected": failed - score,
        }
    )
    return GrayTest(frame, statistic, df, float(chi2_upper(statistic, df)) if df else None)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Patients of one group and their curves."""

    group: str
    exit: FloatArray
    status: IntArray
    entry: FloatArray | None
    weights: FloatArray
    incidence: Incidence

    def rows(
        self, times: FloatArray | None, level: float, variance: IncidenceVariance
    ) -> Iterator[pl.DataFrame]:
        """A frame for each cause."""
        table = self.incidence.table
        whole = times is not None
        if times is None:
            times = table.times[table.failures[0].sum(axis=0) > 0.0]
        place = places(table.times, times)
        known = times <= table.times[-1]
        n_risk = _reaching(self.exit, self.weights, times)
        if self.entry is not None:
            n_risk = n_risk - _reaching(self.entry, self.weights, times)
        for cause in CAUSES:
            count = np.concatenate([[0.0], np.cumsum(table.failures[0, cause - 1])])[place]
            estimate = self.incidence.at(times)[0, cause - 1]
            error = self._errors(times, cause, variance)
            low, high = incidence_limits(estimate, error, level)
            numbers = {
                "estimate": estimate,
                "std_error": error,
                "conf_low": low,
                "conf_high": high,
            }
            yield pl.DataFrame(
                {
                    "group": [self.group] * times.size,
                    "cause": [CAUSE_NAMES[cause]] * times.size,
                    "time": times,
                    "n_risk": n_risk.astype(np.int64),
                    "n_event": (count if whole else np.diff(count, prepend=0.0)).astype(np.int64),
                    **{name: np.where(known, each, np.nan) for name, each in numbers.items()},
                },
                schema=_SCHEMA,
            ).fill_nan(None)

    def _errors(self, times: FloatArray, cause: int, variance: IncidenceVariance) -> FloatArray:
        if variance == "jackknife":
            parts = influence(self.incidence, self.exit, self.status, times, cause, self.entry)
            return np.asarray(np.sqrt((parts**2).sum(axis=0)))
        squares = np.concatenate([[0.0], aalen_variance(self.incidence, cause)[0]])
        return np.asarray(np.sqrt(squares[places(self.incidence.table.times, times)]))


def _reaching(values: FloatArray, weights: FloatArray, times: FloatArray) -> FloatArray:
    """Weight of the values that are no earlier than each time, shape (k,)."""
    order = np.argsort(values)
    before = np.append(0.0, np.cumsum(weights[order]))
    return np.asarray(before[-1] - before[np.searchsorted(values[order], times, side="left")])


def _parts(
    exit: FloatArray,
    status: IntArray,
    entry: FloatArray | None,
    coded: Coded,
    weights: FloatArray | None,
) -> Iterator[_Part]:
    mass = np.ones(exit.size) if weights is None else weights
    for code, label in enumerate(coded.levels):
        own = (coded.codes == code) & (mass > 0)
        if own.any():
            late = None if entry is None else entry[own]
            curves = aalen_johansen(risk_table(exit[own], status[own], mass[None, own], late))
            yield _Part(label, exit[own], status[own], late, mass[own], curves)


def _frame(
    parts: tuple[_Part, ...],
    times: FloatArray | None,
    level: float,
    variance: IncidenceVariance,
) -> pl.DataFrame:
    return pl.concat([rows for part in parts for rows in part.rows(times, level, variance)])


def _checked_times(times: ArrayLike) -> FloatArray:
    return np.unique(as_times(np.atleast_1d(np.asarray(times)), "times"))


def _one_group(size: int) -> Coded:
    return Coded(np.zeros(size, dtype=np.int64), (ALL,))


def _coded(values: ArrayLike, name: str, size: int) -> Coded:
    return code_levels(as_column(values, name, size))
