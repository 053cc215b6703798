"""The odds ratio of a factor in one study: adjusted, from its regression, or crude, from counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vertebrisk._checks import listed
from vertebrisk.errors import PaperError
from vertebrisk.evidence.coefficients import ReadTerm
from vertebrisk.evidence.consistent import consistent_table
from vertebrisk.evidence.pooling.factors import FactorName, levels_of
from vertebrisk.evidence.pooling.printed_errors import shown_number, standard_error
from vertebrisk.evidence.pooling.study_estimates import (
    Source,
    StudyEstimate,
    Unused,
    about,
    label_of,
    limits,
)
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import Coefficient, Compared, PaperModel, PublishedStudy
from vertebrisk.kernels.meta_analysis.effects import log_odds_ratio
from vertebrisk.text.messages import joined, say


def odds_ratio(
    study: PublishedStudy, name: FactorName, source: Source | None = None
) -> StudyEstimate | Unused:
    """Odds ratio of a factor: adjusted where the paper gives it, else crude.

    Parameters
    ----------
    study : PublishedStudy
        The paper.
    name : FactorName
        The entry of the mapping by which it has the factor.
    source : {"adjusted", "crude"}, optional
        Only that kind.

    Returns
    -------
    StudyEstimate or Unused
        On the log scale. Adjusted: from B and its standard error, else from the ratio and its
        interval, else from B and its Wald statistic, rows read as their recorded readings say.
        Crude: from the counts of the group comparison.
    """
    reasons: list[str] = []
    for kind, find in (("adjusted", _adjusted), ("crude", _crude)):
        if source in (None, kind):
            found = find(study, name)
            if isinstance(found, StudyEstimate):
                why = tuple(say("not adjusted: {reason}", reason=reason) for reason in reasons)
                return replace(found, notes=(*found.notes, *why))
            reasons.append(found)
    return Unused(study.id, label_of(study.id), joined(reasons, "; "))


def final_regression(study: PublishedStudy) -> PaperModel | None:
    """The multivariable regression of a paper: the one called final, else the first."""
    tables = [table for table in study.model if not _univariable(table) and table.quotes is None]
    return next((table for table in tables if table.id == "final"), tables[0] if tables else None)


def _univariable(table: PaperModel) -> bool:
    name = table.id.casefold()
    return "univaria" in name or "crude" in name or "unadjusted" in name


def _adjusted(study: PublishedStudy, name: FactorName) -> StudyEstimate | str:
    table = final_regression(study)
    if table is None:
        return say("no multivariable regression is printed")
    return _from_table(study, table, name, "adjusted")


def _from_table(
    study: PublishedStudy, table: PaperModel, name: FactorName, source: Source
) -> StudyEstimate | str:
    """The factor's row of a regression table."""
    if table.kind != "logistic":
        return say("{place} prints hazard ratios, which are not odds ratios", place=table.place)
    rows = [row for row in table.coefficient if row.term == name.variable]
    if not rows:
        return say(
            "'{name}' is not among the terms of the regression ({place})",
            name=name.variable,
            place=table.place,
        )
    try:
        read = consistent_table(study, table)
    except PaperError as undetermined:
        return str(undetermined).rstrip(".")
    term = next((each for each in read.terms if each.variable == name.variable), None)
    if term is None:
        return say(
            "the regression ({place}) names '{name}' without a number",
            place=table.place,
            name=name.variable,
        )
    chosen = _contrast(term, name)
    if isinstance(chosen, str):
        return chosen
    level, factor = chosen
    row = _row_of(rows, name.variable, level)
    if row is None:
        return say(
            "no row of {place} gives '{name}' alone, so it has no standard error",
            place=table.place,
            name=name.variable,
        )
    if read.doubts:
        return say(
            "{place} contradicts itself ({doubts})",
            place=table.place,
            doubts=joined(read.doubts, "; "),
        )
    found = standard_error(row, table)
    if found is None:
        return say(
            "{place} prints {shown} with no standard error and no usable interval",
            place=table.place,
            shown=shown_number(row),
        )
    error, basis, notes = found
    notes = (*(text for term_name, text in read.notes if term_name == name.variable), *notes)
    beta = term.beta[term.levels.index(level) - 1] if level else term.beta[0]
    return _estimate(
        study, name, factor * beta, abs(factor) * error, source, basis, table.place, notes
    )


