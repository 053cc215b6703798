"""The regression table as targets: terms, what each row allows, and how it may be read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import ndtr

from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import CONSTANT, Coefficient, PaperModel, PublishedStudy
from vertebrisk.evidence.reconstruction.assumed import Assumed
from vertebrisk.evidence.reconstruction.notes import Conflict
from vertebrisk.evidence.reconstruction.rows import RowReading, Target, read_row
from vertebrisk.evidence.reconstruction.sizes import GroupSize, Log, Margin
from vertebrisk.evidence.reconstruction.terms import Term, Wanted
from vertebrisk.evidence.wald import FIELDS

_LEAST_Z = 1.96
_SAID = {
    "z": "z", "estimate_low": "lower limit of B", "estimate_high": "upper limit of B",
    "estimate": "B", "std_error": "SE", "wald": "Wald", "p_value": "P", "ratio": "ratio",
    "conf_low": "lower limit", "conf_high": "upper limit",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read the table: terms with the sign turned, levels the constant belongs to."""

    turned: frozenset[str] = frozenset()
    shifted: tuple[str, ...] = ()

    @property
    def departures(self) -> int:
        """How often the reading departs from the print."""
        return len(self.turned) + len(self.shifted)

    @property
    def label(self) -> str:
        """The reading in words."""
        parts = [f"'{name}' with the sign turned" for name in sorted(self.turned)]
        parts += [f"the constant that of patients with '{name}'" for name in self.shifted]
        return " and ".join(parts) if parts else "as printed"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A regression table: its terms, their targets, and the constant's."""

    model: PaperModel
    terms: tuple[Term, ...]
    targets: tuple[Target, ...]
    constant: Target
    declared: Candidate

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables of the terms, each once."""
        return tuple(dict.fromkeys(term.variable for term in self.terms))

    def wanted(self, candidate: Candidate) -> Wanted:
        """Targets of the columns, the constant's first where there is one."""
        targets = [
            target.turned() if term.name in candidate.turned else target
            for term, target in zip(self.terms, self.targets, strict=True)
        ]
        if self.model.kind == "logistic":
            targets.insert(0, self.constant)
        return Wanted(*(
            np.array([getattr(target, name) for target in targets], dtype=np.float64)
            for name in (
                "estimate", "estimate_half", "std_error", "std_error_half", "z_low", "z_high",
                "sign",
            )
        ))  # fmt: skip

    def candidates(self, departures: int) -> Iterator[Candidate]:
        """Readings with so many departures from the print: signs turned, constants moved."""
        aimed = zip(self.terms, self.targets, strict=True)
        options: list[tuple[str, str]] = [
            ("turned", term.name) for term, target in aimed if target.sign != 0
        ]
        if math.isfinite(self.constant.estimate):
            options += [("shifted", term.name) for term in self.terms if term.code is not None]
        for chosen in combinations(options, departures):
            yield Candidate(
                frozenset(name for kind, name in chosen if kind == "turned"),
                tuple(name for kind, name in chosen if kind == "shifted"),
            )


def conf_level(model: PaperModel) -> float:
    """Level of the table's intervals, in percent: 95 unless the paper says otherwise."""
    return 95.0 if model.conf_level is None else model.conf_level.value


def read_table(
    study: PublishedStudy,
    assumed: Assumed,
    margins: Mapping[str, Margin],
    sizes: Sequence[GroupSize],
    log: Log,
) -> Table | None:
    """Terms and targets of the model that is to be met, or None where the paper has none."""
    model = study.regression(assumed.model) if assumed.model else next(iter(study.model), None)
    if model is None:
        return None
    level = conf_level(model)
    rows = [row for row in model.coefficient if row.term != CONSTANT]
    terms: list[Term] = []
    targets: list[Target] = []
    turned: set[str] = set()
    shifted: list[str] = []
    for variable in dict.fromkeys(row.term for row in rows):
        own = [row for row in rows if row.term == variable]
        for term, row in _terms(study, assumed, variable, own):
            reading = read_row(_numbers_of(row), level) if row is not None else RowReading(Target())
            if row is not None:
                _note_conflicts(model, row, reading, log)
            leaning = _leaning(margins[variable], sizes, term)
            target = _with_claims(study, term, row, own, reading.target, leaning, log)
            if row is not None and _is_turned(study, term, row, target, model, log):
                turned.add(term.name)
            terms.append(term)
            targets.append(target)
    constant = Target()
    if model.constant is not None:
        reading = read_row(_numbers_of(model.constant), level)
        _note_conflicts(model, model.constant, reading, log)
        constant = reading.target
        if model.constant.reading is not None:
            names = [f"{t} {level}".strip() for t, level, _ in model.constant.reading.weights]
            shifted = [name for name in names if name != CONSTANT]
    declared = Candidate(frozenset(turned), tuple(shifted))
    return Table(model, tuple(terms), tuple(targets), constant, declared) if terms else None


