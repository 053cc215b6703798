"""Rank sums of the groups of a column of any length, by a sort on disk."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from vertebrisk.engines import sorting
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.engines.quantiles import Groups
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.kernels.streamed.rank_sums import RankSums, added_ranks, rank_sums

VALUE, GROUP = "value", "group"
_ROW = 2 * (8 + 2)  # bytes of a row on disk, in runs and in the result


def grouped_ranks(engine: Engine, columns: Columns, name: str, groups: Groups) -> RankSums | None:
    """Ranks of the values of a column that are not missing and in a group.

    The values and their groups are read once, sorted in a scratch folder, and read once more.
    None where there is no value.

    Raises
    ------
    DataError
        Where the disk has no room for them.
    """
    own = DerivedColumns(
        columns,
        {
            VALUE: Made((name, groups.column), partial(_inside, name=name, groups=groups)),
            GROUP: Made((groups.column,), partial(_narrow, name=groups.column)),
        },
    )
    with ScratchFolder(needed=_ROW * columns.size) as scratch:
        folder = scratch.path / "sorted"
        ordered = sorting.sorted_columns(
            own, (VALUE, GROUP), (VALUE,), folder, leave_out=(VALUE,), memory=sorting.MEMORY
        )
        if ordered.size == 0:
            return None
        work = partial(_ranked, groups=groups.count)
        return engine.reduce(ordered, (VALUE, GROUP), work, added_ranks, "ranks")


def _inside(read: Mapping[str, Values], name: str, groups: Groups) -> Values:
    code = read[groups.column]
    inside = (code >= 0) & (code < groups.count)
    return np.where(inside, read[name].astype(np.float64), np.nan)


def _narrow(read: Mapping[str, Values], name: str) -> Values:
    return read[name].astype(np.int16)


def _ranked(chunk: Chunk, groups: int) -> RankSums:
    return rank_sums(chunk.values[VALUE], chunk.values[GROUP], groups)
