"""The normal form of what is audited: tables, numbers and claims of a paper, from any source.

A published study has all of it; a pasted table has one table and little else. Cells that
are not printed are None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_comparisons import LISTS, ComparisonTable
from vertebrisk.evidence.printed_tables import PaperModel, Statement, Statistic
from vertebrisk.evidence.published import Compared, PaperVariable, PublishedStudy

Cells = tuple[Printed | None, ...]
Spread = Literal["sd", "se"]


@dataclass(frozen=True, slots=True)
class Group:
    """One column of a comparison.

    `n` is its printed size. `event` is True for the patients with the outcome, None where
    the groups are not by the outcome. `total` marks a column of all patients.
    """

    name: str
    place: str
    n: Printed | None = None
    event: bool | None = None
    total: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """Counts and percentages of one level, one a group."""

    name: str
    count: Cells = ()
    percent: Cells = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One variable of a comparison; cells are in the order of the groups.

    `spread` says whether `sd` was headed as a standard deviation or a standard error.
    `missing` are printed numbers of missing values, `sizes` of patients with a value.
    `test` is what the row itself names, such as ``fisher``, or empty.
    """

    variable: str
    place: str
    levels: tuple[Level, ...] = ()
    mean: Cells = ()
    sd: Cells = ()
    spread: Spread = "sd"
    median: Cells = ()
    lower_quartile: Cells = ()
    upper_quartile: Cells = ()
    minimum: Cells = ()
    maximum: Cells = ()
    missing: Cells = ()
    sizes: Cells = ()
    test: str = ""
    statistic: Printed | None = None
    p_value: Printed | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A table that compares groups. `missing_told`: the print says that values are missing."""

    id: str
    place: str
    groups: tuple[Group, ...]
    rows: tuple[Row, ...]
    missing_told: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What an audit reads.

    Attributes
    ----------
    id, title : str
        Of the paper, or of the pasted table.
    comparisons : tuple of Comparison
        Tables that compare groups; the first is the development sample's.
    models : tuple of PaperModel
        Regression tables.
    statistics, statements : tuple
        Numbers in the text, and claims in words.
    variables : dict
        Coding of the variables that has been described.
    study : PublishedStudy or None
        The whole file, where there is one.
    """

    id: str
    title: str
    comparisons: tuple[Comparison, ...] = ()
    models: tuple[PaperModel, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    statements: tuple[Statement, ...] = ()
    variables: dict[str, PaperVariable] = field(default_factory=dict)
    study: PublishedStudy | None = None

    @property
    def main(self) -> Comparison | None:
        """The comparison of patients with and without the outcome, if there is one."""
        return next(
            (
                each
                for each in self.comparisons
                if {group.event for group in each.groups if not group.total} >= {True, False}
            ),
            None,
        )

    def label(self, variable: str) -> str:
        """English label of a variable; its name where it has none."""
        described = self.variables.get(variable)
        return described.label.text("en") if described is not None else variable


def subject_of(study: PublishedStudy) -> Subject:
    """The normal form of a published study."""
    comparisons = []
    if study.groups:
        groups = tuple(Group(each.name, each.place, each.n, each.event) for each in study.groups)
        place = study.compared[0].place if study.compared else study.groups[0].place
        rows = tuple(_row(each) for each in study.compared)
        comparisons.append(Comparison("compared", place, groups, rows))
    comparisons += [_comparison(table) for table in study.comparison]
    return Subject(
        id=study.id,
        title=study.citation.text,
        comparisons=tuple(comparisons),
        models=study.model,
        statistics=study.statistic,
        statements=study.statement,
        variables=dict(study.variables),
        study=study,
    )


def _row(row: Compared) -> Row:
    return Row(
        variable=row.variable,
        place=row.place,
        levels=tuple(Level(name, cells.count, cells.percent) for name, cells in row.levels.items()),
        mean=row.mean,
        sd=row.sd,
        median=row.median,
        lower_quartile=row.lower_quartile,
        upper_quartile=row.upper_quartile,
        test=row.test or "",
        statistic=row.statistic,
        p_value=row.p_value,
    )


def _comparison(table: ComparisonTable) -> Comparison:
    groups = tuple(
        Group(each.name, table.place, each.n, each.event, each.total) for each in table.groups
    )
    rows = tuple(
        Row(
            variable=each.variable,
            place=table.place,
            levels=tuple(
                Level(name, cells.count, cells.percent) for name, cells in each.levels.items()
            ),
            test=each.test or "",
            spread=each.spread,
            statistic=each.statistic,
            p_value=each.p_value,
            **{name: getattr(each, name) for name in LISTS},
        )
        for each in table.row
    )
    return Comparison(table.id, table.place, groups, rows, table.missing_told)
