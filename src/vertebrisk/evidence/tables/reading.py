"""From a table as CSV or pasted text to what the audit reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vertebrisk._checks import listed, nearest
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.evidence.audit.subject import Comparison, Subject
from vertebrisk.evidence.printed import plain
from vertebrisk.evidence.printed_tables import PaperModel, Statistic
from vertebrisk.evidence.published import PaperVariable
from vertebrisk.evidence.tables.cells import is_value
from vertebrisk.evidence.tables.commas import has_decimal_commas, with_points
from vertebrisk.evidence.tables.comparisons import ComparisonReader
from vertebrisk.evidence.tables.grids import Grid, Line
from vertebrisk.evidence.tables.heading_words import INTERVAL, bare
from vertebrisk.evidence.tables.headings import Heading, headings_of
from vertebrisk.evidence.tables.labels import same_name
from vertebrisk.evidence.tables.layout import layouts_of
from vertebrisk.evidence.tables.placing import placed
from vertebrisk.evidence.tables.regressions import EFFECTS, RegressionReader
from vertebrisk.evidence.tables.remarks import left_out, statistics_of
from vertebrisk.evidence.tables.rows import Sheet
from vertebrisk.evidence.tables.segments import grids_of
from vertebrisk.evidence.tables.source import source_text
from vertebrisk.evidence.tables.steps import by_step
from vertebrisk.findings import Finding
from vertebrisk.protocol.fields import Localised

MAX_ROWS = 500
_PLACE = re.compile(
    r"\s*((?:supplementa(?:ry|l)\s*)?(?:table|tab\.)\s*(?:[SA]?\d+[a-z]?|[IVX]+\b)|(?:附|续)?表\s*[S\d]+)",
    re.IGNORECASE,
)
_NO_HEADS = "nothing says what its columns are"
_SAMPLES = (
    ("univariable", r"univari|单因素|单变量|crude|unadjusted"),
    ("multivariable", r"multivari|multiple|adjusted|多因素|多变量"),
)


@dataclass(frozen=True, slots=True)
class TableReading:
    """A table in normal form, and what of it could not be read."""

    subject: Subject
    findings: tuple[Finding, ...] = ()


def read_tables(source: str | Path, *, whole: Sequence[str] = ()) -> TableReading:
    """Read the tables of a paper, as copied out of it or saved as CSV.

    Understood are commas, semicolons, tabs, pipes and columns set with spaces; decimal
    points and decimal commas (decided once for the file); English and Chinese headings;
    comparisons of groups and regression tables, several below one another.

    Parameters
    ----------
    source : str or Path
        A file (UTF-8, UTF-16 or GB18030), or the text itself: a text with a line end is
        taken for the table.
    whole : sequence of str
        Variables whose values are whole numbers, so that means can be checked against it.

    Returns
    -------
    TableReading
        `subject` for the audit; `findings` quote each cell that cannot be read, and is
        left out.

    Raises
    ------
    DataError
        If the file cannot be read, is no text, holds no table of a paper, or holds
        patients: more than 500 rows.
    ArgumentError
        If `whole` names a variable that no table has.
    """
    name, text = source_text(source)
    grids: list[Grid] = []
    tables = _Tables("")
    for lines in layouts_of(text):
        grids = _with_points(grids_of(lines))
        _check_rows(name, grids)
        tables = _tables(grids)
        if tables.comparisons or tables.models:
            break
    else:
        raise DataError(
            f"{_quoted(name)} holds no table that is understood. Needed are a heading line and "
            "rows, with columns of groups such as 'Pain (n = 37)', or columns such as B, SE, OR, "
            "95% CI and P."
        )
    subject = Subject(
        id="table" if name.startswith("the ") else Path(name).stem,
        title=next((grid.title for grid in grids if grid.title), name),
        comparisons=tuple(tables.comparisons),
        models=tuple(tables.models),
        statistics=tuple(tables.statistics),
    )
    return TableReading(_with_whole(subject, whole), tuple(tables.findings))


def _quoted(name: str) -> str:
    return name.capitalize() if name.startswith("the ") else f"'{name}'"


def _check_rows(name: str, grids: Sequence[Grid]) -> None:
    most = max((len(grid.body) for grid in grids), default=0)
    if most > MAX_ROWS:
        raise DataError(
            f"{_quoted(name)} has a table of {most:,} rows; printed tables have at most "
            f"{MAX_ROWS}. If these are patients, 'vertebrisk new --data' drafts a study."
        )


def _tables(grids: Sequence[Grid]) -> _Tables:
    """Everything that these tables hold."""
    tables = _Tables(" ".join(text for grid in grids for text in (grid.title, *grid.notes)))
    for number, grid in enumerate(grids, start=1):
        tables.add(grid, number)
    return tables


def _with_points(grids: Sequence[Grid]) -> list[Grid]:
    """Grids whose cells have decimal points, whichever sign the file uses."""
    grids = [part for grid in grids for part in by_step(grid)]
    cells = [cell for grid in grids for line in grid.body for cell in line.cells[1:]]
    commas = has_decimal_commas(cells)

    def pointed(line: Line) -> Line:
        texts = [with_points(cell, decimal_commas=commas) for cell in line.cells[1:]]
        return replace(line, cells=(line.label, *texts))

    return [replace(grid, body=tuple(map(pointed, grid.body))) for grid in grids]


class _Tables:
    """What has been read so far of a file; `words` are all its titles and notes."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.comparisons: list[Comparison] = []
        self.models: list[PaperModel] = []
        self.statistics: list[Statistic] = []
        self.findings: list[Finding] = []

    def add(self, grid: Grid, number: int) -> None:
        """Read one table."""
        match = _PLACE.match(plain(grid.title))
        place = match[1].strip() if match is not None else f"table {number}"
        if not grid.heads:
            self.findings.append(left_out(place, "what has no heading line", _NO_HEADS))
            return
        headings = headings_of(grid)
        grid = placed(grid, headings)
        blocks = blocks_of(headings, grid)
        spans = {span for span, _ in blocks}
        for span, columns in blocks:
            where = f"{place}, {span}" if len(spans) > 1 and span else place
            sheet = Sheet(where, grid, headings)
            self._block(sheet, span, columns)
            self.findings += sheet.findings
            for each in columns:
                if each.role == "unknown" and each.text and _has_values(each, grid):
                    why = "its heading is not understood"
                    self.findings.append(left_out(where, f"the column '{each.text}'", why))
        texts = [*grid.notes, *(line.text for line in grid.body if not _has_columns(line))]
        self.statistics += statistics_of(texts, place)

    def _block(self, sheet: Sheet, span: str, columns: Sequence[Heading]) -> None:
        effects = [each for each in columns if each.role in EFFECTS]
        groups = [each for each in columns if each.role in ("group", "total")]
        telling = [each for each in effects if each.role != "std_error"]
        if (
            any(each.role == "t" for each in columns)
            and telling
            and not any(each.role in ("ratio", "ratio_conf") for each in columns)
        ):
            self.findings.append(
                left_out(
                    sheet.place,
                    "a linear regression",
                    "its t has degrees of freedom that are not printed",
                )
            )
            return
        if groups:
            id = self._id("comparison")
            reader = ComparisonReader(sheet, columns, id, self.words, with_p=not telling)
            self.comparisons.append(reader.comparison())
        if telling:
            name = _model_name(span) or _model_name(sheet.grid.title) or "model"
            regression = RegressionReader(sheet, columns, self._id(name), self.comparisons)
            model = regression.model()
            if model.coefficient:
                self.models.append(model)

    def _id(self, name: str) -> str:
        taken = {*(each.id for each in self.comparisons), *(each.id for each in self.models)}
        number = 1
        while (told := name if number == 1 else f"{name} {number}") in taken:
            number += 1
        return told


