"""Every variable's values inside each group, before anything goes together.

Counts are taken as printed. Where none are, they follow ``[assumed]``, and failing that
levels other than the first are equally frequent and make up 30 % of the patients without
the event, more or fewer with it where the paper calls the difference significant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from vertebrisk.errors import DataError
from vertebrisk.evidence.published import Compared, PublishedStudy
from vertebrisk.evidence.reconstruction.assumed import Assumed
from vertebrisk.evidence.reconstruction.numbers import (
    SIGNIFICANT_Z,
    inverse_sizes,
    make_numbers,
    stated_shift,
)
from vertebrisk.evidence.reconstruction.sizes import GroupSize, Log, Margin, whole

OTHER_LEVELS = 0.3


def make_margin(
    study: PublishedStudy,
    assumed: Assumed,
    name: str,
    sizes: Sequence[GroupSize],
    log: Log,
    rng: np.random.Generator,
) -> Margin:
    """Values of one variable in every group, in random order.

    Raises
    ------
    DataError
        If printed counts exceed a group, or limits exclude a printed mean.
    """
    row = next((each for each in study.compared if each.variable == name and _counted(each)), None)
    described = study.variables[name]
    if described.levels:
        counts = _printed_counts(name, described.levels, row, sizes, log) if row else None
        if counts is None:
            counts = _assumed_counts(study, assumed, name, sizes, log)
        codes = [np.repeat(np.arange(-1, len(described.levels)), each) for each in counts]
        return Margin(name, described.levels, 0, tuple(rng.permutation(each) for each in codes))
    return make_numbers(study, assumed, name, row, sizes, log, rng)


def _counted(row: Compared) -> bool:
    return bool((row.mean and row.sd) or row.median) or any(
        cells.count for cells in row.levels.values()
    )


def _printed_counts(
    name: str,
    levels: tuple[str, ...],
    row: Compared,
    sizes: Sequence[GroupSize],
    log: Log,
) -> list[list[int]] | None:
    """Counts of missing and of each level in every group; a level left out takes the rest."""
    given = {level: cells.count for level, cells in row.levels.items() if cells.count}
    absent = [level for level in levels if level not in given]
    found = []
    for place, group in enumerate(sizes):
        counts = {level: whole(cells[place], f"'{name}'") for level, cells in given.items()}
        missing = group.n - sum(counts.values())
        if missing < 0:
            raise DataError(
                f"'{name}' ({row.place}) has {sum(counts.values())} patients in the group "
                f"'{group.name}', which has {group.n}. The counts contradict the size."
            )
        if len(absent) == 1:
            counts[absent[0]], missing = missing, 0
        elif missing:
            log.assume(
                name,
                f"{missing} of the {group.n} patients of '{group.name}' are in none of the "
                "printed levels and have no value.",
            )
        found.append([missing, *(counts.get(level, 0) for level in levels)])
    return found


def _assumed_counts(
    study: PublishedStudy,
    assumed: Assumed,
    name: str,
    sizes: Sequence[GroupSize],
    log: Log,
) -> list[list[int]]:
    levels = study.variables[name].levels
    given = assumed.distribution.get(name)
    if given is not None and given.share:
        shares = [[given.share.get(level, (0.0,) * len(sizes))[g] for level in levels[1:]]
                  for g in range(len(sizes))]  # fmt: skip
        text = "shares assumed: " + "; ".join(
            f"{level} " + ", ".join(f"{share[g]:.0%} of '{group.name}'"
                                    for g, group in enumerate(sizes))
            for level, share in given.share.items()
        )  # fmt: skip
    else:
        base = OTHER_LEVELS / (len(levels) - 1)
        shift = stated_shift(study, name)
        error = math.sqrt(OTHER_LEVELS * (1 - OTHER_LEVELS) * inverse_sizes(sizes))
        raised = min(max(OTHER_LEVELS + shift * SIGNIFICANT_Z * error, 0.02), 0.95)
        shares = [
            [(raised if group.event else OTHER_LEVELS) / OTHER_LEVELS * base] * (len(levels) - 1)
            for group in sizes
        ]
        text = "no counts are printed; default shares" + (
            ", with a difference that is significant as stated"
            if shift
            else ", equal in the groups"
        )
    log.assume(name, text + ".")
    return [_rounded(share, group.n) for share, group in zip(shares, sizes, strict=True)]


def _rounded(shares: Sequence[float], n: int) -> list[int]:
    """No missing, the first level's rest, then whole counts nearest to the shares."""
    counts = [round(share * n) for share in shares]
    while sum(counts) > n:
        counts[int(np.argmax(counts))] -= 1
    return [0, n - sum(counts), *counts]
