"""Earlier and later patients: by dates or numbers, and what is to be said of such a split."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import check_fraction, check_positive_int, check_seed
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import ArgumentError
from vertebrisk.findings import Finding
from vertebrisk.models.external.measuring import Resamples
from vertebrisk.models.objections.events import EVENTS_PER_PARAMETER
from vertebrisk.models.validating.columns import OfRows, column_of_rows
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted
from vertebrisk.validation.temporal import Period

ENOUGH_EVENTS = 500  # for a reliable assessment of later patients
Moment = str | int | float | dt.date | dt.datetime


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows by when they came.

    Attributes
    ----------
    by : str
        Name of the column; "time" where values were given.
    since : str or float
        Where the later rows begin, as in a document.
    when : polars.Series
        Dates or numbers.
    later : bool array, shape (n,)
    """

    by: str
    since: str | float
    when: pl.Series
    later: BoolArray

    def period(self, rows: BoolArray, event: BoolArray, linear: FloatArray) -> Period:
        """The rows of one side, by their events and linear predictors."""
        when = self.when.filter(pl.Series(rows))
        return Period(
            n=int(rows.sum()),
            n_events=int(event[rows].sum()),
            first=_written(when.min()),
            last=_written(when.max()),
            linear_predictor_mean=float(linear[rows].mean()),
            linear_predictor_sd=float(linear[rows].std(ddof=1)) if rows.sum() > 1 else 0.0,
        )


def checked_resamples(resamples: int, seed: int, level: float) -> Resamples:
    """How intervals without a formula are found."""
    check_positive_int(resamples, "resamples")
    check_seed(seed)
    check_fraction(level, "level")
    return Resamples(resamples, seed, level)


def split_of(
    fit: OfRows,
    when: ArrayLike | str,
    data: object | None,
    since: Moment,
    clusters: IntArray | None,
) -> Split:
    """Earlier and later rows of a fit; see `LogisticFit.temporal_split`."""
    column, by = column_of_rows(fit, when, data, "when", "the date")
    moments = _moments(column, by)
    cut = _cut(since, moments, by)
    later = (moments >= cut).to_numpy().astype(np.bool_)
    name = f"'{by}'" if by else "when"
    if later.all() or not later.any():
        raise ArgumentError(
            f"{'All' if later.all() else 'None'} of {counted(later.size, 'row')} came on {since} "
            f"or after it: {name} runs from {_written(moments.min())} to "
            f"{_written(moments.max())}. Choose a date in between."
        )
    _check_whole(later, clusters, since)
    return Split(by or "time", _written(cut), moments, later)


def _moments(column: pl.Series, by: str) -> pl.Series:
    """Dates, or numbers; a text column is read as ISO dates."""
    if column.dtype.is_temporal() and column.dtype not in (pl.Time, pl.Duration):
        return column.cast(pl.Date)
    if column.dtype.is_numeric():
        return column.cast(pl.Float64)
    name = f"'{by}'" if by else "when"
    if column.dtype == pl.String:
        dates = column.str.to_date("%Y-%m-%d", strict=False)
        wrong = int(dates.null_count())
        if not wrong:
            return dates
        raise ArgumentError(
            f"{name} holds text, of which {wrong} of {counted(column.len(), 'value')} "
            f"{agreeing(wrong, 'is', 'are')} no date such as 2021-04-30. Give dates or numbers."
        )
    raise ArgumentError(f"{name} holds {column.dtype} values; dates or numbers are needed.")


def _cut(since: Moment, moments: pl.Series, by: str) -> dt.date | float:
    """Where the later rows begin, in the kind of the moments."""
    name = f"'{by}'" if by else "when"
    if moments.dtype != pl.Date:
        cut = math.nan
        if isinstance(since, int | float | np.number) and not isinstance(since, bool):
            cut = float(since)
        if not math.isfinite(cut):
            raise ArgumentError(f"since is {since!r}, and {name} holds numbers; give a number.")
        return cut
    if isinstance(since, dt.datetime):
        return since.date()
    if isinstance(since, dt.date):
        return since
    try:
        return dt.date.fromisoformat(str(since))
    except ValueError:
        raise ArgumentError(
            f"since is {since!r}, and {name} holds dates; give a date, such as '2021-04-30'."
        ) from None


def _written(value: object) -> str | float:
    if isinstance(value, dt.date):
        return value.isoformat()
    assert isinstance(value, int | float)  # moments are dates or numbers
    return float(value)


def _check_whole(later: BoolArray, clusters: IntArray | None, since: Moment) -> None:
    if clusters is None:
        return
    both = np.intersect1d(clusters[later], clusters[~later]).size
    if both:
        raise ArgumentError(
            f"{counted(both, 'patient')} {agreeing(both, 'has', 'have')} rows before {since} and "
            "since; a patient must be on one side with all rows. Give each patient one date."
        )


def split_findings(
    earlier: int,
    later: int,
    parameters: int,
    *,
    deficient: bool,
    clustered: bool,
    timed: bool = False,
) -> Iterator[Finding]:
    """What a careful reader would want to know of a split.

    `earlier` and `later` count the patients of the smaller outcome group on either side, or
    those with the event of a model of time to event.
    """
    smaller = "" if timed else say(" or non-events")
    if later < ENOUGH_EVENTS:
        yield Finding(
            "split-wastes-data",
            "warning",
            say(
                "The split leaves {events}{smaller} to make a model from and {later} to "
                "judge it by. It is one validation of a model of part of the patients, and "
                "of fewer than {enough_events} either part is too small to be sure.",
                events=counted(earlier, "event"),
                smaller=smaller,
                later=later,
                enough_events=ENOUGH_EVENTS,
            ),
            say(
                "Validate the whole procedure by the bootstrap (validate), and periods or "
                "centres in turn (internal_external); show the split beside them, not in "
                "their place."
            ),
            say("Steyerberg 2018, doi:10.1016/j.jclinepi.2018.07.010."),
        )
    else:
        yield Finding(
            "one-split",
            "note",
            say(
                "A split by time is one validation, at one date; another date gives other numbers."
            ),
            say("Leave out each period in turn (internal_external)."),
            say("Steyerberg and Harrell 2016, doi:10.1016/j.jclinepi.2015.04.005."),
        )
    if parameters and earlier < EVENTS_PER_PARAMETER * parameters:
        yield Finding(
            "few-events-earlier",
            "warning",
            say(
                "The earlier patients have {events}{smaller} for {candidate_parameters}: "
                "their model is less stable than that of all patients, and no verdict on it.",
                events=counted(earlier, "event"),
                smaller=smaller,
                candidate_parameters=counted(parameters, "candidate parameter"),
            ),
            say("Read the measures as those of a weaker model."),
        )
    if deficient:
        yield Finding(
            "column-without-information",
            "warning",
            say(
                "A predictor, or a level of one, does not vary among the earlier patients: "
                "its coefficient is 0 for the later ones."
            ),
            say("Look at when its values were first recorded."),
        )
    if clustered:
        yield Finding(
            "rows-of-one-patient",
            "note",
            say(
                "Patients have several rows, and the intervals take rows for independent: "
                "they are too narrow."
            ),
            say("Read them with that in mind."),
        )


def terms_of(names: Sequence[str], chosen: BoolArray) -> tuple[str, ...]:
    """Terms that were chosen."""
    return tuple(name for name, use in zip(names, chosen, strict=True) if use)
