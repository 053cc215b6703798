"""From printed tables to the question whether they can be one fit, or why that cannot be asked.

The question needs plain maximum likelihood, a coefficient for every term, and the
distribution of every term among the patients that the model was fitted to: counts of every
level, or the mean of a number whose possible values are few and known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from vertebrisk._checks import listed
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.errors import ArgumentError, PaperError
from vertebrisk.evidence.feasibility.margins import (
    Distribution,
    GroupSums,
    Support,
    allowed,
    group_sums,
    is_count,
)
from vertebrisk.evidence.feasibility.programme import Patterns, Programme
from vertebrisk.evidence.feasibility.readings import Column, Key, Problem
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_tables import CONSTANT, Coefficient, PaperModel
from vertebrisk.evidence.published import PaperVariable

MOST_VALUES = 61
MOST_PATTERNS = 20_000

# Estimates of a level that run to infinity are stopped beyond this.
_SEPARATED = 9.0

_NOT_PLAIN = re.compile(
    r"firth|penali[sz]ed|lasso|\bridge\b|elastic net|shrink|shrunk|bayes|(?<!un)conditional|"
    r"mixed|random[- ]effect|multilevel|\bgee\b|generali[sz]ed estimating|weighted|weighting|"
    r"ordinal|multinomial|imput|"
    r"惩罚|套索|岭回归|收缩|贝叶斯|(?<!非)条件|混合效应|随机效应|加权|有序|多分类|插补|填补",
    re.IGNORECASE,
)
_OTHERS_TOO = re.compile(r"adjust(?:ed|ing) for|controll(?:ed|ing) for|校正|调整了", re.IGNORECASE)
_ALONE = re.compile(r"univaria|unadjusted|单因素|单变量", re.IGNORECASE)
_TOGETHER = re.compile(r"multivaria|multiple|多因素|多变量", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NotCheckable:
    """The question cannot be asked of these tables, and why, in one sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One group of a comparison: its printed size, and whether its patients had the event."""

    n: Printed | None
    event: bool


def feasibility_problem(
    model: PaperModel,
    samples: Sequence[Sample],
    distributions: Sequence[Distribution],
    variables: Mapping[str, PaperVariable],
    *,
    n: int | None = None,
    n_events: int | None = None,
    case_control: bool = False,
    incomplete: bool = False,
    replaced: Mapping[Key, tuple[float, float]] | None = None,
) -> Problem | NotCheckable:
    """The question whether a regression table can be a fit to a comparison's margins.

    Parameters
    ----------
    model : PaperModel
        The regression table. Its coefficients are the printed B or, where none is printed,
        logarithms of the odds ratio. Each stands for all that it may have been before it
        was rounded, once or twice, or cut off.
    samples : sequence of Sample
        The groups of the comparison.
    distributions : sequence of Distribution
        Its rows. Where counts add up to less than the group, or values are told to be
        missing, those patients may be in the model or not, with any value.
    variables : mapping of str to PaperVariable
        Coding. A variable that is not described has the levels that are counted.
    n, n_events : int, optional
        Patients of the model, and those with the event, if they are known.
    case_control : bool
        True if controls were sampled: a printed constant may then have been corrected for
        that, and is left open.
    incomplete : bool
        True if values may be missing without a trace in the table.
    replaced : mapping of (term, level) to (low, high), optional
        Limits of coefficients that take the place of what is printed.

    Returns
    -------
    Problem or NotCheckable
    """
    try:
        _check_method(model)
        sizes = _sizes(samples, n, n_events)
        terms = _terms(model, distributions, variables)
        used = {term.variable for term in terms}
        points = _points(terms)
        sums = group_sums(
            [term.printed for term in terms],
            [term.support for term in terms],
            points,
            sizes,
            [each for each in distributions if each.variable not in used],
            incomplete,
        )
        event = np.array([sample.event for sample in samples])
        _check_together(model, terms, event)
        constant = model.constant
        if constant is not None and (case_control or not _has_number(constant)):
            constant = None
        columns = [
            _column(row, term.variable, replaced or {}) for term in terms for row in term.rows
        ]
        return Problem(
            _patterns(terms, points, sums, event),
            tuple(columns),
            None if constant is None else _column(constant, CONSTANT, replaced or {}),
            {term.variable: term.support.levels[0] for term in terms if term.support.levels},
            tuple(_assumptions(terms, sums.missing, case_control and model.constant is not None)),
        )
    except PaperError as error:
        return NotCheckable(str(error))


def _check_method(model: PaperModel) -> None:
    told = model.procedure or ""
    if model.kind != "logistic":
        raise PaperError("Only the score equations of a logistic model follow from such tables.")
    found = _NOT_PLAIN.search(told)
    if found is not None:
        raise PaperError(
            f"The procedure says '{found[0]}'; only a plain maximum-likelihood fit to one "
            "sample has these score equations."
        )
    if _OTHERS_TOO.search(told) is not None:
        raise PaperError("The model was adjusted for terms whose coefficients are not printed.")
    if _ALONE.search(told) is not None and _TOGETHER.search(told) is None:
        raise PaperError("The rows are models of their own, one a variable, not one fit.")


def _sizes(samples: Sequence[Sample], n: int | None, n_events: int | None) -> list[int]:
    """Printed sizes of the groups, which must be all patients of the model."""
    if {sample.event for sample in samples} != {True, False}:
        raise PaperError("Patients with the event are not compared with those without it.")
    sizes = []
    for sample in samples:
        if sample.n is None or not is_count(sample.n):
            raise PaperError("The sizes of the groups that are compared are not printed.")
        sizes.append(round(sample.n.value))
    events = sum(size for size, sample in zip(sizes, samples, strict=True) if sample.event)
    if not 0 < events < sum(sizes):
        raise PaperError("One of the groups that are compared is empty.")
    for name, wanted, found in (("patients", n, sum(sizes)), ("events", n_events, events)):
        if wanted is not None and wanted != found:
            raise PaperError(
                f"The groups that are compared have {found} {name}, the model's sample {wanted}; "
                "the margins of the model's own patients are not printed."
            )
    return sizes


@dataclass(frozen=True, slots=True)
class _Term:
    """One variable of the model: its rows, its distribution, and its possible values.

    A factor's first level is the reference, and has no row.
    """

    variable: str
    rows: tuple[Coefficient, ...]
    printed: Distribution
    support: Support


def _terms(
    model: PaperModel,
    distributions: Sequence[Distribution],
    variables: Mapping[str, PaperVariable],
) -> list[_Term]:
    printed = {each.variable: each for each in distributions}
    rows: dict[str, list[Coefficient]] = {}
    for row in model.coefficient:
        if row.term != CONSTANT:
            rows.setdefault(row.term, []).append(row)
    if not rows:
        raise PaperError("The regression table has no terms.")
    lacking = [term for term in rows if term not in printed]
    if lacking:
        raise PaperError(
            f"How {listed(lacking)} is distributed among patients with and without the event "
            "is not printed."
        )
    if len(rows) == 1 and model.constant is None:
        raise PaperError("One variable without a constant may have been adjusted for others.")
    doubled = [term for term in rows if [d.variable for d in distributions].count(term) > 1]
    if doubled:
        raise PaperError(f"{doubled[0]} is compared more than once.")
    terms = [
        _factor(term, own, printed[term], variables.get(term))
        if printed[term].counts
        else _number(term, own, printed[term], variables.get(term))
        for term, own in rows.items()
    ]
    patterns = math.prod(len(term.support) for term in terms)
    if patterns > MOST_PATTERNS:
        raise PaperError(
            f"The terms have {patterns:,} combinations of values; up to {MOST_PATTERNS:,} can be "
            "searched."
        )
    return terms


def _factor(
    name: str, rows: list[Coefficient], printed: Distribution, described: PaperVariable | None
) -> _Term:
    levels = tuple(printed.counts)
    if described is not None:
        if not described.levels:
            raise PaperError(f"{name} is counted in classes, but is a number in the model.")
        levels = described.levels
    elif len(levels) == 1:
        levels = (f"not {levels[0]}", levels[0])
        rows = [row if row.level else row.model_copy(update={"level": levels[1]}) for row in rows]
    numbered = [row for row in rows if _has_number(row)]
    if set(levels) == {row.level for row in numbered}:
        numbered = [row for row in numbered if not _is_reference(row)]
    if any(not row.level for row in numbered):
        raise PaperError(f"To which level of {name} its coefficient belongs is not printed.")
    strange = [row.level for row in numbered if row.level not in levels]
    if strange:
        raise PaperError(f"'{strange[0]}', a level of {name} in the model, is not compared.")
    named = [row.level for row in numbered]
    if len(set(named)) < len(named):
        raise PaperError(f"{name} has more than one coefficient for a level.")
    others = [level for level in levels if level not in named]
    if len(others) != 1:
        raise PaperError(
            f"The coefficients of {name} are not printed for all levels but one reference."
        )
    ordered = tuple(sorted(numbered, key=lambda row: levels.index(row.level)))
    named_in_order = tuple(row.level for row in ordered)
    return _Term(name, ordered, printed, Support(levels=(others[0], *named_in_order)))


def _number(
    name: str, rows: list[Coefficient], printed: Distribution, described: PaperVariable | None
) -> _Term:
    if len(rows) != 1 or rows[0].level:
        raise PaperError(f"{name} has levels in the model, whose patients are not counted.")
    if not _has_number(rows[0]):
        raise PaperError(f"The coefficient of {name} is not printed.")
    if not printed.mean or None in printed.mean:
        raise PaperError(f"The mean of {name} in the groups is not printed.")
    if described is None or described.plausible is None:
        raise PaperError(f"Which values {name} can have is not known.")
    decimals = 0 if described.whole else described.decimals
    if decimals is None:
        raise PaperError(f"To which precision {name} was recorded is not known.")
    step = 10.0**-decimals
    low, high = (end / step for end in described.plausible)
    if high - low >= MOST_VALUES:
        raise PaperError(
            f"{name} can have too many values for its joint distribution with the others to be "
            "searched."
        )
    values = np.arange(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1) * step
    if len(values) < 2:
        raise PaperError(f"{name} has fewer than two possible values.")
    return _Term(name, (rows[0],), printed, Support(values=tuple(values.tolist())))


def _has_number(row: Coefficient) -> bool:
    """False for a level without a number, or a factor's overall test."""
    return row.estimate is not None or row.ratio is not None


