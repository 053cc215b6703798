"""Dates and times as FHIR writes them: a date that is not whole is all the time that it names."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

DAYS = {"h": 1 / 24, "d": 1.0, "wk": 7.0}
MONTHS = {"mo": 1, "a": 12}
DAYS_OF_MONTH = 365.25 / 12
Span = tuple[datetime, datetime]
_WHOLE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_PART = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def instant(moment: datetime) -> str:
    """A time as FHIR writes it, in UTC to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def later(start: datetime, value: float, code: str) -> datetime | None:
    """The time after a start by some UCUM unit, months by the calendar; None where there is none.

    The last day of a month stands for one that the month does not have.
    """
    try:
        if code in DAYS:
            return start + timedelta(days=value * DAYS[code])
        if code not in MONTHS:
            return None
        months, part = divmod(value * MONTHS[code], 1)
        years, month = divmod(start.month - 1 + int(months), 12)
        year = start.year + years
        day = min(start.day, monthrange(year, month + 1)[1])
        moved = start.replace(year=year, month=month + 1, day=day)
        return moved + timedelta(days=part * DAYS_OF_MONTH)
    except (ValueError, OverflowError):
        return None


def span_of(text: str) -> Span | None:
    """First and last moment of a date or time, in UTC; None where it is neither."""
    try:
        if _WHOLE.fullmatch(text):
            moment = datetime.fromisoformat(_microseconds(text)).astimezone(UTC)
            return moment, moment
        found = _PART.fullmatch(text)
        if found is None:
            return None
        first, last = _days(found)
        start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        end = datetime(last.year, last.month, last.day, tzinfo=UTC)
        return start, end + timedelta(days=1) - timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None


def whole_date(text: str) -> date | None:
    """A date of year, month and day; None for anything less or else."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def completed_years(birth: date, today: date) -> int:
    """Age in completed years."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _days(found: re.Match[str]) -> tuple[date, date]:
    year = int(found[1])
    if found[2] is None:
        return date(year, 1, 1), date(year, 12, 31)
    month = int(found[2])
    if found[3] is None:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    day = date(year, month, int(found[3]))
    return day, day


def _microseconds(text: str) -> str:
    """The time with at most six decimals of a second, which is as fine as is told apart."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)
