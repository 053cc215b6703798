"""How long until the event? Kaplan-Meier curves of groups, and the log-rank test."""

from __future__ import annotations

from dataclasses import dataclass

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
    listed,
)
from vertebrisk._types import FloatArray, IntArray, Json
from vertebrisk.comparison.coding import as_column, code_levels
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.distributions import chi2_upper, normal_quantile
from vertebrisk.kernels.survival.kaplan_meier import (
    ConfType,
    jackknife_variance,
    life_table,
    restricted_mean,
    survival_limits,
    time_below,
)
from vertebrisk.kernels.survival.logrank import rank_test
from vertebrisk.kernels.survival.times import ROUNDING, SurvivalTimes, level_times

_ESTIMATES = ("survival", "std_error", "conf_low", "conf_high")
_SCHEMA = {
    "group": pl.String,
    "time": pl.Float64,
    "n_risk": pl.Float64,
    "n_event": pl.Float64,
    "n_censored": pl.Float64,
    **dict.fromkeys(_ESTIMATES, pl.Float64),
}


@dataclass(frozen=True, slots=True, eq=False)
class KaplanMeier:
    """Survival curves of one or more groups.

    Attributes
    ----------
    frame : polars.DataFrame
        One row for each distinct time of a group: group, time, n_risk (just before the
        time), n_event, n_censored, survival, std_error (of survival), conf_low, conf_high.
        A limit is null where it does not exist: with "log-log" at survival 0 and 1.
    median : polars.DataFrame
        group, n, n_events, median, conf_low, conf_high; null where a curve stays above one
        half. Where it rests exactly on one half, the middle of that rest.
    level, conf_type
        Of the intervals.
    """

    frame: pl.DataFrame
    median: pl.DataFrame
    level: float
    conf_type: ConfType

    @property
    def groups(self) -> list[str]:
        """Names of the groups, in order."""
        return [str(name) for name in self.median["group"]]

    def at(self, times: ArrayLike) -> pl.DataFrame:
        """Numbers at risk and survival at given times, as ``summary(survfit, times =)``.

        Parameters
        ----------
        times : array-like, shape (k,)
            0 or more.

        Returns
        -------
        polars.DataFrame
            group, time, n_risk (under observation just before the time), n_event (up to
            and at it, since the start), survival, std_error, conf_low, conf_high. Past the
            last follow-up of a group nobody is at risk, and its survival is null: it is not
            known there, as with ``extend = FALSE``.
        """
        asked = np.unique(as_times(np.atleast_1d(np.asarray(times)), "times"))
        return pl.concat([self._group_at(name, asked) for name in self.groups])

    def _group_at(self, name: str, asked: FloatArray) -> pl.DataFrame:
        rows = self.frame.filter(pl.col("group") == name)
        grid = rows["time"].to_numpy()
        place = np.searchsorted(grid, asked, side="right")
        ahead = np.searchsorted(grid, asked, side="left")
        beyond = asked > grid[-1] + ROUNDING * max(1.0, grid[-1])
        at_risk = np.append(rows["n_risk"].to_numpy(), 0.0)[ahead]
        columns: dict[str, FloatArray] = {
            "n_risk": at_risk,
            "n_event": np.append(0.0, np.cumsum(rows["n_event"].to_numpy()))[place],
        }
        before = {"survival": 1.0, "std_error": 0.0, "conf_low": 1.0, "conf_high": 1.0}
        for column in _ESTIMATES:
            values = rows[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
            columns[column] = np.where(beyond, np.nan, np.append(before[column], values)[place])
        return pl.DataFrame({"group": [name] * asked.size, "time": asked, **columns}).fill_nan(None)

    def restricted_mean(self, horizon: float) -> pl.DataFrame:
        """Mean time without the event up to a horizon, the area below each curve.

        Returns
        -------
        polars.DataFrame
            group, restricted_mean, std_error, conf_low, conf_high (normal). Null for a group
            whose follow-up ends before the horizon while survival is above 0.

        References
        ----------
        Royston and Parmar 2013, doi:10.1186/1471-2288-13-152
        """
        if not horizon > 0.0:
            raise ArgumentError(f"horizon is {horizon!r}; a time above 0 is needed.")
        reach = float(normal_quantile(0.5 + self.level / 2.0))
        records = []
        for name in self.groups:
            rows = self.frame.filter(pl.col("group") == name)
            area, error = restricted_mean(rows["time"].to_numpy(), *_counts(rows), horizon)
            known = horizon <= rows["time"][-1] or rows["survival"][-1] == 0.0
            values = (area, error, area - reach * error, area + reach * error)
            records.append((name, *(values if known else (None,) * 4)))
        names = ("restricted_mean", "std_error", "conf_low", "conf_high")
        schema = {"group": pl.String, **dict.fromkeys(names, pl.Float64)}
        return pl.DataFrame(records, schema=schema, orient="row").fill_nan(None)

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "level": self.level,
            "conf_type": self.conf_type,
            "frame": self.frame.to_dict(as_series=False),
            "median": self.median.to_dict(as_series=False),
        }