def _is_reference(row: Coefficient) -> bool:
    """True for the 0 or the odds ratio of 1 that is printed for a reference level."""
    alone = row.std_error is None and row.p_value is None and row.conf_low is None
    unity = row.ratio is None or row.ratio.value == 1
    return alone and unity and (row.estimate is None or row.estimate.value == 0)


def _points(terms: Sequence[_Term]) -> FloatArray:
    """Every combination of positions of levels, and of numbers, shape (k, terms)."""
    ranges = [term.support.values or range(len(term.support)) for term in terms]
    return np.array(list(product(*ranges)), dtype=np.float64)


def _patterns(
    terms: Sequence[_Term], points: FloatArray, sums: GroupSums, event: BoolArray
) -> Patterns:
    """The patterns with the margins of both outcomes; refused if nobody has these."""
    design = [np.ones(len(points))]
    for place, term in enumerate(terms):
        at = points[:, place]
        codes = range(1, len(term.support)) if term.support.levels else ()
        design += [(at == code).astype(np.float64) for code in codes] or [at]
    patterns = Patterns(
        np.column_stack(design),
        sums.members,
        sums.limits[event].sum(axis=0),
        sums.limits[~event].sum(axis=0),
    )
    try:
        Programme(patterns)
    except ArgumentError:
        raise PaperError(
            "No patients have the printed counts, means and SDs of the terms with the values "
            "that these may have."
        ) from None
    return patterns


