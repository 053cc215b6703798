"""One result with its words and numbered tables: what every section is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vertebrisk.report.page.references import marked
from vertebrisk.report.results.study import StudyFacts, StudyResult
from vertebrisk.report.tables.table import TableSpec
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import MISSING, Numbers

ALPHA = 0.05
"""Below it a P value makes a sentence speak of a difference or an association."""


def tied(text: str) -> str:
    """The text with spaces that no line break may use."""
    return text.replace(" ", "\u00a0")


@dataclass(frozen=True, slots=True, eq=False)
class Narration:
    """A result, the numbered tables that sentences refer to, and the words of its language."""

    result: StudyResult
    tables: Mapping[str, TableSpec]

    @property
    def facts(self) -> StudyFacts:
        """Title page of the study."""
        return self.result.facts

    @property
    def words(self) -> Words:
        """Texts of the result's language."""
        return Words.of(self.result)

    @property
    def numbers(self) -> Numbers:
        """The formatter of the report's numbers."""
        return self.words.numbers

    def table(self, key: str) -> str:
        """Number of a table as a reference to it, or a dash where the report has none."""
        return marked(self.tables[key].number) if key in self.tables else MISSING

    def unit(self) -> str:
        """What a row of the data is."""
        return self.words("vertebrae" if self.result.flow.unit == "vertebra" else "patients")

    def moment(self) -> str:
        """When the model is used."""
        return self.words.or_plain(self.facts.use_at, self.facts.use_at)
