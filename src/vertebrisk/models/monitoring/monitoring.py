"""`monitor`: has a model drifted since it came into use?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl

from vertebrisk._checks import check_fraction, check_positive_int, check_seed, nearest
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.build import needed_columns
from vertebrisk.design.encode import encode
from vertebrisk.engines.engine import Watch as Progress
from vertebrisk.engines.engine import unwatched
from vertebrisk.errors import ArgumentError, DataError, ModelError
from vertebrisk.findings import Finding, by_severity
from vertebrisk.kernels.cusum import CusumChart, risk_adjusted_chart
from vertebrisk.kernels.resamples import derived_seed
from vertebrisk.models.external.asking import rule_of
from vertebrisk.models.external.counting import counts_of, data_kind, nobody
from vertebrisk.models.external.remarks import of_inputs
from vertebrisk.models.mapping.document import MappingSource
from vertebrisk.models.mapping.reading import read_for
from vertebrisk.models.monitoring import remarks
from vertebrisk.models.monitoring.results import Direction, Monitoring, Signal, Watch
from vertebrisk.models.portable.identity import model_version
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.scoring import with_unreadable
from vertebrisk.text.plurals import agreeing, counted, in_rows
from vertebrisk.validation.monitoring.windows import Calendar, by_window

TAIL = 20  # simulated charts beyond the limit


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked, checked."""

    outcome: str
    date: str
    horizon: float | None
    watch: Watch
    level: float
    today: dt.date
    progress: Progress = unwatched


@dataclass(frozen=True, slots=True, eq=False)
class _Watched:
    """Patients in the order of time."""

    dates: pl.Series
    event: BoolArray
    risk: FloatArray


def monitor(
    model: RiskModel,
    patients: object,
    *,
    outcome: str,
    date: str,
    horizon: float | None = None,
    window: Calendar | float = 20,
    odds: float = 2.0,
    run_length: float = 1000,
    simulations: int | None = None,
    seed: int = 1,
    level: float = 0.95,
    today: dt.date | None = None,
) -> Monitoring:
    """Do a model's risks still hold, and if not, since when?

    Two risk-adjusted CUSUM charts run over the patients in the order of time: one for odds of
    the event that are `odds` times those of the model's risks, one for odds divided by it. A
    chart signals where it crosses its limit, and begins anew. The limit follows the case mix: it is
    found by simulation under the model's own risks, so that the chance of a false alarm at each
    patient, given none before, is at most 1 / (2 `run_length`) for either chart.

    Parameters
    ----------
    model : RiskModel
    patients : frame
        polars, pandas or pyarrow; one row a patient, with the model's inputs, the columns
        that `outcome` reads, and `date`. Rows in any order.
    outcome : str
        Column that is true and false or 1 and 0, or a rule such as ``vas_1m >= 4``, true
        where the event occurred. Rows where it is missing are left out and counted.
    date : str
        Column of dates (or ISO texts, 2026-03-14): when each patient was treated.
    horizon : float, optional
        For a model of time to event: `outcome` is what had happened by then, missing for those
        who were not followed so long. The first horizon by default.
    window : {"month", "quarter", "year"} or float
        Of the table of calibration over time: a part of the calendar, or the expected events of
        a full window.
    odds : float
        Above 1.
    run_length : float
        Patients from one false alarm to the next, on average and of both charts together, while
        the risks hold.
    simulations : int, optional
        Charts that are drawn for a limit; by default so many that 20 lie beyond it, and at
        least 20,000.
    seed : int
    level : float
        Of the intervals in `windows`.
    today : date, optional
        Later dates are left out, with a finding.

    Returns
    -------
    Monitoring

    Raises
    ------
    ArgumentError
        For options that are not allowed.
    DataError
        A column is missing or holds no dates, or no patient has outcome, risk and date.
    ExpressionError
        `outcome` cannot be understood.
    ModelError
        The model's controls were matched, so that it has no risk, or a horizon is beyond it.

    References
    ----------
    Steiner et al. 2000, doi:10.1093/biostatistics/1.4.441 (the chart). Zhang and Woodall 2016,
    doi:10.1002/qre.2044 (its limits, for charts up and down). Jones and Steiner 2012,
    doi:10.1093/intqhc/mzr082 (what errors of the model do to it).
    """
    watch = _watch(odds, run_length, simulations, seed, window)
    check_fraction(level, "level")
    frame = as_polars(patients)
    horizon = _checked_horizon(model, horizon)
    risks = model.predict(frame, horizon)
    asked = _Asked(outcome, date, horizon, watch, level, today or dt.date.today())
    return _monitored(model, frame, risks, asked, ())