def _assumptions(terms: Sequence[_Term], missing: int, open_constant: bool) -> Iterator[str]:
    for term in terms:
        if term.support.values:
            least, most = term.support.values[0], term.support.values[-1]
            yield f"{term.variable} has values from {least:g} to {most:g}"
    if missing:
        yield f"values are missing in up to {missing} patients, who may be in the model or not"
    if open_constant:
        yield "the constant of a sample of cases and controls is left open"


def _check_together(model: PaperModel, terms: Sequence[_Term], event: BoolArray) -> None:
    """Rows that all are what each factor gives by itself are models of their own."""
    factors = [term for term in terms if term.support.levels]
    several = len(terms) > 1 and model.constant is None and bool(factors)
    if several and all(_is_alone(term, event) for term in factors):
        raise PaperError("Each row is what its variable gives in a model of its own, too.")


def _is_alone(term: _Term, event: BoolArray) -> bool:
    """True if every coefficient of a factor is the crude logarithm of the odds ratio."""
    counts = {
        level: np.array([0.0 if cell is None else cell.value for cell in cells])
        for level, cells in term.printed.counts.items()
    }
    reference, *levels = term.support.levels
    if len(counts) < len(term.support):
        return False
    for level, row in zip(levels, term.rows, strict=True):
        cells = [
            counts[level][event].sum(), counts[level][~event].sum(),
            counts[reference][event].sum(), counts[reference][~event].sum(),
        ]  # fmt: skip
        column = _column(row, term.variable, {})
        if min(cells) <= 0:
            return False
        crude = math.log(cells[0] * cells[3] / (cells[1] * cells[2]))
        if not column.low <= crude <= column.high:
            return False
    return True


def _column(row: Coefficient, term: str, replaced: Mapping[Key, tuple[float, float]]) -> Column:
    """The coefficient with all that may have been printed like this."""
    given = replaced.get((term, row.level))
    if given is not None:
        return Column(term, row.level, (given[0] + given[1]) / 2, *given)
    name = f"{term} {row.level}".strip()
    printed = row.estimate or row.ratio
    assert printed is not None  # rows without a number are told before
    if printed.bound:
        raise PaperError(f"Only a bound is printed for the coefficient of {name}.")
    low, high = allowed(printed)
    value = printed.value
    if printed is not row.estimate:
        if low <= 0:
            raise PaperError(f"The odds ratio of {name}, {printed}, has too few digits.")
        low, high = sorted((math.log(low) / row.per, math.log(high) / row.per))
        value = math.log(value) / row.per
    if row.level and abs(value) > _SEPARATED:
        raise PaperError(
            f"The coefficient of {name}, {printed}, is so large that the estimation may have been "
            "stopped before a maximum."
        )
    return Column(term, row.level, value, low, high)
