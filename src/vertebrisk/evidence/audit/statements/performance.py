"""Checks of how well a model is said to do: AUC and C-index, cut-off, Hosmer-Lemeshow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from scipy.special import ndtri

from vertebrisk.evidence.audit.statements.calibration import hosmer_lemeshow, quantity_of
from vertebrisk.evidence.audit.subject import Comparison, Subject
from vertebrisk.evidence.audit.values import CUT_OFF, Check, Quantity, Verdict
from vertebrisk.evidence.printed_tables import Statistic
from vertebrisk.text.messages import joined, say

AREAS = ("auc", "c_index")
SHARES = ("sensitivity", "specificity", "accuracy")
# An interval may come from DeLong, the logit, or the bootstrap; it is judged by far less.
_WIDEST, _NARROWEST, _LEAST_TIED = 1.25, 1 / 3, 0.5
_WHOLE = 1e-9


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Patients with and without the event."""

    events: int
    others: int


def checks(subject: Subject) -> Iterator[Check]:
    """AUC against C-index and against its interval; shares of whole patients; fit."""
    study = subject.study
    samples = dict.fromkeys((each.model, each.patients) for each in subject.statistics)
    for model, patients in samples:
        found = [
            each for each in subject.statistics if (each.model, each.patients) == (model, patients)
        ]
        sizes = None if patients is not None else _sizes(subject)
        if study is None or study.outcome.kind == "binary":
            yield from _one_area(found)
        yield from _area_interval(found, sizes)
        yield from _whole_patients(found, sizes)
        yield from _youden(found)
        yield from hosmer_lemeshow(found)


def _sizes(subject: Subject) -> _Sizes | None:
    main = subject.main
    if main is None or any(group.n is None for group in main.groups if not group.total):
        return None
    counts = {True: 0, False: 0}
    for group in main.groups:
        if group.n is not None and group.event is not None and not group.total:
            counts[group.event] += round(group.n.value)
    if min(counts.values()) <= 0 or _some_missing(main) or _told_missing(subject):
        return None
    return _Sizes(counts[True], counts[False])


def _told_missing(subject: Subject) -> bool:
    """True where the methods say that some values were missing."""
    told = subject.study.methods.missing if subject.study is not None else None
    return told is not None and told.value != "complete"


def _some_missing(main: Comparison) -> bool:
    """True where values are missing, so that a model may be of fewer patients."""
    if main.missing_told:
        return True
    for row in main.rows:
        if any(cell is not None and cell.value > 0 for cell in row.missing) or row.sizes:
            return True
        for place, group in enumerate(main.groups):
            cells = [each.count[place] for each in row.levels if place < len(each.count)]
            if len(cells) < 2 or group.n is None or any(cell is None for cell in cells):
                continue
            if sum(cell.value for cell in cells if cell is not None) < group.n.value:
                return True
    return False


def _one_area(rows: list[Statistic]) -> Iterator[Check]:
    """For one model and one binary outcome the C-index is the AUC."""
    areas = [each for each in rows if each.name in AREAS]
    if len(areas) < 2:
        return
    low, high = _common([each.value.interval for each in areas])
    notes: tuple[str, ...] = ()
    if low > high:
        low, high = _common([each.value.cut_off for each in areas])
        notes = (CUT_OFF,)
    about = say("AUC and C-index")
    place = "; ".join(dict.fromkeys(each.place for each in areas))
    quantities = tuple(quantity_of(each) for each in areas)
    if low <= high:
        yield Check(
            id="auc-is-c-index",
            about=about,
            place=place,
            quantities=quantities,
            verdict="consistent",
            message=say("One number rounds to all of them."),
            recomputed=say("{low:.6g} to {high:.6g}", low=low, high=high),
            interval=(low, high),
            notes=notes,
        )
        return
    shown = ", ".join(dict.fromkeys(each.value.text for each in areas))
    yield Check(
        id="auc-is-c-index",
        about=about,
        place=place,
        quantities=quantities,
        verdict="inconsistent",
        message=say(
            "For one model and one binary outcome the C-index is the AUC, on the "
            "same patients the same number; no number rounds to all of {shown}.",
            shown=shown,
        ),
        severity="conclusion",
        failure="irreconcilable",
        changes=say(
            "How well the model discriminates is not known to the digits that are "
            "printed; the numbers may be of two models or of two sets of patients."
        ),
        resolve=say("Ask which model and which patients each of them is of."),
    )


