"""What sentences and summaries pick out of a result."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from vertebrisk.models.tables import RegressionRow
from vertebrisk.nomogram.results import Nomogram, NomogramAxis
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import MISSING
from vertebrisk.validation.results import Validation

Limits = tuple[float | None, float | None, float | None]


def usable(value: float | None) -> bool:
    """True for a number that can be printed: neither missing nor infinite."""
    return value is not None and math.isfinite(value)


def performance_row(validation: Validation, measure: str) -> Mapping[str, float | None]:
    """The row of one measure in a validation, empty where it was not computed."""
    for line in validation.table.iter_rows(named=True):
        if line["measure"] == measure:
            return line
    return {}


def corrected_estimate(result: StudyResult, measure: str) -> Limits:
    """Optimism-corrected value of a measure with its interval, None where there is none."""
    line = performance_row(result.validation, measure)
    return line.get("corrected"), line.get("conf_low"), line.get("conf_high")


def with_interval(values: Limits, words: Words, decimals: int = 3) -> str:
    """Estimate with its interval as a sentence prints it."""
    return _bracketed(values, words, decimals, words("ci95_told"))


def with_range(values: Limits, words: Words, decimals: int = 3) -> str:
    """Estimate with its limits where these are no confidence interval."""
    return _bracketed(values, words, decimals, "")


def _bracketed(values: Limits, words: Words, decimals: int, named: str) -> str:
    (estimate, low, high), numbers = values, words.numbers
    centre, limits = numbers.estimate(estimate, decimals), numbers.interval(low, high, decimals)
    return centre if limits == MISSING else f"{centre}{words.bracketed(f'{named}{limits}')}"


def is_intercept_only(result: StudyResult) -> bool:
    """True if no predictor is in the model."""
    return all(row.kind == "intercept" for row in result.multivariable)


def predictors(result: StudyResult) -> tuple[str, ...]:
    """Labels of the predictors in the model, each once; a unit stands in brackets."""
    labels = {row.term: row.label for row in result.multivariable if row.kind != "intercept"}
    return tuple(bracketed_units(result, labels.values()))


def shown_nomogram(result: StudyResult) -> Nomogram:
    """The nomogram of the report: of risks, or of odds ratios where there are none."""
    return result.nomogram if result.matched is None else result.matched.nomogram


def bracketed_units(result: StudyResult, labels: Iterable[str]) -> list[str]:
    """Labels for a list in a sentence: ``Age (years)`` where tables say ``Age, years``."""
    words = Words.of(result)
    known = {
        _headed(axis): f"{axis.label}{words.bracketed(axis.unit)}"
        for axis in shown_nomogram(result).axes
        if axis.unit
    }
    return [known.get(label, label) for label in labels]


def _headed(axis: NomogramAxis) -> str:
    """Label of an axis as the regression table prints it: ``Age, years``."""
    return f"{axis.label}, {axis.unit}"


def variable_labels(result: StudyResult) -> dict[str, str]:
    """Label of every variable in the model."""
    return {axis.variable: axis.label for axis in shown_nomogram(result).axes}


def spline_formula() -> str:
    """Columns of a restricted cubic spline beyond the first, in plain characters."""
    return (
        "[(x - tj)+^3 - (x - t(k-1))+^3 (tk - tj) / (tk - t(k-1))"
        " + (x - tk)+^3 (t(k-1) - tj) / (tk - t(k-1))] / (tk - t1)^2"
    )


def told_rows(rows: tuple[RegressionRow, ...]) -> list[RegressionRow]:
    """Rows that a sentence can tell: every level, but a spline as a whole."""
    leveled = {row.term for row in rows if row.kind == "reference"}
    joint = {row.term for row in rows if row.kind == "overall"} - leveled
    return [row for row in rows if row.kind == ("overall" if row.term in joint else "estimate")]