def monitor_file(
    model: RiskModel,
    path: str | Path,
    *,
    outcome: str,
    date: str,
    horizon: float | None = None,
    window: Calendar | float = 20,
    odds: float = 2.0,
    run_length: float = 1000,
    seed: int = 1,
    mapping: MappingSource | None = None,
    progress: Progress = unwatched,
) -> Monitoring:
    """`monitor` on a patient file, whose unreadable cells are told from empty ones.

    `progress` is called with a step, and how much of it is done and to be done.
    """
    watch = _watch(odds, run_length, None, seed, window)
    horizon = _checked_horizon(model, horizon)
    table = read_for(model, Path(path), mapping)
    risks = with_unreadable(model.predict(table.frame, horizon), table)
    read = tuple(each for each in table.findings if each.severity != "note")
    asked = _Asked(outcome, date, horizon, watch, 0.95, dt.date.today(), progress)
    return _monitored(model, table.frame, risks, asked, read)


def _watch(
    odds: float, run_length: float, simulations: int | None, seed: int, window: Calendar | float
) -> Watch:
    if not isinstance(odds, int | float) or not 1.0 < odds <= 100.0:
        raise ArgumentError(f"odds is {odds!r}; a number above 1 and at most 100 is needed.")
    if not isinstance(run_length, int | float) or not 20 <= run_length <= 1e5:
        raise ArgumentError(f"run_length is {run_length!r}; 20 to 100000 patients are allowed.")
    if isinstance(window, str):
        if window not in get_args(Calendar):
            raise ArgumentError(
                f"window is '{window}'; allowed are {', '.join(get_args(Calendar))}, or the "
                f"expected events of a window, such as 20.{nearest(window, get_args(Calendar))}"
            )
    elif not isinstance(window, int | float) or isinstance(window, bool) or not 1 <= window < 1e9:
        raise ArgumentError(f"window is {window!r}; 1 expected event or more is needed.")
    check_seed(seed)
    fewest = max(20_000, int(np.ceil(TAIL * 2.0 * run_length)))
    if simulations is not None:
        check_positive_int(simulations, "simulations")
        if simulations < 2.0 * run_length:
            raise ArgumentError(
                f"simulations is {simulations}; at least {int(np.ceil(2.0 * run_length))} are "
                "needed to find a limit that one chart in so many crosses."
            )
    return Watch(float(odds), float(run_length), simulations or fewest, seed, window)


def _checked_horizon(model: object, horizon: float | None) -> float | None:
    if not isinstance(model, RiskModel):
        raise ArgumentError(
            f"model is a {type(model).__name__}; a RiskModel is needed, such as fit.model or "
            "RiskModel.load(path)."
        )
    if model.population.refuses_risks:
        raise ModelError("Its controls were matched, so the model has no risk to watch.")
    return model.horizons[0] if horizon is None and model.kind != "logistic" else horizon


