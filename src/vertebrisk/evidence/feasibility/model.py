"""From printed tables to the question whether they can be one fit, or why that cannot be asked.

The question needs plain maximum likelihood, a coefficient for every term, and the
distribution of every term among the patients that the model was fitted to: counts of every
level, or the mean of a number whose possible values are few and known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from vertebrisk._checks import listed
from vertebrisk.errors import ArgumentError, PaperError
from vertebrisk.evidence.feasibility.margins import (
    Distribution,
    Support,
    allowed,
    group_sums,
    is_count,
)
from vertebrisk.evidence.feasibility.programme import Patterns, Programme
from vertebrisk.evidence.feasibility.readings import Column, Key, Problem
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_tables import CONSTANT, Coefficient, PaperModel
from vertebrisk.evidence.published import Compared, PaperVariable, PublishedStudy

MOST_VALUES = 61
MOST_PATTERNS = 20_000

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
    replaced : mapping of (term, level) to (low, high), optional
        Limits of coefficients that take the place of what is printed.

    Returns
    -------
    Problem or NotCheckable
    """
    try:
        _check_method(model)
        sizes = _sizes(samples, n, n_events)
        terms = _terms(model, {each.variable: each for each in distributions}, variables)
        return _problem(model, samples, sizes, terms, case_control, replaced or {})
    except PaperError as error:
        return NotCheckable(str(error))


def study_problem(
    study: PublishedStudy,
    model: PaperModel,
    replaced: Mapping[Key, tuple[float, float]] | None = None,
) -> Problem | NotCheckable:
    """The question of one regression table of a published study; see `feasibility_problem`."""
    rows: dict[str, Compared] = {}
    for row in study.compared:
        if rows.setdefault(row.variable, row).lists != row.lists:
            return NotCheckable(
                f"'{row.variable}' is compared twice, with different numbers; which patients "
                "the model was fitted to is not known."
            )
    return feasibility_problem(
        model,
        [Sample(group.n, group.event) for group in study.groups],
        [
            Distribution(
                row.variable,
                {level: cells.count for level, cells in row.levels.items()},
                {level: cells.percent for level, cells in row.levels.items()},
                row.mean,
                row.sd,
            )
            for row in rows.values()
        ],
        study.variables,
        n=study.n,
        n_events=study.n_events,
        case_control=study.design.kind == "case-control",
        replaced=replaced,
    )


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
    printed: Mapping[str, Distribution],
    variables: Mapping[str, PaperVariable],
) -> list[_Term]:
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


def _problem(
    model: PaperModel,
    samples: Sequence[Sample],
    sizes: list[int],
    terms: list[_Term],
    case_control: bool,
    replaced: Mapping[Key, tuple[float, float]],
) -> Problem:
    points = np.array(
        list(product(*(term.support.values or range(len(term.support)) for term in terms))),
        dtype=np.float64,
    )
    design = [np.ones(len(points))]
    columns: list[Column] = []
    for place, term in enumerate(terms):
        for code, row in enumerate(term.rows, start=1):
            at = points[:, place]
            design.append((at == code).astype(np.float64) if term.support.levels else at)
            columns.append(_column(row, term.variable, replaced))
    sums = group_sums(
        [term.printed for term in terms], [term.support for term in terms], points, sizes
    )
    event = np.array([sample.event for sample in samples])
    patterns = Patterns(
        np.column_stack(design),
        sums.members,
        sums.limits[event].sum(axis=0),
        sums.limits[~event].sum(axis=0),
    )
    _check_margins(patterns)
    assumptions = [
        f"{term.variable} has values from {term.support.values[0]:g} to {term.support.values[-1]:g}"
        for term in terms
        if term.support.values
    ]
    if sums.missing:
        assumptions.append(
            f"values are missing in up to {sums.missing} patients, who may be in the model or not"
        )
    constant = model.constant
    if constant is not None and case_control:
        assumptions.append("the constant of a sample of cases and controls is left open")
    if constant is not None and (case_control or not _has_number(constant)):
        constant = None
    return Problem(
        patterns,
        tuple(columns),
        _column(constant, CONSTANT, replaced) if constant is not None else None,
        {term.variable: term.support.levels[0] for term in terms if term.support.levels},
        tuple(assumptions),
    )


def _check_margins(patterns: Patterns) -> None:
    try:
        Programme(patterns)
    except ArgumentError:
        raise PaperError(
            "No patients have the printed counts, means and SDs of the terms with the values "
            "that these may have."
        ) from None


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
    if printed is row.estimate:
        return Column(term, row.level, printed.value, low, high)
    if low <= 0:
        raise PaperError(f"The odds ratio of {name}, {printed}, has too few digits.")
    return Column(term, row.level, math.log(printed.value), math.log(low), math.log(high))