def _counts(rows: pl.DataFrame) -> tuple[FloatArray, FloatArray]:
    return rows["n_risk"].to_numpy(), rows["n_event"].to_numpy()


def _grouped(values: object, size: int, name: str) -> tuple[list[str], IntArray]:
    """Names of the groups that occur, and the code of each patient."""
    coded = code_levels(as_column(values, name, size))
    occurring, codes = np.unique(coded.codes, return_inverse=True)
    return [coded.levels[code] for code in occurring], codes.astype(np.int64)


def kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    group: ArrayLike | pl.Series | None = None,
    weights: ArrayLike | None = None,
    level: float = 0.95,
    conf_type: ConfType = "log-log",
) -> KaplanMeier:
    """What share of patients is still without the event at each time?

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up from its start to the event or to censoring, 0 or more, in any unit.
    event : array-like, shape (n,)
        True or 1 where the event occurred at `time`, False or 0 where the patient was
        censored. No missing values.
    entry : array-like, shape (n,), optional
        Time at which a patient came under observation (left truncation), before `time`.
    group : array-like, shape (n,), optional
        One curve for each group; in the order of an Enum's levels, sorted otherwise.
    weights : array-like, shape (n,), optional
        Whole numbers are frequencies, with Greenwood's variance. Weights that are not whole
        have the variance of the infinitesimal jackknife, as survfit.
    level : float
        Confidence level of the pointwise intervals.
    conf_type : {"log-log", "log", "plain"}
        Scale of the intervals; R's survfit has "log" unless told otherwise.

    Returns
    -------
    KaplanMeier

    Raises
    ------
    ArgumentError
        For missing or negative times, an entry that is not before the time, or an event
        that is neither 0 nor 1.

    References
    ----------
    Kaplan and Meier 1958, doi:10.1080/01621459.1958.10501452. Equal to
    ``survival::survfit``.
    """
    exit_times = as_times(time, "time")
    exit_times, entries = level_times(exit_times, as_entry(entry, exit_times))
    follow_up = SurvivalTimes(
        exit_times, as_indicator(event, exit_times.size), as_entry(entries, exit_times)
    )
    mass = as_weights(weights, exit_times.size)
    check_fraction(level, "level")
    check_choice(conf_type, "conf_type", ConfType)
    if group is None:
        names, codes = ["all"], np.zeros(exit_times.size, dtype=np.int64)
    else:
        names, codes = _grouped(group, exit_times.size, "group")
    frames, medians = [], []
    for code, name in enumerate(names):
        inside = np.flatnonzero(codes == code)
        own = np.ones(inside.size) if mass is None else mass[inside]
        rows = _curve(name, follow_up.take(inside), own, level, conf_type)
        frames.append(rows)
        medians.append(_median(name, rows))
    columns = ("n", "n_events", "median", "conf_low", "conf_high")
    median = pl.DataFrame(
        medians,
        schema={"group": pl.String, **dict.fromkeys(columns, pl.Float64)},
        orient="row",
    ).fill_nan(None)
    sizes = np.bincount(codes, mass, len(names)).astype(np.float64)
    median = median.with_columns(pl.Series("n", sizes))
    return KaplanMeier(pl.concat(frames), median, level, conf_type)


