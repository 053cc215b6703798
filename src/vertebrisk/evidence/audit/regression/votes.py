"""Which number of a row is off? The one that every failed formula shares and no other defends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vertebrisk.evidence.audit.regression.methods import Judged
from vertebrisk.evidence.audit.regression.numbers import RowNumbers


@dataclass(frozen=True, slots=True)
class Culprit:
    """Failed formulas that one number explains.

    `fields` is that number alone where the others outvote it; where two or more explain the
    failure equally well, all of them. `allowed` is all that the others allow it to be.
    """

    fields: tuple[str, ...]
    failed: tuple[Judged, ...]
    allowed: tuple[float, float] | None = None

    @property
    def outvoted(self) -> str:
        """The one number that is off, or empty."""
        return self.fields[0] if len(self.fields) == 1 and self.allowed is not None else ""


def culprits(
    row: RowNumbers, failed: Sequence[Judged], passed: Sequence[Judged]
) -> Iterator[Culprit]:
    """Failed formulas by the number that is off, those that explain most first."""
    left = list(failed)
    while left:
        fields = _suspects(left, passed)
        shared = [each for each in left if any(name in each.identity.fields for name in fields)]
        if len(fields) > 1:
            shared = [each for each in left if set(fields) <= set(each.identity.fields)] or left[:1]
        gone = {id(each) for each in shared}
        left = [each for each in left if id(each) not in gone]
        allowed = _allowed(row, fields[0], passed) if len(fields) == 1 else None
        yield Culprit(fields, tuple(shared), allowed)


def _suspects(failed: Sequence[Judged], passed: Sequence[Judged]) -> tuple[str, ...]:
    """Fields in most of the failed formulas; among those, in fewest of those that hold."""
    names = list(dict.fromkeys(name for each in failed for name in each.identity.fields))
    accused = {name: sum(name in each.identity.fields for each in failed) for name in names}
    most = max(accused.values())
    names = [name for name in names if accused[name] == most]
    defended = {name: sum(name in each.identity.fields for each in passed) for name in names}
    least = min(defended.values())
    return tuple(name for name in names if defended[name] == least)


def _allowed(row: RowNumbers, field: str, passed: Sequence[Judged]) -> tuple[float, float] | None:
    """What the numbers that agree with one another allow the outvoted one to be."""
    others = tuple(name for name in row.printed if name != field)
    found = row.recomputed(field, others)
    if found is None:
        agreeing = {name for each in passed for name in each.identity.fields} - {field}
        found = row.recomputed(field, tuple(agreeing)) if agreeing else None
    return found if found is not None and _bounded(found) else None


def _bounded(ends: tuple[float, float]) -> bool:
    return ends[0] > -1e3 and ends[1] < 1e6
