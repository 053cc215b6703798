"""What two runs differ in, part by part: facts, patients, model, performance, findings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from vertebrisk._types import Json
from vertebrisk.report.difference.reading import (
    Benefit,
    Checklist,
    Coefficient,
    Entry,
    Measure,
    Remark,
    Results,
    Run,
    Step,
)
from vertebrisk.report.difference.walking import Tally, same_number, walk

Part = TypeVar("Part")
# Facts that say how the report looks, not what was done.
_LOOKS = ("language", "journal", "title", "outcome_label", "data_note")


@dataclass(frozen=True, slots=True)
class Pair(Generic[Part]):
    """One thing on both sides; None where a side has none."""

    before: Part | None
    after: Part | None

    @property
    def either(self) -> Part:
        """The thing after, or before where it is gone."""
        found = self.after if self.after is not None else self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the study's title page that differs."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a checklist, by the name of its list."""

    checklist: str
    entry: Entry


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """All that differs between two runs.

    `facts` are those of the protocol and the data that differ, `looks` those of the page alone.
    `steps`, `coefficients`, `candidates`, `measures`, `benefits` hold every entry of either side,
    changed or not; `remarks` only the findings that came, went or read otherwise, `lines` the
    lines of checklists whose verdict did. `tallies` walk over every number of the documents.
    """

    before: Run
    after: Run
    facts: tuple[Fact, ...]
    looks: tuple[Fact, ...]
    steps: tuple[Pair[Step], ...]
    coefficients: tuple[Pair[Coefficient], ...]
    candidates: tuple[Pair[Coefficient], ...]
    measures: tuple[Pair[Measure], ...]
    benefits: tuple[Pair[Benefit], ...]
    remarks: tuple[Pair[Remark], ...]
    lines: tuple[Pair[Line], ...]
    tallies: tuple[Tally, ...]

    @property
    def identical(self) -> bool:
        """True if no number, word or fact differs by more than rounding."""
        return not any(tally.differs for tally in self.tallies)

    @property
    def other_study(self) -> bool:
        """True if the runs are not of one study with one outcome."""
        names = {fact.name for fact in self.facts}
        return bool(names & {"id", "outcome", "model"})

    @property
    def entered(self) -> tuple[str, ...]:
        """Labels of predictors that only the model after holds."""
        return _apart(self.after.results, self.before.results)

    @property
    def left(self) -> tuple[str, ...]:
        """Labels of predictors that only the model before holds."""
        return _apart(self.before.results, self.after.results)

    def to_dict(self) -> Json:
        """JSON form: facts, then what changed in each part, then the tallies."""
        return {
            "kind": "vertebrisk-difference",
            "schema_version": "1.0",
            "identical": self.identical,
            "before": _run(self.before),
            "after": _run(self.after),
            "facts": [asdict(each) for each in (*self.facts, *self.looks)],
            "predictors": {"entered": list(self.entered), "left": list(self.left)},
            "flow": _pairs(self.steps),
            "multivariable": _pairs(self.coefficients),
            "univariable": _pairs(self.candidates),
            "performance": _pairs(self.measures),
            "decision": _pairs(self.benefits),
            "findings": _pairs(self.remarks),
            "checklists": [_line(pair) for pair in self.lines],
            "parts": [tally.to_dict() for tally in self.tallies],
        }


def compare_runs(before: Run, after: Run) -> Difference:
    """Lay two runs beside each other, entry by entry."""
    one, other = before.results, after.results
    facts = _facts(one.study, other.study)
    chosen = {
        *one.study.get("thresholds", ()),
        *other.study.get("thresholds", ()),
    }
    return Difference(
        before,
        after,
        tuple(fact for fact in facts if fact.name not in _LOOKS),
        tuple(fact for fact in facts if fact.name in _LOOKS),
        _paired(one.flow.steps, other.flow.steps, lambda step: (step.kind, step.rule)),
        _paired(_estimates(one.multivariable), _estimates(other.multivariable), _named),
        _paired(_estimates(one.univariable), _estimates(other.univariable), _named),
        _paired(one.validation.table, other.validation.table, lambda m: (m.measure, m.horizon)),
        _paired(_benefits(one, chosen), _benefits(other, chosen), lambda each: each.threshold),
        _changed(_paired(one.findings, other.findings, lambda each: (each.code, each.column))),
        _judged(_paired(_lines(one.checklists), _lines(other.checklists), _place)),
        walk(before.document, after.document),
    )


