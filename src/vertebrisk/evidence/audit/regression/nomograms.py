"""A nomogram against its coefficients, and a decision curve against the highest possible risk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

from scipy.special import expit

from vertebrisk.errors import PaperError
from vertebrisk.evidence.audit.regression.numbers import RowNumbers, rows_of
from vertebrisk.evidence.audit.subject import Subject
from vertebrisk.evidence.audit.values import CUT_OFF, Check, Quantity
from vertebrisk.evidence.coefficients import ReadTerm
from vertebrisk.evidence.consistent import consistent_table
from vertebrisk.evidence.printed_tables import CONSTANT, NomogramPoints
from vertebrisk.evidence.published import PaperModel, PublishedStudy
from vertebrisk.text.messages import say

Ends = tuple[float, float]
_SLACK = 1e-9
# A curve may be read off a figure; this much above the highest risk is still its edge.
_EDGE = 0.01


def checks(subject: Subject) -> Iterator[Check]:
    """Points against coefficients; thresholds against risks."""
    study = subject.study
    if study is None:
        return
    for model in study.model:
        points = [each for each in study.nomogram if each.model == model.id]
        if points:
            yield from _points(model, points)
    yield from _decision_curve(study)


def _points(model: PaperModel, points: list[NomogramPoints]) -> Iterator[Check]:
    """Points are the coefficients times one factor, the same for every variable."""
    factors = _factors(model, points, truncated=False)
    if not factors:
        yield _nomogram_check(
            model,
            points,
            "not checkable",
            say("No two points of one variable with a printed coefficient are given."),
        )
        return
    low, high = _shared(factors)
    if not _one_factor(low, high):
        cut = _shared(_factors(model, points, truncated=True))
        if _one_factor(*cut):
            yield _nomogram_check(model, points, "consistent", _told(*cut), CUT_OFF)
            return
        (ends, one, other) = min(factors, key=lambda each: each[0][1])
        told = say(
            "{named} and {named_2} are {points} and {points_2} points, at most "
            "{ends:.4g} times their coefficients, where another variable has at "
            "least {low:.4g}.",
            named=_named(one),
            named_2=_named(other),
            points=one.points,
            points_2=other.points,
            ends=ends[1],
            low=low,
        )
        yield _nomogram_check(model, points, "inconsistent", told)
        return
    yield _nomogram_check(model, points, "consistent", _told(low, high))


def _factors(
    model: PaperModel, points: list[NomogramPoints], *, truncated: bool
) -> list[tuple[Ends, NomogramPoints, NomogramPoints]]:
    """Points per unit of the linear predictor, by every pair of points of one variable."""
    rows = {(row.row.term, row.row.level): row for row in rows_of(model)}
    factors = []
    for one, other in combinations(points, 2):
        if one.variable != other.variable:
            continue
        effect = _effect(rows, one, other, truncated)
        if effect is not None and (effect[0] > 0 or effect[1] < 0):
            printed = [
                each.points.cut_off if truncated else each.points.interval for each in (one, other)
            ]
            found = [each / by for each in _difference(*printed) for by in effect]
            factors.append(((min(found), max(found)), one, other))
    return factors


def _shared(factors: list[tuple[Ends, NomogramPoints, NomogramPoints]]) -> Ends:
    """What every pair allows, empty where the first end is above the second."""
    if not factors:
        return math.inf, -math.inf
    return max(ends[0] for ends, _, _ in factors), min(ends[1] for ends, _, _ in factors)


def _one_factor(low: float, high: float) -> bool:
    return low <= high + _SLACK and high > 0


def _told(low: float, high: float) -> str:
    return say(
        "All points are {low:.4g} to {high:.4g} times their coefficients.", low=low, high=high
    )


def _effect(
    rows: dict[tuple[str, str], RowNumbers],
    one: NomogramPoints,
    other: NomogramPoints,
    truncated: bool,
) -> Ends | None:
    """Range of the difference between two linear predictors of one variable."""
    if one.value is not None and other.value is not None:
        slope = _coefficient(rows.get((one.variable, "")), truncated)
        away = one.value.value - other.value.value
        if slope is None or away == 0:
            return None
        return min(away * end for end in slope), max(away * end for end in slope)
    levels = {level for term, level in rows if term == one.variable and level}
    found = []
    for each in (one, other):
        row = rows.get((one.variable, each.level))
        ends_of = (0.0, 0.0) if each.level not in levels else _coefficient(row, truncated)
        if ends_of is None:
            return None
        found.append(ends_of)
    return _difference(found[0], found[1])


def _coefficient(row: RowNumbers | None, truncated: bool) -> Ends | None:
    if row is None or not (row.has("estimate") or row.has("ratio")):
        return None
    region = row.region((row.coefficient,), truncated=truncated)
    return None if region.empty else region.estimate()


def _difference(one: Ends, other: Ends) -> Ends:
    return one[0] - other[1], one[1] - other[0]


def _named(points: NomogramPoints) -> str:
    return f"{points.variable} {points.level or points.value}"


def _nomogram_check(
    model: PaperModel, points: list[NomogramPoints], verdict: str, message: str, note: str = ""
) -> Check:
    wrong = verdict == "inconsistent"
    return Check(
        id="nomogram-points",
        about=say("nomogram of model '{id}'", id=model.id),
        place=points[0].place,
        quantities=tuple(Quantity(_named(each), each.points.text, each.place) for each in points),
        verdict=verdict,  # type: ignore[arg-type]
        message=message,
        severity="risk" if wrong else "none",
        failure="irreconcilable" if wrong else "",
        changes=say("A risk read off the nomogram is not that of the model.") if wrong else "",
        resolve=say("Draw the nomogram anew from the coefficients.") if wrong else "",
        notes=(note,) if note else (),
    )


def _decision_curve(study: PublishedStudy) -> Iterator[Check]:
    """No patient has a risk above the model's highest, so nobody is treated beyond it."""
    rows = [each for each in study.statistic if each.name == "net_benefit_high"]
    for row in rows:
        model = study.regression(row.model or "final")
        highest = None if model is None or model.kind != "logistic" else _highest(study, model)
        quantities = (Quantity(say("net benefit up to"), row.value.text, row.place),)
        if highest is None:
            yield Check(
                id="decision-curve-range",
                about=say("decision curve"),
                place=row.place,
                quantities=quantities,
                verdict="not checkable",
                message=say(
                    "The highest risk that the model can give does not follow from the print."
                ),
            )
            continue
        wrong = row.value.interval[0] > highest + _EDGE
        yield Check(
            id="decision-curve-range",
            about=say("decision curve"),
            place=row.place,
            quantities=quantities,
            verdict="inconsistent" if wrong else "consistent",
            message=say(
                "The highest risk that the coefficients give is {highest:.3f}; net "
                "benefit is claimed up to a threshold of {value}.",
                highest=highest,
                value=row.value,
            ),
            recomputed=say("at most {highest:.3f}", highest=highest),
            interval=(0.0, highest),
            severity="conclusion" if wrong else "none",
            failure="irreconcilable" if wrong else "",
            changes=say(
                "Beyond the highest risk nobody would be treated, so there is no net "
                "benefit; the curve is of another model."
            )
            if wrong
            else "",
            resolve=say("Ask which model the curve is of.") if wrong else "",
        )


def _highest(study: PublishedStudy, model: PaperModel) -> float | None:
    try:
        read = consistent_table(study, model)
    except PaperError:
        return None
    if read.lacking or read.doubts or read.constant is None:
        return None
    highest = read.constant + _width(model, CONSTANT)
    for term in read.terms:
        most = _most(study, term, _width(model, term.variable))
        if most is None:
            return None
        highest += most
    return float(expit(highest))


def _width(model: PaperModel, term: str) -> float:
    """How far rounding, or cutting off, may have moved a coefficient of a term."""
    ends = [_coefficient(row, True) for row in rows_of(model) if row.row.term == term]
    return max((high - low for low, high in filter(None, ends)), default=0.0)


def _most(study: PublishedStudy, term: ReadTerm, width: float) -> float | None:
    """Greatest contribution of a term to the linear predictor."""
    if term.levels:
        return max(0.0, *term.beta) + width
    limits = study.variables[term.variable].plausible
    if limits is None or not all(map(math.isfinite, limits)):
        return None
    return max(term.beta[0] * limit + width * abs(limit) for limit in limits)
