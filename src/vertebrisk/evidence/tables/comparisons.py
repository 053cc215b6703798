"""A table that compares groups: its variables, with counts, means or medians of each group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vertebrisk.evidence.audit.subject import Comparison, Group, Level, Row
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.tables.cells import (
    Numbers,
    mark_of,
    numbers,
    p_value,
    reference,
    statistic,
)
from vertebrisk.evidence.tables.grids import Line
from vertebrisk.evidence.tables.groups import groups_of
from vertebrisk.evidence.tables.heading_words import Role
from vertebrisk.evidence.tables.headings import Heading
from vertebrisk.evidence.tables.labels import bare_label, is_missing, is_size, split_label
from vertebrisk.evidence.tables.named_tests import mark_test, named_test, sign_test
from vertebrisk.evidence.tables.remarks import Hints, hints_of, left_out
from vertebrisk.evidence.tables.rows import Sheet, filled
from vertebrisk.evidence.tables.summaries import add_up, level_cells, summarised

_STATISTICS: tuple[Role, ...] = ("statistic", "t", "chi2", "z")
_COUNTS = ("number", "bracket", "slash", "slash and bracket")


class ComparisonReader:
    """Reads the rows of one comparison; `headings` are the columns of its block."""

    def __init__(
        self, sheet: Sheet, headings: Sequence[Heading], id: str, context: str, *, with_p: bool
    ) -> None:
        self.sheet, self.id = sheet, id
        self.columns = [each for each in headings if each.role in ("group", "total")]
        self.groups: tuple[Group, ...] = groups_of(self.columns, sheet.place, context)
        self.statistic = _first(headings, *_STATISTICS) if with_p else None
        self.p_column = _first(headings, "p_value") if with_p else None
        self.test, self.missing = _first(headings, "test"), _first(headings, "missing")
        self.hints: Hints = hints_of(sheet.grid)
        self.missing_told = self.hints.missing_told

    def comparison(self) -> Comparison:
        """The table in normal form."""
        body = self.sheet.grid.body
        lines = [line for line in body if line.text and not self._sizes(line)]
        rows: list[Row] = []
        place = 0
        while place < len(lines):
            place = self._next(lines, place, rows)
        return Comparison(self.id, self.sheet.place, self.groups, tuple(rows), self.missing_told)

    def _sizes(self, line: Line) -> bool:
        """True for a row of the sizes of the groups, which they take where none is headed."""
        if not is_size(line.label) or not self._has_groups(line):
            return False
        read = [numbers(cell) for cell in self._cells(line)]
        if any(each is None or each.values[0].decimals for each in read):
            return False
        sizes = [each.values[0] for each in read if each is not None]
        self.groups = tuple(
            replace(group, n=group.n if group.n is not None else size)
            for group, size in zip(self.groups, sizes, strict=True)
        )
        return True

    def _next(self, lines: Sequence[Line], place: int, rows: list[Row]) -> int:
        """Read the variable that begins at a line; returns where the next begins."""
        line = lines[place]
        if is_missing(line.label) and rows and self._has_groups(line):
            rows[-1] = replace(rows[-1], missing=self._plain(line))
            self.missing_told = True
            return place + 1
        if self.sheet.level(line):
            stop = self._same_variable(lines, place)
            self._factor(bare_label(line.label), line, lines[place:stop], rows)
            return stop
        if self._has_groups(line):
            rows.append(self._alone(line))
            return place + 1
        stop = self._levels(lines, place)
        if stop > place + 1:
            self._factor(bare_label(line.label), line, lines[place + 1 : stop], rows)
        elif self._p(line) is not None:
            rows.append(self._with_test(Row(bare_label(line.label), self.sheet.place), [line]))
        return stop

    def _has_groups(self, line: Line) -> bool:
        return filled(self.sheet, line, self.columns)

    def _same_variable(self, lines: Sequence[Line], place: int) -> int:
        stop = place + 1
        while (
            stop < len(lines)
            and self.sheet.level(lines[stop])
            and lines[stop].label in ("", lines[place].label)
        ):
            stop += 1
        return stop

    def _levels(self, lines: Sequence[Line], place: int) -> int:
        """Where the levels below a heading end; the line below it where there are none."""
        heading, stop = lines[place], place + 1
        while stop < len(lines) and self._is_level(heading, lines[place + 1 : stop + 1]):
            stop += 1
        below = lines[place + 1 : stop]
        if not self._told(heading) and self._are_variables(below, lines[stop : stop + 1]):
            return place + 1
        return stop

    def _is_level(self, heading: Line, below: Sequence[Line]) -> bool:
        """True if the last of the lines below a heading is still one of its levels."""
        line = below[-1]
        read = [numbers(cell) for cell in self._cells(line) if cell]
        if not read or not all(each is None or each.form in _COUNTS for each in read):
            return False
        if self.sheet.indented:
            return line.indent > heading.indent
        return not (self._told(line) and any(map(self._told, (heading, *below[:-1]))))

    def _are_variables(self, below: Sequence[Line], after: Sequence[Line]) -> bool:
        """True for lines below the name of a section: each has a P, or they make no whole."""
        tested = sum(map(self._told, below))
        if tested > 1 or (
            tested == len(below) == 1
            and not self.sheet.indented
            and any(self._has_groups(line) and self._told(line) for line in after)
        ):
            return True
        cells = [level_cells([numbers(cell) for cell in self._cells(line)]) for line in below]
        return len(below) > 1 and not add_up(cells, [group.n for group in self.groups])

    def _told(self, line: Line) -> bool:
        """True for a line with a P of its own, be it only that there is nothing significant."""
        return self.p_column is not None and any(
            map(str.isalnum, self.sheet.cell(line, self.p_column))
        )

    def _cells(self, line: Line) -> list[str]:
        return [self.sheet.cell(line, column) for column in self.columns]

    def _p(self, line: Line) -> Printed | None:
        if self.p_column is None:
            return None
        return p_value(self.sheet.cell(line, self.p_column))

    def _numbers(self, line: Line) -> list[Numbers | None]:
        found: list[Numbers | None] = []
        for column, cell in zip(self.columns, self._cells(line), strict=True):
            read = numbers(cell) if cell else None
            if cell and read is None and reference(cell) is None:
                self.sheet.unreadable(line, column)
            found.append(read)
        return found

    def _plain(self, line: Line) -> tuple[Printed | None, ...]:
        return tuple(read.values[0] if read is not None else None for read in self._numbers(line))

    def _factor(self, name: str, heading: Line, lines: Sequence[Line], rows: list[Row]) -> None:
        levels: list[Level] = []
        missing: tuple[Printed | None, ...] = ()
        sizes: tuple[Printed | None, ...] = ()
        for line in lines:
            label = self.sheet.level(line) or line.label
            if is_missing(label):
                missing, self.missing_told = self._plain(line), True
                continue
            count, percent, of = level_cells(self._numbers(line))
            sizes = of if any(of) else sizes
            levels.append(Level(bare_label(label), count, percent))
        row = Row(name, self.sheet.place, tuple(levels), missing=missing, sizes=sizes)
        rows.append(self._with_test(row, [heading, *lines]))

    def _alone(self, line: Line) -> Row:
        """A row with numbers of its own: a number, or one level of a factor."""
        sizes = [group.n for group in self.groups]
        row = summarised(line.label, self._numbers(line), sizes, self.hints, self.sheet.place)
        if row is None:
            name = split_label(line.label).variable
            row = Row(name, self.sheet.place)
            why = "its cells are neither means, medians nor counts"
            self.sheet.findings.append(left_out(self.sheet.place, f"'{line.label}'", why))
        return self._with_test(row, [line])

    def _with_test(self, row: Row, lines: Sequence[Line]) -> Row:
        """The row with test, statistic and P, which stand on its first line that has them."""
        value, p, test = None, None, ""
        for line in dict.fromkeys(lines):
            if self.test is not None:
                test = test or named_test(self.sheet.cell(line, self.test))
            if self.statistic is not None and (cell := self.sheet.cell(line, self.statistic)):
                read, sign = statistic(cell)
                test = test or sign_test(sign) or named_test(cell)
                if read is None and not named_test(cell):
                    self.sheet.unreadable(line, self.statistic)
                value = value if value is not None else read
            if self.p_column is not None and (cell := self.sheet.cell(line, self.p_column)):
                test = test or mark_test(mark_of(cell), self.sheet.grid.notes)
                read = self.sheet.read(line, self.p_column, p_value)
                p = p if p is not None else read
            row = self._with_missing(row, line)
        if not test and self.statistic is not None:
            test = sign_test(self.statistic.text, counts=bool(row.levels))
        return replace(row, test=test, statistic=value, p_value=p)

    def _with_missing(self, row: Row, line: Line) -> Row:
        if self.missing is None or not (cell := self.sheet.cell(line, self.missing)):
            return row
        read = numbers(cell)
        if read is None or read.values[0].number == 0:
            return row
        self.missing_told = True
        totals = tuple(read.values[0] if group.total else None for group in self.groups)
        return replace(row, missing=totals) if any(totals) else row


def _first(headings: Sequence[Heading], *roles: Role) -> Heading | None:
    return next((each for each in headings if each.role in roles), None)
