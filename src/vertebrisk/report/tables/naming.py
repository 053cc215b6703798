"""What the variables, levels and coefficients of one result are called, in its language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vertebrisk.models.inference import INTERCEPT
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.words import Words


@dataclass(frozen=True, slots=True)
class Names:
    """Labels of variables by name, and of their levels by variable and level."""

    variables: Mapping[str, str]
    levels: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, result: StudyResult) -> Names:
        """The names of all that any table of a result shows."""
        compared = result.comparison.variables
        variables = {variable.variable: variable.label for variable in compared}
        levels = {
            (variable.variable, level.level): level.label or level.level
            for variable in compared
            for level in variable.levels
        }
        for row in (*result.univariable, *result.multivariable):
            if row.term and row.label and row.kind != "intercept":
                variables.setdefault(row.term, row.label)
            levels |= {key: label for key, label in _levels(row) if key not in levels}
        return cls(variables, levels)

    def variable(self, name: str) -> str:
        """A variable's label; its name where it has none."""
        return self.variables.get(name, name)

    def level(self, variable: str, level: str) -> str:
        """A level's label; the level itself where it has none."""
        return self.levels.get((variable, level), level)

    def coefficient(self, term: str, level: str | None, words: Words) -> str:
        """A coefficient as a table names it: ``Sex: Female``."""
        if term == INTERCEPT:
            return words("constant")
        name = self.variable(term)
        return f"{name}{words('colon')}{self.level(term, level)}" if level else name


def _levels(row: RegressionRow) -> Iterator[tuple[tuple[str, str], str]]:
    """The levels that a row of a regression names."""
    for level, shown in ((row.level, row.shown_level), (row.reference, row.shown_reference)):
        if level:
            yield (row.term, level), shown
