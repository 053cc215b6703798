"""Numbers that a paper prints more than once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_tables import PaperModel, Statistic
from vertebrisk.evidence.wald import FIELDS


@dataclass(frozen=True, slots=True)
class Repeat:
    """One number in two places: what it is, and the two prints with their places."""

    about: str
    name: str
    first: tuple[Printed, str]
    second: tuple[Printed, str]

    @property
    def agrees(self) -> bool:
        """True if some number rounds to both prints."""
        return _meet(self.first[0].interval, self.second[0].interval)

    @property
    def agrees_cut_off(self) -> bool:
        """True if some number gives both where digits may have been cut off."""
        return _meet(self.first[0].cut_off, self.second[0].cut_off)


def _meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def repeated_statistics(rows: Sequence[Statistic]) -> Iterator[Repeat]:
    """Statistics of one name, variable, group, model and set of patients."""
    keyed: dict[tuple[str, ...], list[Statistic]] = {}
    for row in rows:
        parts = (row.variable, row.level, row.group, row.model, row.patients)
        keyed.setdefault((row.name, *(each or "" for each in parts)), []).append(row)
    for (name, *rest), printed in keyed.items():
        for one, other in combinations(printed, 2):
            about = " ".join(filter(None, rest))
            yield Repeat(about, name, (one.value, one.place), (other.value, other.place))


def repeated_coefficients(models: Sequence[PaperModel]) -> Iterator[Repeat]:
    """Coefficients of one term in a table and in another that quotes it."""
    for one, other in combinations(models, 2):
        if other.quotes != one.id and one.quotes != other.id:
            continue
        rows = {(row.term, row.level): row for row in other.coefficient}
        for row in one.coefficient:
            again = rows.get((row.term, row.level))
            for field in FIELDS if again is not None else ():
                first, second = getattr(row, field), getattr(again, field)
                if first is not None and second is not None:
                    about = f"{row.term} {row.level}".strip()
                    yield Repeat(about, field, (first, one.place), (second, other.place))