def _monitored(
    model: RiskModel,
    frame: pl.DataFrame,
    risks: pl.DataFrame,
    asked: _Asked,
    read: tuple[Finding, ...],
) -> Monitoring:
    rule = rule_of(asked.outcome, "outcome", "'vas_1m >= 4'")
    if not isinstance(asked.date, str) or not asked.date:
        raise ArgumentError(
            f"date is {asked.date!r}; name the column that says when each patient was treated."
        )
    needed_columns(frame, [*rule.names, asked.date])
    truth, days, watch = rule.rule(frame), _dates(frame, asked.date), asked.watch
    known, scored = truth.is_not_null().to_numpy(), risks["risk"].is_not_null().to_numpy()
    dated = days.is_not_null().to_numpy()
    late = (days > asked.today).fill_null(value=False).to_numpy()
    use = known & scored & dated & ~late
    event = truth.fill_null(value=False).to_numpy().astype(np.bool_)
    counts = counts_of(risks["flags"], event, known, use)
    counts = replace(counts, not_scored=int((known & ~scored).sum()))
    undated, future = int((known & scored & ~dated).sum()), known & scored & late
    if not use.any():
        if not (known & scored).any():
            raise nobody(counts)
        raise DataError(
            f"No patient with outcome and risk has a date up to today in '{asked.date}'."
        )
    order = np.flatnonzero(use)
    order = order[np.argsort(days.to_physical().to_numpy()[order], kind="stable")]
    values = risks["risk"].to_numpy().astype(np.float64)
    watched = _Watched(days[order.tolist()], event[order], values[order])
    charts: dict[Direction, CusumChart] = {
        "up": _chart(watched, watch, watch.odds, 0, asked.progress),
        "down": _chart(watched, watch, 1.0 / watch.odds, 1, asked.progress),
    }
    signals = _signals(watched, charts)
    expected = float(watched.risk.sum())
    findings = (
        *remarks.of_signals(signals, watch.run_length),
        *(() if signals else remarks.of_events(order.size, int(watched.event.sum()), expected)),
        *remarks.of_horizon(asked.horizon, model.time_unit),
        *of_inputs(model, frame, encode(model.design, frame)),
        *remarks.of_outcomes(int((~known).sum()), int(known.sum())),
        *remarks.of_dates(
            undated,
            [int(place) + 1 for place in np.flatnonzero(future)],
            bool((np.diff(order) > 0).all()),
            asked.date,
        ),
        *read,
    )
    return Monitoring(
        outcome=asked.outcome,
        date=asked.date,
        version=model_version(model),
        horizon=asked.horizon,
        counts=counts,
        undated=undated,
        future=int(future.sum()),
        first=watched.dates[0],
        last=watched.dates[-1],
        windows=by_window(watched.dates, watched.event, watched.risk, watch.window, asked.level),
        chart=_frame(watched, charts),
        signals=signals,
        watch=watch,
        data_kind=data_kind(frame),
        findings=by_severity(findings),
    )


def _dates(frame: pl.DataFrame, name: str) -> pl.Series:
    """A column of days; DataError where it holds something else."""
    column = frame[name]
    if column.dtype == pl.Date:
        return column
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.date()
    if column.dtype == pl.Null:
        return column.cast(pl.Date)
    if column.dtype not in (pl.String, pl.Categorical) and not isinstance(column.dtype, pl.Enum):
        raise DataError(
            f"'{name}' holds no dates but values of the type {column.dtype}; name the column that "
            "says when each patient was treated."
        )
    texts = column.cast(pl.String).str.strip_chars().replace("", None)
    days = texts.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    wrong = np.flatnonzero((texts.is_not_null() & days.is_null()).to_numpy()) + 1
    if wrong.size:
        raise DataError(
            f"'{name}' has {counted(wrong.size, 'value')} that "
            f"{agreeing(wrong.size, 'is no date', 'are no dates')} ({in_rows(wrong.tolist())}); "
            "write dates as 2026-03-14."
        )
    return days


def _chart(
    watched: _Watched, watch: Watch, odds: float, stream: int, progress: Progress
) -> CusumChart:
    step, size = f"chart of odds x {odds:g}", watched.risk.size
    return risk_adjusted_chart(
        watched.event,
        watched.risk,
        odds,
        0.5 / watch.run_length,
        watch.simulations,
        derived_seed(watch.seed, stream),
        lambda done: progress(step, done, size),
    )


def _signals(watched: _Watched, charts: Mapping[Direction, CusumChart]) -> tuple[Signal, ...]:
    found = []
    for direction, chart in charts.items():
        for place in np.flatnonzero(chart.signal):
            start = _start(chart, int(place))
            own = slice(start, place + 1)
            found.append(
                Signal(
                    direction=direction,
                    when=watched.dates[int(place)],
                    patient=int(place) + 1,
                    since=watched.dates[start],
                    patients=int(place) + 1 - start,
                    n_events=int(watched.event[own].sum()),
                    expected=float(watched.risk[own].sum()),
                )
            )
    return tuple(sorted(found, key=lambda each: each.patient))


def _start(chart: CusumChart, place: int) -> int:
    """The first patient after the chart last lay at 0, or after the signal before."""
    before = np.flatnonzero((chart.value[:place] == 0.0) | chart.signal[:place])
    return int(before[-1]) + 1 if before.size else 0


def _frame(watched: _Watched, charts: Mapping[Direction, CusumChart]) -> pl.DataFrame:
    up, down = charts["up"], charts["down"]
    return pl.DataFrame(
        {
            "patient": np.arange(1, watched.risk.size + 1),
            "date": watched.dates,
            "upper": up.value,
            "upper_limit": up.limit,
            "upper_signal": up.signal,
            "lower": down.value,
            "lower_limit": down.limit,
            "lower_signal": down.signal,
        }
    )
