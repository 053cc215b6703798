"""Estimates of studies outside the library, from a table with one row a study."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vertebrisk._checks import listed, nearest
from vertebrisk._files import read_bytes
from vertebrisk.cohort.reading.delimited import read_delimited
from vertebrisk.cohort.reading.missing import MARKERS
from vertebrisk.cohort.reading.signature import check_kind
from vertebrisk.errors import DataError
from vertebrisk.evidence.pooling.performance import TITLES, derived_error
from vertebrisk.evidence.pooling.ratios import crude_log_ratio
from vertebrisk.evidence.pooling.study_estimates import (
    NOT_STATED,
    SCALES,
    UNTOLD,
    Measure,
    StudyEstimate,
    error_of_interval,
    label_of,
    limits,
    off_scale,
    on_scale,
    proportion,
)
from vertebrisk.evidence.printed import Printed
from vertebrisk.text.messages import say

MAX_STUDIES = 300
_MISSING = frozenset({"", "nr", *MARKERS})
# What the number of a measure is called, and its limits with _low and _high after it.
_VALUES: Mapping[Measure, tuple[str, ...]] = {
    "incidence": (),
    "odds-ratio": ("ratio", "odds_ratio", "or"),
    "c-statistic": ("auc", "c_index", "c_statistic"),
    "oe": ("oe",),
    "slope": ("slope", "calibration_slope"),
}
_COUNTS = ("events", "n")
_CELLS = ("events_exposed", "n_exposed", "events_unexposed", "n_unexposed")
_FORMS: Mapping[Measure, str] = {
    "incidence": "events, n",
    "odds-ratio": f"ratio, conf_low, conf_high | estimate, std_error (of its logarithm) | "
    f"{', '.join(_CELLS)}",
    "c-statistic": "auc, auc_low, auc_high | auc, auc_se | auc, events, n",
    "oe": "oe, oe_low, oe_high | oe, events, n | events, expected, n",
    "slope": "slope, slope_low, slope_high | slope, slope_se",
}
_KNOWN = ("study", "label", "source", "estimate", "std_error", "conf_low", "conf_high", "expected",
          *_COUNTS, *_CELLS)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    """Cells of one study as text, by the name of their column in small letters."""

    file: str
    number: int
    cells: Mapping[str, str]
    decimal_comma: bool

    def number_in(self, *columns: str) -> float | None:
        """The number in the first of some columns that has one."""
        for column in columns:
            text = self.cells.get(column, "")
            if text.strip().casefold() in _MISSING:
                continue
            plain = text.replace(",", ".") if self.decimal_comma else text
            try:
                printed = Printed.parse(plain)
            except DataError:
                raise self.error(column, "which is not a number") from None
            if printed.bound:
                raise self.error(column, "a bound, which cannot be pooled")
            return printed.value
        return None

    def count_in(self, column: str) -> int | None:
        """The whole number in a column, 0 or more."""
        value = self.number_in(column)
        if value is None:
            return None
        if value < 0 or not value.is_integer():
            raise self.error(column, "where a whole number of 0 or more is needed")
        return int(value)

    def error(self, column: str, what: str) -> DataError:
        """What is wrong in one cell."""
        found = self.cells.get(column, "")[:40]
        return DataError(f"'{self.file}', row {self.number}: '{column}' is '{found}', {what}.")

    def wrong(self, what: str) -> DataError:
        """What is wrong with the row."""
        return DataError(f"'{self.file}', row {self.number}: {what}")


def read_estimates(path: Path | str, measure: Measure) -> tuple[StudyEstimate, ...]:
    """Estimates of a CSV file, one row a study.

    Parameters
    ----------
    path : Path or str
        A text table with the column ``study`` and those of the measure: ``events, n``;
        ``ratio, conf_low, conf_high``; ``auc, auc_low, auc_high``; or ``estimate, std_error`` on
        the scale of pooling (docs/formats.md has all). ``label`` is the name for figures,
        ``source`` the kind of number; every further column may be a subgroup or a moderator.
    measure : str
        What is pooled.

    Raises
    ------
    DataError
        The file cannot be read, lacks columns, names a study twice, or a row has no usable
        number; the message names row and column.
    """
    path = Path(path)
    content = read_bytes(path, "The table of estimates")
    family, _ = check_kind(path, content)
    if family != "csv":
        raise DataError(f"'{path.name}' is not a text table; save the estimates as CSV.")
    raw = read_delimited(path, content)
    columns = [name.strip().lower().replace(" ", "_") for name in raw.frame.columns]
    _check_columns(path.name, columns, measure, raw.frame.height)
    estimates = []
    for number, cells in enumerate(raw.frame.rows(), start=1):
        texts = [str(cell).strip() if cell is not None else "" for cell in cells]
        row = _Row(path.name, number, dict(zip(columns, texts, strict=True)), raw.decimal_comma)
        if any(text for text in texts):
            estimates.append(_estimate(row, measure))
    repeated = [name for name, count in Counter(e.study for e in estimates).items() if count > 1]
    if repeated:
        raise DataError(
            f"'{path.name}' names the study '{repeated[0]}' twice; a study counts once."
        )
    if not estimates:
        raise DataError(f"'{path.name}' has no rows with a study.")
    return tuple(estimates)


def _check_columns(file: str, columns: list[str], measure: Measure, height: int) -> None:
    needed = _FORMS[measure]
    if "study" not in columns:
        raise DataError(
            f"'{file}' has no column 'study'; its columns are {listed(columns)}. A table of "
            f"estimates has study and: {needed}.{nearest('study', columns)}"
        )
    double = [name for name, count in Counter(columns).items() if count > 1]
    if double:
        raise DataError(f"'{file}' has two columns '{double[0]}'; give each a name of its own.")
    values = {*_VALUES[measure], "estimate", *_COUNTS, *_CELLS}
    if not values & set(columns):
        raise DataError(
            f"'{file}' has no column for {_named(measure)}; its columns are {listed(columns)}, and "
            f"needed are study and: {needed}."
        )
    if height > MAX_STUDIES:
        raise DataError(
            f"'{file}' has {height} rows; a table of studies has at most {MAX_STUDIES}. Is it a "
            "table of patients?"
        )


def _named(measure: Measure) -> str:
    return {"incidence": "an incidence", "odds-ratio": "an odds ratio"}.get(
        measure, f"the {TITLES.get(measure, measure)}"
    )


def _estimate(row: _Row, measure: Measure) -> StudyEstimate:
    study = row.cells["study"]
    if not study:
        raise row.wrong("'study' is empty; give the study's name.")
    label = row.cells.get("label", "") or label_of(study)
    if measure == "incidence":
        return _incidence(row, study, label)
    forms: tuple[Callable[[_Row, Measure], tuple[float, float, str] | None], ...] = (
        _from_interval, _from_estimate, _from_error, _from_cells, _from_patients,
    )  # fmt: skip
    found = next((each for form in forms if (each := form(row, measure)) is not None), None)
    if found is None:
        raise row.wrong(
            f"'{study}' has no number for {_named(measure)} with an error; needed are "
            f"{_FORMS[measure]}."
        )
    estimate, error, basis = found
    if not (math.isfinite(estimate) and math.isfinite(error) and error > 0):
        raise row.wrong(f"the numbers of '{study}' give no standard error above zero.")
    scale = SCALES[measure]
    low, high = limits(estimate, error, scale)
    return StudyEstimate(
        study=study,
        label=label,
        estimate=estimate,
        std_error=error,
        value=off_scale(estimate, scale),
        conf_low=low,
        conf_high=high,
        n_events=row.count_in("events"),
        n=row.count_in("n"),
        source=_source(row),
        basis=basis,
        place=f"{row.file}, row {row.number}",
        about=_about(row, measure),
    )


def _incidence(row: _Row, study: str, label: str) -> StudyEstimate:
    n_events, n = row.count_in("events"), row.count_in("n")
    if n_events is None or n is None:
        missing = "events" if n_events is None else "n"
        raise row.wrong(f"'{missing}' of '{study}' is empty; an incidence needs events and n.")
    if n == 0 or n_events > n:
        raise row.wrong(f"'{study}' has {n_events} events in {n} patients; that cannot be.")
    return proportion(
        study,
        label,
        n_events,
        n,
        source=_source(row),
        place=f"{row.file}, row {row.number}",
        about=_about(row, "incidence"),
    )


def _source(row: _Row) -> str:
    given = row.cells.get("source", "").casefold()
    return given if given not in _MISSING else UNTOLD


def _about(row: _Row, measure: Measure) -> dict[str, str]:
    """Columns that a study may be grouped or ordered by: all that hold no number of its own."""
    own = {*_KNOWN, *_VALUES[measure]}
    own |= {f"{name}{ending}" for name in _VALUES[measure] for ending in ("_low", "_high", "_se")}
    known = {
        name: text if text.casefold() not in _MISSING else NOT_STATED
        for name, text in row.cells.items()
        if name not in own
    }
    counts = {"n": row.cells.get("n", ""), "n_events": row.cells.get("events", "")}
    return known | {name: text for name, text in counts.items() if text} | {"source": _source(row)}


def _value(row: _Row, measure: Measure) -> tuple[str, float] | None:
    """The measure itself, checked, and the column that it stands in."""
    for column in _VALUES[measure]:
        value = row.number_in(column)
        if value is None:
            continue
        if measure == "c-statistic" and not 0 < value < 1:
            raise row.error(column, "where a C-statistic lies between 0 and 1, not in percent")
        if measure in ("odds-ratio", "oe") and value <= 0:
            raise row.error(column, "where a ratio above 0 is needed, not its logarithm")
        return column, value
    return None


def _from_interval(row: _Row, measure: Measure) -> tuple[float, float, str] | None:
    found = _value(row, measure)
    if found is None:
        return None
    column, value = found
    low = row.number_in(f"{column}_low", "conf_low")
    high = row.number_in(f"{column}_high", "conf_high")
    if low is None and high is None:
        return None
    if low is None or high is None:
        raise row.wrong(f"one limit of the interval of '{column}' is empty; give both or none.")
    scale = SCALES[measure]
    if not low < high or not low <= value <= high:
        raise row.wrong(
            f"{column} {value:g} does not lie between its limits {low:g} and {high:g}; look again."
        )
    if (scale != "identity" and low <= 0) or (scale == "logit" and high >= 1):
        allowed = "between 0 and 1" if scale == "logit" else "above 0"
        raise row.wrong(f"the limits {low:g} and {high:g} of '{column}' must lie {allowed}.")
    return on_scale(value, scale), error_of_interval(low, high, scale), say("interval")


def _from_estimate(row: _Row, _: Measure) -> tuple[float, float, str] | None:
    estimate, error = row.number_in("estimate"), row.number_in("std_error")
    if estimate is None:
        return None
    if error is None or error <= 0:
        raise row.error("std_error", "where a standard error above 0 is needed")
    return estimate, error, say("estimate and standard error")


def _from_error(row: _Row, measure: Measure) -> tuple[float, float, str] | None:
    """The measure and its standard error, on the scale that people read."""
    found = _value(row, measure)
    if found is None or measure == "odds-ratio":
        return None
    column, value = found
    error = row.number_in(f"{column}_se")
    if error is None:
        return None
    if error <= 0:
        raise row.error(f"{column}_se", "where a standard error above 0 is needed")
    scale = SCALES[measure]
    slope = {"identity": 1.0, "log": value, "logit": value * (1 - value)}[scale]
    return on_scale(value, scale), error / slope, say("standard error")


def _from_cells(row: _Row, measure: Measure) -> tuple[float, float, str] | None:
    """An odds ratio from a 2 x 2 table."""
    counts = [row.count_in(column) for column in _CELLS]
    if measure != "odds-ratio" or all(each is None for each in counts):
        return None
    if any(each is None for each in counts):
        raise row.wrong(f"a 2 x 2 table needs all of {', '.join(_CELLS)}.")
    events, n, other_events, other_n = (each or 0 for each in counts)
    if events > n or other_events > other_n or 0 in (n, other_n):
        raise row.wrong(f"{events}/{n} against {other_events}/{other_n} is no 2 x 2 table.")
    if events + other_events in (0, n + other_n):
        raise row.wrong(f"{events}/{n} against {other_events}/{other_n} has no odds ratio.")
    return *crude_log_ratio(events, n, other_events, other_n), say("2 x 2 counts")


def _from_patients(row: _Row, measure: Measure) -> tuple[float, float, str] | None:
    """The measure with an error from numbers of patients."""
    n_events, n = row.count_in("events"), row.count_in("n")
    found = _value(row, measure)
    value = found[1] if found is not None else None
    expected = row.number_in("expected") if measure == "oe" else None
    if value is None and expected is not None and n_events:
        if expected <= 0:
            raise row.error("expected", "where a number above 0 is needed")
        value = n_events / expected
    if value is None:
        return None
    derived = derived_error(measure, value, n_events, n)
    return None if derived is None else (on_scale(value, SCALES[measure]), *derived)