def _terms(
    study: PublishedStudy, assumed: Assumed, variable: str, rows: list[Coefficient]
) -> Iterator[tuple[Term, Coefficient | None]]:
    """Terms of one variable with their rows; levels that are not printed have none."""
    levels = study.variables[variable].levels
    if not levels:
        yield Term(variable, scale=assumed.scale.get(variable, 1.0)), rows[0]
        return
    printed = {row.level: row for row in rows if row.level}
    reference = next((level for level in levels if level not in printed), levels[0])
    for code, level in enumerate(levels):
        if level != reference:
            yield Term(variable, level, code), printed.get(level)


def _numbers_of(row: Coefficient) -> dict[str, Printed]:
    return {name: number for name in FIELDS if (number := getattr(row, name)) is not None}


def _with_claims(
    study: PublishedStudy,
    term: Term,
    row: Coefficient | None,
    rows: list[Coefficient],
    target: Target,
    leaning: int,
    log: Log,
) -> Target:
    """The target with the sign that the text states, and significant where it says so."""
    levels = study.variables[term.variable].levels
    sign, z_low = target.sign or _stated_sign(study, term.variable), target.z_low
    if not math.isfinite(target.estimate) and z_low == 0.0:
        overall = any(not each.level for each in rows)
        if row is not None or (overall and term.level == levels[-1]):
            z_low = _LEAST_Z
    if sign == 0 and z_low > 0:
        sign = leaning
    if not math.isfinite(target.estimate) and z_low > 0:
        log.assume(
            term.name,
            "the size of its coefficient is not printed; "
            f"{'+' if sign > 0 else '-'} with P < 0.05 is aimed at.",
        )
    return Target(
        target.estimate, target.estimate_half, target.std_error, target.std_error_half,
        z_low, target.z_high, sign,
    )  # fmt: skip


def _leaning(margin: Margin, sizes: Sequence[GroupSize], term: Term) -> int:
    """1 or -1: whether patients with the event have more of the term than those without."""
    parts = [
        np.mean(values == term.code if term.code is not None else values / term.scale)
        * (1 if group.event else -1)
        for values, group in zip(margin.values, sizes, strict=True)
    ]
    return 1 if sum(parts) >= 0 else -1


def _stated_sign(study: PublishedStudy, variable: str) -> int:
    for claim in study.statement:
        if claim.variable == variable and claim.direction in ("higher", "lower"):
            return 1 if claim.direction == "higher" else -1
    return 0


def _is_turned(
    study: PublishedStudy,
    term: Term,
    row: Coefficient,
    target: Target,
    model: PaperModel,
    log: Log,
) -> bool:
    """True if the entry's reading, or the text, has the opposite sign of the row."""
    if row.reading is not None and len(row.reading.weights) == 1:
        weight = row.reading.weights[0][2]
        if weight * row.reading.estimate.value * target.sign < 0:
            return True
    stated = _stated_sign(study, term.variable)
    if stated * target.sign >= 0 or row.ratio is None:
        return False
    said = "rises" if stated > 0 else "falls"
    log.conflicts.append(
        Conflict(
            model.place,
            (f"{term.name} ratio {row.ratio}",),
            f"the text says that the risk {said} with it, the ratio says the opposite.",
        )
    )
    return term.scale > 0


def _note_conflicts(model: PaperModel, row: Coefficient, reading: RowReading, log: Log) -> None:
    name = f"{row.term} {row.level}".strip()
    for numbers in reading.conflicts:
        shown = tuple(f"{_SAID[each]} {getattr(row, each)}" for each in numbers)
        first = (f"{name} {shown[0]}", *shown[1:])
        why = _why(numbers, _numbers_of(row))
        aside = ", ".join(_SAID[each] for each in reading.set_aside)
        log.conflicts.append(Conflict(model.place, first, f"{why} {aside} is set aside."))


def _why(numbers: tuple[str, ...], printed: Mapping[str, Printed]) -> str:
    if set(numbers) == {"wald", "p_value"}:
        z = math.sqrt(max(printed["wald"].value, 0.0))
        p = 2 * float(ndtr(-z))
        said = "P < 0.001" if p < 0.001 else f"P = {p:.3f}"
        return f"a Wald statistic of {printed['wald']} has {said}."
    if set(numbers) == {"estimate", "ratio"}:
        log_ratio = math.log(printed["ratio"].value)
        return f"the logarithm of {printed['ratio']} is {log_ratio:+.4g}."
    return "no coefficient and standard error round to all of these."