def _curve(
    name: str, times: SurvivalTimes, weights: FloatArray, level: float, conf_type: ConfType
) -> pl.DataFrame:
    times, weights = times.take(weights > 0), weights[weights > 0]
    if times.size == 0:
        raise ArgumentError(f"weights are 0 for every patient of group '{name}'.")
    table = life_table(times, weights[None])
    survival = table.survival[0]
    whole = bool(np.all(weights == np.floor(weights)))
    variance = table.greenwood[0] if whole else jackknife_variance(table, times, weights)
    error = np.sqrt(np.where(survival > 0.0, variance, np.nan))
    low, high = survival_limits(survival, error, level, conf_type)
    return pl.DataFrame(
        {
            "group": [name] * survival.size,
            "time": table.times,
            "n_risk": table.at_risk[0],
            "n_event": table.events[0],
            "n_censored": table.censored[0],
            "survival": survival,
            "std_error": error * survival,
            "conf_low": low,
            "conf_high": high,
        },
        schema=_SCHEMA,
    ).fill_nan(None)


def _median(name: str, rows: pl.DataFrame) -> tuple[object, ...]:
    grid = rows["time"].to_numpy()
    found = [
        time_below(grid, rows[column].cast(pl.Float64).fill_null(np.nan).to_numpy(), 0.5)
        for column in ("survival", "conf_low", "conf_high")
    ]
    return (name, None, float(rows["n_event"].sum()), *found)


@dataclass(frozen=True, slots=True, eq=False)
class LogRank:
    """Log-rank test of several groups.

    `frame` has one row a group: group, n, observed, expected (events, each weighted by its
    survival to the power `rho`). `p_value` is from the chi-square distribution with `df`
    degrees, None when fewer than two groups had patients at risk at an event.
    """

    frame: pl.DataFrame
    statistic: float
    df: int
    p_value: float | None
    rho: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "statistic": self.statistic,
            "df": self.df,
            "p_value": self.p_value,
            "rho": self.rho,
            "frame": self.frame.to_dict(as_series=False),
        }


def log_rank(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike | pl.Series,
    *,
    strata: ArrayLike | pl.Series | None = None,
    rho: float = 0.0,
    weights: ArrayLike | None = None,
) -> LogRank:
    """Do groups differ in how soon the event comes?

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up of each patient, 0 or more.
    event : array-like, shape (n,)
        True or 1 where the event occurred at `time`, False or 0 where censored.
    group : array-like, shape (n,)
        Two or more groups.
    strata : array-like, shape (n,), optional
        Patients are compared within these.
    rho : float
        0 is the log-rank test; 1 weighs early events more (Peto and Peto's modification of
        the Gehan-Wilcoxon test).
    weights : array-like, shape (n,), optional
        Frequencies, equal to repeated rows.

    Returns
    -------
    LogRank

    Raises
    ------
    ArgumentError
        With one group only, missing values, or no event at all.

    References
    ----------
    Harrington and Fleming 1982, doi:10.1093/biomet/69.3.553. Equal to
    ``survival::survdiff``.
    """
    exit_times, _ = level_times(as_times(time, "time"))
    indicator = as_indicator(event, exit_times.size)
    names, codes = _grouped(group, exit_times.size, "group")
    if len(names) < 2:
        raise ArgumentError(
            f"group holds one group only ({listed(names)}); two are needed to compare."
        )
    if not indicator.any():
        raise ArgumentError("event holds no event; a log-rank test needs at least one.")
    power = float(as_numbers(np.atleast_1d(rho), "rho", 1)[0])
    layers = None if strata is None else _grouped(strata, exit_times.size, "strata")[1]
    mass = as_weights(weights, exit_times.size)
    times = SurvivalTimes(exit_times, indicator, None, layers)
    test = rank_test(times, codes, len(names), power, mass)
    frame = pl.DataFrame(
        {
            "group": names,
            "n": np.bincount(codes, mass, len(names)).astype(np.int64),
            "observed": test.observed,
            "expected": test.expected,
        }
    )
    p_value = float(chi2_upper(test.statistic, test.df)) if test.df > 0 else None
    return LogRank(frame, test.statistic, test.df, p_value, power)
