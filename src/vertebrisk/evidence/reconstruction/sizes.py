"""Group sizes, checked against the totals, and what is noted on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vertebrisk._types import IntArray
from vertebrisk.errors import DataError
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.evidence.reconstruction.notes import Assumption, Conflict


@dataclass(frozen=True, slots=True)
class GroupSize:
    """One group: name, whether its patients had the event, and how many they are."""

    name: str
    event: bool
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    """One variable in every group: positions of levels, or numbers in whole steps.

    `values` has an array a group; -1 stands for a patient whose level is not printed.
    """

    name: str
    levels: tuple[str, ...]
    decimals: int
    values: tuple[IntArray, ...]

    @property
    def step(self) -> float:
        """Recorded precision of a number, 1 for levels."""
        return 1.0 if self.levels else 10.0**-self.decimals


@dataclass(slots=True)
class Log:
    """Assumptions and conflicts as they are met."""

    assumptions: list[Assumption] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def assume(self, about: str, text: str) -> None:
        """Note an assumption once."""
        entry = Assumption(about, text)
        if entry not in self.assumptions:
            self.assumptions.append(entry)


def group_sizes(study: PublishedStudy) -> tuple[GroupSize, ...]:
    """Sizes of the groups, checked against the totals.

    Raises
    ------
    DataError
        If there are no groups with and without the event, or the totals disagree.
    """
    sizes = tuple(
        GroupSize(group.name, group.event, whole(group.n, f"Group '{group.name}'"))
        for group in study.groups
    )
    if not any(group.event for group in sizes) or all(group.event for group in sizes):
        raise DataError(
            f"'{study.id}' has no groups with and without the event, so its patients cannot be "
            "made. Give [[groups]] their sizes, event = true for those with the outcome."
        )
    n, events = sum(g.n for g in sizes), sum(g.n for g in sizes if g.event)
    sampled = study.design.kind == "case-control"
    for what, stated, found in (
        ("n", study.design.n, n), ("n_events", study.design.n_events, events),
    ):  # fmt: skip
        if stated is not None and not sampled and whole(stated.value, what) != found:
            raise DataError(
                f"'{study.id}' has {what} = {stated.value} in [design], but its groups add up to "
                f"{found}. One of the two is wrong."
            )
    return sizes


def others_unsampled(study: PublishedStudy, sizes: Sequence[GroupSize]) -> tuple[int, int]:
    """Patients without and with the event that a case-control study did not sample."""
    population = study.design.population
    if study.design.kind != "case-control" or population is None:
        return 0, 0
    n, events = whole(population.n, "population"), whole(population.n_events, "population")
    sampled = sum(group.n for group in sizes if group.event)
    without = n - events - sum(group.n for group in sizes if not group.event)
    if events < sampled or without < 0:
        raise DataError(
            f"'{study.id}' has a population of {n} with {events} events in [design.population], "
            f"but groups of {', '.join(str(group.n) for group in sizes)} patients sampled from it."
        )
    return without, events - sampled


def whole(number: Printed, what: str) -> int:
    """A printed count.

    Raises
    ------
    DataError
        If it is not a whole number of 0 or more.
    """
    if number.bound or number.number != number.number.to_integral_value() or number.number < 0:
        raise DataError(f"{what} has {number.text} patients; a whole number is needed.")
    return int(number.number)