def _contrast(term: ReadTerm, name: FactorName) -> tuple[str, float] | str:
    """The level whose coefficient is the factor's, and what it is multiplied by."""
    if name.per is not None:
        return "", name.per
    levels = [_among(term.levels, wanted) for wanted in (name.level, name.reference)]
    if any(len(each) > 1 for each in levels):
        return say(
            "the regression keeps levels of '{name}' apart that the factor joins",
            name=name.variable,
        )
    if not all(levels):
        return say(
            "the regression does not have the levels of '{name}' that are compared",
            name=name.variable,
        )
    level, reference = levels[0][0], levels[1][0]
    if reference == term.levels[0]:
        return level, 1.0
    if level == term.levels[0]:
        return reference, -1.0
    return say(
        "the regression compares both levels of '{name}' with a third one, and the error of their "
        "difference is not printed",
        name=name.variable,
    )


def _among(levels: Sequence[str], wanted: Sequence[str]) -> list[str]:
    names = {each.casefold() for each in wanted}
    return [level for level in levels if level.casefold() in names]


def _row_of(rows: Sequence[Coefficient], variable: str, level: str) -> Coefficient | None:
    """The row whose number is that of one level alone, as it is read."""
    for row in rows:
        weights = row.reading.weights if row.reading is not None else ((row.term, row.level, 1.0),)
        if [(each[0], each[1]) for each in weights] == [(variable, level)]:
            return row
    return None


def _crude(study: PublishedStudy, name: FactorName) -> StudyEstimate | str:
    """From the counts of the group comparison, or from a univariable regression."""
    found = _from_counts(study, name)
    if isinstance(found, StudyEstimate):
        return found
    table = next((each for each in study.model if _univariable(each)), None)
    if table is not None:
        from_table = _from_table(study, table, name, "crude")
        if isinstance(from_table, StudyEstimate):
            return from_table
    return found


def _from_counts(study: PublishedStudy, name: FactorName) -> StudyEstimate | str:
    row = next((each for each in study.compared if each.variable == name.variable), None)
    if row is None:
        return say("the group comparison does not have '{name}'", name=name.variable)
    if name.per is not None:
        return say("the group comparison ({place}) has no odds ratio of a number", place=row.place)
    if {group.event for group in study.groups} != {True, False}:
        return say("the groups compared are not those with and without the outcome")
    notes: list[str] = []
    exposed = _joined(study, row, name.level, notes)
    unexposed = _joined(study, row, name.reference, notes)
    if exposed is None or unexposed is None:
        return say(
            "the group comparison ({place}) prints no counts of '{name}'",
            place=row.place,
            name=name.variable,
        )
    (a, c), (b, d) = exposed, unexposed
    if a + b > _size(study, True) or c + d > _size(study, False):
        return say(
            "the counts of '{name}' in {place} exceed the sizes of the groups",
            name=name.variable,
            place=row.place,
        )
    if 0 in (a + c, b + d, a + b, c + d):
        return say(
            "a margin of the 2 x 2 table of {place} is empty: {a}/{b} against {c}/{d}",
            place=row.place,
            a=a,
            b=b,
            c=c,
            d=d,
        )
    levels = listed(levels_of(study.variables[name.variable], name.level))
    notes.append(
        say(
            "{levels} in {a} of {with_it} with the outcome and in {c} of {without} without",
            levels=levels,
            a=a,
            with_it=a + b,
            c=c,
            without=c + d,
        )
    )
    if 0 in (a, b, c, d):
        notes.append(say("a cell of the 2 x 2 table is empty, so half a patient is added to each"))
    beta, error = crude_log_ratio(a, a + c, b, b + d)
    return _estimate(
        study, name, beta, error, "crude", say("2 x 2 counts"), row.place, tuple(notes)
    )