def _common(intervals: list[tuple[float, float]]) -> tuple[float, float]:
    return max(low for low, _ in intervals), min(high for _, high in intervals)


def _area_interval(rows: list[Statistic], sizes: _Sizes | None) -> Iterator[Check]:
    """An interval encloses its area, and is as wide as the patients are many."""
    for name in AREAS:
        areas = [each for each in rows if each.name == name]
        low = next((each for each in rows if each.name == f"{name}_low"), None)
        high = next((each for each in rows if each.name == f"{name}_high"), None)
        if not areas or low is None or high is None:
            continue
        yield _interval_check(areas, low, high, sizes)


def _interval_check(
    areas: list[Statistic], low: Statistic, high: Statistic, sizes: _Sizes | None
) -> Check:
    quantities = tuple(quantity_of(each) for each in (*areas, low, high))
    about, place = say("interval of the AUC"), low.place
    inside = [
        each
        for each in areas
        if low.value.interval[0] <= each.value.interval[1]
        and each.value.interval[0] <= high.value.interval[1]
    ]
    if not inside or low.value.number > high.value.number:
        return Check(
            id="auc-interval",
            about=about,
            place=place,
            quantities=quantities,
            verdict="inconsistent",
            message=say(
                "The interval {value} to {value_2} does not enclose its area.",
                value=low.value,
                value_2=high.value,
            ),
            severity="conclusion",
            failure="impossible",
            changes=say("How well the model discriminates cannot be told from these numbers."),
            resolve=say("Look the numbers up in the output of the program."),
        )
    if sizes is None:
        return Check(
            id="auc-interval",
            about=about,
            place=place,
            quantities=quantities,
            verdict="not checkable",
            message=say(
                "The numbers of patients with and without the event are not printed for it."
            ),
        )
    return _width_check(inside[0], low, high, sizes, quantities)


def _width_check(
    area: Statistic,
    low: Statistic,
    high: Statistic,
    sizes: _Sizes,
    quantities: tuple[Quantity, ...],
) -> Check:
    value = min(max(area.value.value, 1e-6), 1 - 1e-6)
    quantile = float(ndtri(0.975))
    usual = math.sqrt(hanley_mcneil(value, sizes.events, sizes.others))
    most = math.sqrt(value * (1 - value) / max(min(sizes.events, sizes.others) - 1, 1))
    narrowest = high.value.interval[0] - low.value.interval[1]
    widest = high.value.interval[1] - low.value.interval[0]
    # Scores with many ties, as of one rare factor, have an area of little spread near one half.
    share = abs(2 * value - 1)
    tied = math.sqrt(share * (1 - share) / 4 / max(sizes.events, sizes.others))
    bounds = (
        2 * quantile * min(usual * _NARROWEST, tied * _LEAST_TIED),
        2 * quantile * most * _WIDEST,
    )
    told = say(
        "With {events} events and {others} others an area of {value} has a "
        "standard error near {usual:.3f}, an interval near {value_2:.3f} to "
        "{min:.3f}.",
        events=sizes.events,
        others=sizes.others,
        value=area.value,
        usual=usual,
        value_2=value - quantile * usual,
        min=min(value + quantile * usual, 1.0),
    )
    fits = widest >= bounds[0] and narrowest <= bounds[1]
    if fits or high.value.value >= 1:
        return Check(
            id="auc-interval",
            about=say("interval of the AUC"),
            place=low.place,
            quantities=quantities,
            verdict="consistent",
            message=told,
        )
    size = say("wider") if narrowest > bounds[1] else say("narrower")
    return Check(
        id="auc-interval",
        about=say("interval of the AUC"),
        place=low.place,
        quantities=quantities,
        verdict="inconsistent",
        message=say(
            "{told} The one printed is {size} than any method gives.", told=told, size=size
        ),
        severity="conclusion",
        failure="irreconcilable",
        changes=say("The uncertainty of the discrimination is misstated."),
        resolve=say("Ask how the interval was made, and from how many patients."),
    )