def moved(pair: Pair[Coefficient]) -> float | None:
    """Change of a coefficient on its own scale (log odds, log hazard)."""
    if pair.before is None or pair.after is None:
        return None
    return _less(pair.after.estimate, pair.before.estimate)


def risen(pair: Pair[Measure]) -> float | None:
    """Change of a measure's corrected value."""
    if pair.before is None or pair.after is None:
        return None
    return _less(pair.after.corrected, pair.before.corrected)


def chance(pair: Pair[Measure]) -> float | None:
    """Standard error of that change if only the resamples were drawn anew."""
    if pair.before is None or pair.after is None:
        return None
    errors = (pair.before.mc_error, pair.after.mc_error)
    given = [each for each in errors if each is not None]
    return math.hypot(*given) if len(given) == len(errors) else None


def unlike(pair: Pair[Any], *names: str) -> bool:
    """True if a side is absent or one of the named numbers differs by more than rounding."""
    if pair.before is None or pair.after is None:
        return True
    return not all(
        same_number(getattr(pair.before, name), getattr(pair.after, name)) for name in names
    )


def _less(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else after - before


def _facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Fact]:
    names = dict.fromkeys([*before, *after])
    differing = [name for name in names if before.get(name) != after.get(name)]
    return [Fact(name, _shown(before.get(name)), _shown(after.get(name))) for name in differing]


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _paired(
    before: Iterable[Part], after: Iterable[Part], name: Callable[[Part], object]
) -> tuple[Pair[Part], ...]:
    """Entries of two sides by name; the second of one name stands apart from its first."""
    one, other = _numbered(before, name), _numbered(after, name)
    return tuple(Pair(one.get(key), other.get(key)) for key in dict.fromkeys([*one, *other]))


def _numbered(entries: Iterable[Part], name: Callable[[Part], object]) -> dict[object, Part]:
    found: dict[object, Part] = {}
    for entry in entries:
        place = 0
        while (name(entry), place) in found:
            place += 1
        found[name(entry), place] = entry
    return found


def _named(row: Coefficient) -> tuple[str, str | None]:
    return row.term, row.level


def _estimates(rows: Iterable[Coefficient]) -> list[Coefficient]:
    return [row for row in rows if row.kind in ("estimate", "intercept")]


def _benefits(results: Results, thresholds: set[float]) -> list[Benefit]:
    """Net benefit of the model where decisions are taken."""
    if results.decision is None:
        return []
    return [
        each
        for each in results.decision.curve
        if each.model == "model" and any(abs(each.threshold - t) < 1e-9 for t in thresholds)
    ]


def _changed(pairs: Iterable[Pair[Remark]]) -> tuple[Pair[Remark], ...]:
    return tuple(pair for pair in pairs if pair.before != pair.after)


def _lines(checklists: Iterable[Checklist]) -> list[Line]:
    return [
        Line(checklist.name, entry)
        for checklist in checklists
        for part in checklist.parts
        for entry in part.entries
    ]


def _place(line: Line) -> tuple[str, str]:
    return line.checklist, line.entry.number


def _judged(pairs: Iterable[Pair[Line]]) -> tuple[Pair[Line], ...]:
    """Lines whose verdict differs, or that one side lacks."""
    return tuple(
        pair
        for pair in pairs
        if pair.before is None
        or pair.after is None
        or pair.before.entry.verdict != pair.after.entry.verdict
    )


def _apart(own: Results, other: Results) -> tuple[str, ...]:
    """Labels of the terms that only the first model holds."""
    known = {row.term for row in other.multivariable}
    labels = {
        row.term: row.label or row.term
        for row in own.multivariable
        if row.kind != "intercept" and row.term not in known
    }
    return tuple(labels.values())


def _line(pair: Pair[Line]) -> Json:
    sides = {
        side: None if line is None else line.entry.verdict
        for side, line in (("before", pair.before), ("after", pair.after))
    }
    return {"checklist": pair.either.checklist, "number": pair.either.entry.number, **sides}


def _run(run: Run) -> Json:
    return {"file": run.path.name, "sha256": run.sha256, "data_kind": run.results.data_kind}


def _pairs(pairs: Iterable[Pair[Any]]) -> list[Json]:
    return [{"before": _part(pair.before), "after": _part(pair.after)} for pair in pairs]


def _part(part: Any) -> Json | None:
    return None if part is None else part.model_dump()