def crude_log_ratio(events: int, n: int, other_events: int, other_n: int) -> tuple[float, float]:
    """Log odds ratio of patients with a factor against those without, and its standard error."""
    counts = [np.array([float(each)]) for each in (events, n, other_events, other_n)]
    beta, variance = log_odds_ratio(*counts)
    return float(beta[0]), math.sqrt(variance[0])


def _joined(
    study: PublishedStudy, row: Compared, wanted: Sequence[str], notes: list[str]
) -> tuple[int, int] | None:
    """Patients of several levels together, with and without the outcome."""
    with_event = without = 0
    for level in levels_of(study.variables[row.variable], wanted):
        counts = _counts(study, row, level, notes)
        if counts is None:
            return None
        with_event, without = with_event + counts[0], without + counts[1]
    return with_event, without


def _size(study: PublishedStudy, event: bool) -> int:
    return sum(round(group.n.value) for group in study.groups if group.event == event)


def _counts(
    study: PublishedStudy, row: Compared, level: str, notes: list[str]
) -> tuple[int, int] | None:
    """Patients of a level with and without the outcome; from percentages where one count fits."""
    cells = row.levels.get(level)
    if cells is None:
        return None
    totals = {True: 0, False: 0}
    for place, group in enumerate(study.groups):
        count = cells.count[place] if cells.count else None
        if count is None and cells.percent:
            fitting = _whole(cells.percent[place], round(group.n.value))
            if fitting is None or not _of_columns(row, place):
                return None
            notes.append(f"{level}, {group.name}: {fitting} from {cells.percent[place]} %")
            totals[group.event] += fitting
            continue
        if count is None or count.bound or not count.value.is_integer() or count.value < 0:
            return None
        totals[group.event] += int(count.value)
    return totals[True], totals[False]


def _of_columns(row: Compared, place: int) -> bool:
    """True if the percentages of one group can add up to 100; those of rows do not."""
    shown = [cells.percent[place] for cells in row.levels.values() if cells.percent]
    off = abs(sum(each.value for each in shown) - 100)
    return len(shown) > 1 and off <= sum(each.half for each in shown) + 1e-9


def _whole(percent: Printed, n: int) -> int | None:
    """The count of `n` patients whose percentage is printed so, if there is just one."""
    if percent.bound or n <= 0:
        return None
    low, high = percent.interval
    fitting = [
        count
        for count in range(math.floor(low * n / 100), math.ceil(high * n / 100) + 1)
        if 0 <= count <= n and percent.covers(100 * count / n)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _estimate(
    study: PublishedStudy,
    name: FactorName,
    beta: float,
    error: float,
    source: Source,
    basis: str,
    place: str,
    notes: tuple[str, ...],
) -> StudyEstimate:
    low, high = limits(beta, error, "log")
    return StudyEstimate(
        study=study.id,
        label=label_of(study.id),
        estimate=beta,
        std_error=error,
        value=math.exp(beta),
        conf_low=low,
        conf_high=high,
        n_events=study.n_events,
        n=study.n,
        source=source,
        basis=basis,
        place=place,
        notes=(_taken(study, name), *notes),
        about=about(study) | {"source": source},
    )


def _taken(study: PublishedStudy, name: FactorName) -> str:
    """As what the variable of a study is taken, and why."""
    variable = study.variables[name.variable]
    if name.per is not None:
        unit = variable.unit.text() if variable.unit else "unit"
        coded = f"per {abs(name.per):g} {unit} {'more' if name.per > 0 else 'less'}"
    else:
        level, reference = (
            listed(levels_of(variable, each)) for each in (name.level, name.reference)
        )
        coded = f"{level} against {reference}"
    return f"'{name.variable}', {coded}: {name.reason}"
