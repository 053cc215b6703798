"""A regression table: one coefficient a row, with whatever is printed of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

from vertebrisk.evidence.audit.subject import Comparison
from vertebrisk.evidence.printed import Printed, plain
from vertebrisk.evidence.printed_tables import CONSTANT, Coefficient, PaperModel
from vertebrisk.evidence.tables.cells import numbers, p_value, reference, statistic
from vertebrisk.evidence.tables.grids import Line
from vertebrisk.evidence.tables.heading_words import Role, bare
from vertebrisk.evidence.tables.headings import Heading, conf_level
from vertebrisk.evidence.tables.labels import (
    bare_label,
    is_constant,
    is_reference_label,
    looks_like_level,
    same_name,
    split_label,
    without_reference,
)
from vertebrisk.evidence.tables.remarks import left_out
from vertebrisk.evidence.tables.rows import Sheet, filled
from vertebrisk.evidence.tables.units import units_of

EFFECTS: tuple[Role, ...] = (
    "estimate", "std_error", "ratio", "ratio_conf", "estimate_conf", "conf", "conf_low",
    "conf_high", "estimate_ci", "estimate_low", "estimate_high", "estimate_se",
)  # fmt: skip
_SINGLE: dict[Role, str] = {
    "estimate": "estimate", "std_error": "std_error", "ratio": "ratio", "conf_low": "conf_low",
    "conf_high": "conf_high", "estimate_low": "estimate_low", "estimate_high": "estimate_high",
}  # fmt: skip
_TESTS: tuple[Role, ...] = ("wald", "z", "chi2", "p_value")
_OF_B = ("estimate", "std_error", "estimate_low", "estimate_high")
_COX = re.compile(r"\b[acsm]?hrs?\b|hazard|\bcox\b|风险比|危险比", re.IGNORECASE)
Values = dict[str, Any]


class RegressionReader:
    """Reads the rows of one regression; `headings` are the columns of its block."""

    def __init__(
        self,
        sheet: Sheet,
        headings: Sequence[Heading],
        id: str,
        comparisons: Sequence[Comparison],
    ) -> None:
        self.sheet, self.id, self.headings = sheet, id, headings
        self.effects = [each for each in headings if each.role in EFFECTS]
        self.known = {
            row.variable: tuple(level.name for level in row.levels)
            for table in comparisons
            for row in table.rows
        }
        self.df = next((each for each in headings if each.role == "df"), None)
        if self._estimates_are_ratios():
            self.headings = [
                replace(each, role="ratio") if each.role == "estimate" else each
                for each in headings
            ]
            self.effects = [each for each in self.headings if each.role in EFFECTS]
        self.of_b = self._limits_are_of_b()
        self.heading: Line | None = None
        self.term = ""
        self.open_df = 0
        self.before = ""
        self.doubtful = self.only_reference = False

    def model(self) -> PaperModel:
        """The table in normal form."""
        rows = [row for line in self.sheet.grid.body if line.text for row in self._row(line)]
        level = conf_level(self.headings)
        texts = [self.sheet.grid.title, *(f"{each.over} {each.text}" for each in self.headings)]
        kind: Literal["logistic", "cox"] = (
            "cox" if any(_COX.search(text) for text in texts) else "logistic"
        )
        return PaperModel(
            id=self.id,
            kind=kind,
            place=self.sheet.place,
            conf_level=Printed.parse(level) if level is not None else None,
            coefficient=tuple(_not_empty(rows)),
        )

    def _row(self, line: Line) -> Iterator[Coefficient]:
        label = line.label
        if not label and not self.sheet.level(line):
            if filled(self.sheet, line, self.effects):
                where = f"line {line.number}"
                self.sheet.findings.append(left_out(self.sheet.place, where, "it has no label"))
        elif is_constant(label):
            self.heading = None
            yield Coefficient(term=CONSTANT, **self._values(line))
        elif level := self.sheet.level(line):
            self.term = self._name(bare_label(label)) if label else self.term
            yield self._coefficient(line, self.term or level, without_reference(level))
        elif not filled(self.sheet, line, self.effects):
            yield from self._headed(line)
        elif self._below_heading(line):
            self.before = label
            self.open_df -= not self._is_reference(line)
            self.only_reference = self._is_reference(line)
            level = self._level(self.term, _level_name(label, self.term))
            yield self._coefficient(line, self.term, level)
        else:
            self.heading = None
            named = split_label(without_reference(label) or label)
            if not named.variable:
                self._nameless(line)
                return
            term = self._name(named.variable)
            level = named.level or self._known_level(term, _level_name(label, term))
            yield self._coefficient(line, term, self._level(term, level))

    def _headed(self, line: Line) -> Iterator[Coefficient]:
        """A row without coefficient: a factor with its joint test, a reference, or a section."""
        if self.heading is not None and (
            is_reference_label(line.label)
            or (self.sheet.indented and line.indent > self.heading.indent)
        ):
            level = self._level(self.term, _level_name(line.label, self.term))
            yield Coefficient(term=self.term, level=level)
            return
        name = bare_label(line.label)
        if not name:
            self._nameless(line)
            return
        self.heading, self.before = line, ""
        self.term = self._name(name)
        self.open_df = self._degrees(line)
        values = self._values(line)
        self.doubtful, self.only_reference = not values and line.filled > 1, False
        if values:
            yield Coefficient(term=self.term, **values)

    def _nameless(self, line: Line) -> None:
        what = f"line {line.number} ('{line.label}')"
        self.sheet.findings.append(left_out(self.sheet.place, what, "it names no variable"))

    def _degrees(self, line: Line) -> int:
        read = numbers(self.sheet.cell(line, self.df)) if self.df is not None else None
        return round(read.values[0].value) if read is not None else 0

    def _below_heading(self, line: Line) -> bool:
        """True if the row is a level of the factor whose heading stands above it."""
        heading = self.heading
        if heading is None:
            return False
        if self.sheet.indented and (line.indent != heading.indent or self.before):
            return line.indent > heading.indent
        if self._is_reference(line):
            return True
        if self._degrees(heading):
            return self.open_df > 0
        name = _level_name(line.label, self.term)
        if self.known.get(self.term):
            return self._known_level(self.term, name) != ""
        if split_label(line.label).level and not looks_like_level(line.label):
            return False
        return (
            not (self.before or self.doubtful)
            or self.only_reference
            or looks_like_level(line.label)
            or _first_word(line.label) == _first_word(self.before)
        )

    def _is_reference(self, line: Line) -> bool:
        if is_reference_label(line.label):
            return True
        cells = [cell for each in self.effects if (cell := self.sheet.cell(line, each))]
        return bool(cells) and all(reference(cell) is not None or _is_one(cell) for cell in cells)

    def _coefficient(self, line: Line, term: str, level: str) -> Coefficient:
        values = self._values(line)
        per = units_of(line.label, values)
        if per is None:
            values = {name: values[name] for name in values if name not in _OF_B}
            why = "its ratio is per a spread (SD or IQR) that is not printed, B is per unit"
            self.sheet.findings.append(left_out(self.sheet.place, f"B of '{line.label}'", why))
        elif per != 1:
            values["per"] = per
        return Coefficient(term=term, level=level, **values)

    def _name(self, label: str) -> str:
        """The name under which the groups are compared, if they are."""
        return next((known for known in self.known if same_name(known, label)), label)

    def _level(self, term: str, level: str) -> str:
        return self._known_level(term, level) or level

    def _known_level(self, term: str, level: str) -> str:
        """The level of a variable that is called so, brackets aside; empty if there is none."""
        levels = self.known.get(term, ())
        return next((known for known in levels if _same_level(known, level)), "")

    def _values(self, line: Line) -> Values:
        values: Values = {}
        for heading in self.headings:
            cell = self.sheet.cell(line, heading)
            if not cell or heading.role not in (*EFFECTS, *_TESTS):
                continue
            if (marked := reference(cell)) is not None:
                if marked and heading.role in ("ratio", "ratio_conf", "estimate"):
                    values[_SINGLE.get(heading.role, "ratio")] = Printed.parse(marked)
                continue
            read = self._cell_values(heading, cell)
            if read is None:
                self.sheet.unreadable(line, heading)
            else:
                values |= read
        return values

    def _cell_values(self, heading: Heading, cell: str) -> Values | None:
        role = heading.role
        if role == "p_value":
            value = p_value(cell)
            return None if value is None else {"p_value": value}
        if role in ("wald", "z", "chi2"):
            value, _ = statistic(cell)
            return None if value is None else {self._test_name(heading): value}
        read = numbers(cell)
        if read is None:
            return None
        if role == "estimate_se":
            pair = read.form in ("bracket", "plus minus") and len(read.values) == 2
            names = ("estimate", "std_error")
            return dict(zip(names, read.values, strict=True)) if pair else None
        if role in _SINGLE:
            return {self._single(role): read.values[0]} if read.form == "number" else None
        low, high = ("estimate_low", "estimate_high") if self._of_b(role) else (
            "conf_low", "conf_high",
        )  # fmt: skip
        if role in ("ratio_conf", "estimate_conf"):
            centre = "ratio" if role == "ratio_conf" else "estimate"
            if read.form == "number":
                return {centre: read.values[0]}
            if read.form == "number and interval":
                return dict(zip((centre, low, high), read.values, strict=True))
            return None
        return dict(zip((low, high), read.values, strict=True)) if read.form == "interval" else None

    def _single(self, role: Role) -> str:
        if role in ("conf_low", "conf_high") and self.of_b:
            return role.replace("conf", "estimate")
        return _SINGLE[role]

    def _of_b(self, role: Role) -> bool:
        return role in ("estimate_ci", "estimate_conf") or (role == "conf" and self.of_b)

    def _test_name(self, heading: Heading) -> str:
        """Wald's statistic is never below zero; what is headed so and is, is z."""
        if heading.role == "z":
            return "z"
        lines = self.sheet.grid.body
        read = [statistic(self.sheet.cell(line, heading))[0] for line in lines]
        return "z" if any(each is not None and each.number < 0 for each in read) else "wald"

    def _limits_are_of_b(self) -> bool:
        """True where the limits without a name are those of B: below zero, or about B alone."""
        roles = {each.role for each in self.headings}
        if not roles & {"conf", "conf_low"} or "ratio_conf" in roles:
            return False
        around_b = around_ratio = 0
        for line in self.sheet.grid.body:
            one = self._raw(line)
            low, high = one.get("conf_low"), one.get("conf_high")
            if low is None or high is None:
                continue
            if low < 0 or high < 0:
                return "estimate" in roles or "ratio" not in roles
            around_b += "estimate" in one and low <= one["estimate"] <= high
            around_ratio += "ratio" in one and low <= one["ratio"] <= high
        if "ratio" not in roles and "estimate" in roles:
            return around_b > 0
        return around_b > around_ratio

    def _estimates_are_ratios(self) -> bool:
        """True where ``estimate`` is exponentiated: its limits lie evenly about its logarithm."""
        of_b = any(
            each.role == "estimate" and bare(each.text) == "estimate" for each in self.effects
        )
        if not of_b or any(each.role in ("ratio", "ratio_conf") for each in self.effects):
            return False
        linear = logarithmic = 0.0
        for line in self.sheet.grid.body:
            one = self._raw(line)
            if len(one) < 3:
                continue
            low, middle, high = one["conf_low"], one["estimate"], one["conf_high"]
            if not 0 < low < middle < high:
                return False
            linear += abs(high - 2 * middle + low) / (high - low)
            logarithmic += abs(math.log(high * low / middle**2)) / math.log(high / low)
        return logarithmic < 0.5 * linear

    def _raw(self, line: Line) -> dict[str, float]:
        found: dict[str, float] = {}
        for heading in self.headings:
            read = numbers(self.sheet.cell(line, heading))
            if read is None:
                continue
            if heading.role == "conf" and read.form == "interval":
                found["conf_low"], found["conf_high"] = (each.value for each in read.values)
            elif heading.role in ("estimate", "ratio", "conf_low", "conf_high"):
                found[heading.role] = read.values[0].value
        return found


def _is_one(cell: str) -> bool:
    read = numbers(cell)
    return read is not None and read.form == "number" and read.values[0].number in (0, 1)


def _level_name(label: str, term: str) -> str:
    """The level alone: ``(1)`` of ``goutallier(1)`` below the heading ``goutallier``."""
    bare = bare_label(without_reference(label))
    rest = bare[len(term) :].strip(" :,") if bare.lower().startswith(term.lower()) else ""
    return rest or bare


def _same_level(one: str, other: str) -> bool:
    """True for one level; signs such as ``<`` tell levels apart, brackets around it do not."""
    return _bare_level(one) == _bare_level(other) != ""


def _bare_level(level: str) -> str:
    return re.sub(r"\s", "", plain(level).strip(" ()[]:,").lower())


def _first_word(label: str) -> str:
    return re.split(r"[\s\d(]", label.strip().lower())[0]


def _not_empty(rows: Sequence[Coefficient]) -> Iterator[Coefficient]:
    """Rows that print something, and the references of factors that do."""
    said = {row.term for row in rows if row.std_error or row.ratio or row.estimate or row.conf_low}
    for row in rows:
        empty = not row.model_fields_set - {"term", "level"}
        if not empty or (row.level and row.term in said):
            yield row