def hanley_mcneil(area: float, events: int, others: int) -> float:
    """Variance of an area under the ROC curve, from the area and the sizes alone.

    Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747.
    """
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (events - 1) * (one - area**2) + (others - 1) * (two - area**2)
    return (area * (1 - area) + spread) / (events * others)


def _whole_patients(rows: list[Statistic], sizes: _Sizes | None) -> Iterator[Check]:
    """A sensitivity is a share of whole patients."""
    for each in rows:
        if each.name not in SHARES or each.value.bound:
            continue
        if sizes is None:
            yield _share(
                each,
                "not checkable",
                say(
                    "The number of patients it is a share of is not certain: it is not "
                    "printed, or values are missing."
                ),
            )
            continue
        size = {
            "sensitivity": sizes.events,
            "specificity": sizes.others,
            "accuracy": sizes.events + sizes.others,
        }[each.name]
        yield _share_of(each, size)


def _share_of(row: Statistic, size: int) -> Check:
    percent = 100.0 if row.value.value > 1 else 1.0
    for ends, note in ((row.value.interval, ""), (row.value.cut_off, CUT_OFF)):
        low, high = (end * size / percent for end in ends)
        whole = math.floor(high + _WHOLE)
        if whole >= low - _WHOLE:
            said = say(
                "{whole} of {size} is {value:.4g}.",
                whole=whole,
                size=size,
                value=percent * whole / size,
            )
            return _share(row, "consistent", said, note)
    near = [math.floor(low), math.ceil(high)]
    options = joined(
        [say("{k} of {size}, {value:.4g}", k=k, size=size, value=percent * k / size) for k in near],
        " and ",
    )
    said = say(
        "No number of patients of {size} gives {value}: the nearest are {options}.",
        size=size,
        value=row.value,
        options=options,
    )
    return _share(row, "inconsistent", said)


def _share(row: Statistic, verdict: Verdict, message: str, note: str = "") -> Check:
    wrong = verdict == "inconsistent"
    return Check(
        id="whole-patients",
        about=row.name,
        place=row.place,
        quantities=(quantity_of(row),),
        verdict=verdict,
        message=message,
        severity="conclusion" if wrong else "none",
        failure="impossible" if wrong else "",
        changes=say(
            "The cut-off was tried on other patients than those that are described, "
            "or the share is a misprint."
        )
        if wrong
        else "",
        resolve=say("Ask for the numbers of true and false positives.") if wrong else "",
        notes=(note,) if note else (),
    )


def _youden(rows: list[Statistic]) -> Iterator[Check]:
    """Youden's index is sensitivity + specificity - 1."""
    found = {each.name: each for each in rows}
    if not {"sensitivity", "specificity", "youden_index"} <= set(found):
        return
    parts = [found[name] for name in ("sensitivity", "specificity", "youden_index")]
    low, high, fits = _youden_fits(parts, cut=False)
    cut = not fits and _youden_fits(parts, cut=True)[2]
    fits = fits or cut
    yield Check(
        id="youden-index",
        about=say("Youden's index"),
        place=parts[2].place,
        quantities=tuple(quantity_of(each) for each in parts),
        verdict="consistent" if fits else "inconsistent",
        message=say(
            "Sensitivity + specificity - 1 is {low:.4g} to {high:.4g}.", low=low, high=high
        ),
        recomputed=say("{low:.4g} to {high:.4g}", low=low, high=high),
        interval=(low, high),
        severity="none" if fits else "conclusion",
        failure="" if fits else "irreconcilable",
        changes="" if fits else say("The cut-off is not the one that its numbers describe."),
        resolve="" if fits else say("Ask for the numbers of true and false positives."),
        notes=(CUT_OFF,) if cut else (),
    )


def _youden_fits(parts: list[Statistic], *, cut: bool) -> tuple[float, float, bool]:
    """Range of sensitivity + specificity - 1, and whether the index lies in it."""
    ends = []
    for each in parts:
        by = 100.0 if each.value.value > 1 else 1.0
        printed = each.value.cut_off if cut else each.value.interval
        ends.append([end / by for end in printed])
    low, high = ends[0][0] + ends[1][0] - 1, ends[0][1] + ends[1][1] - 1
    return low, high, low <= ends[2][1] + _WHOLE and ends[2][0] <= high + _WHOLE