def _model_name(words: str) -> str:
    """What a heading calls a regression; empty where it names both kinds or none."""
    lower = plain(words).lower()
    named = [name for name, told in _SAMPLES if re.search(told, lower)]
    return named[0] if len(named) == 1 else ""


def _has_columns(line: Line) -> bool:
    return sum(map(is_value, line.cells[1:])) > 1


def blocks_of(headings: Sequence[Heading], grid: Grid) -> list[tuple[str, tuple[Heading, ...]]]:
    """Columns that belong together: under one heading, or up to the next P of its own."""
    blocks: list[tuple[str, list[Heading]]] = [("", [])]
    for heading in _with_groups(headings, grid):
        if heading.role in ("label", "level"):
            continue
        span, columns = blocks[-1]
        over = heading.over if _divides(heading.over) else ""
        repeated = heading.role in {each.role for each in columns} and heading.role in (
            "p_value", "ratio", "ratio_conf", "estimate", "statistic", "conf",
        )  # fmt: skip
        after_p = heading.role in ("group", "total") and any(
            each.role == "p_value" for each in columns
        )
        if columns and ((over and over != span) or repeated or after_p):
            blocks.append((over, []))
        elif not columns:
            blocks[-1] = (over, columns)
        blocks[-1][1].append(heading)
    return [(span, tuple(columns)) for span, columns in blocks if columns]


def _divides(over: str) -> bool:
    """True for a heading that names an analysis or a sample, not limits of an interval."""
    return bool(over) and INTERVAL.search(bare(over)) is None


def _with_groups(headings: Sequence[Heading], grid: Grid) -> list[Heading]:
    """Columns without a known heading are groups where nothing speaks of a regression.

    Beside groups that are headed with their sizes they are something else.
    """
    roles = [each.role for each in headings]
    regression = bool(set(roles) & set(EFFECTS) - {"std_error"}) or roles.count("group") > 1
    settled = []
    for heading in headings:
        if heading.role == "unknown" and not regression and _has_values(heading, grid):
            heading = replace(heading, role="group")
        settled.append(heading)
    return settled


def _has_values(heading: Heading, grid: Grid) -> bool:
    place = heading.place
    return any(is_value(line.cells[place]) for line in grid.body if place < len(line.cells))


def _with_whole(subject: Subject, whole: Sequence[str]) -> Subject:
    names = list(dict.fromkeys(row.variable for table in subject.comparisons for row in table.rows))
    variables: dict[str, PaperVariable] = {}
    for asked in whole:
        found = [name for name in names if same_name(name, asked)]
        if not found:
            close = nearest(asked, names) or f" There are {listed(names)}."
            raise ArgumentError(f"'{asked}' is said to be whole, but no table compares it.{close}")
        for name in found:
            variables[name] = PaperVariable(
                label=Localised(en=name), timing="preoperative", whole=True
            )
    return replace(subject, variables=variables)
