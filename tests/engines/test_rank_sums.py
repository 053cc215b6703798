"""Rank sums of groups by a sort on disk, and columns made while they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from tests.counting import CountedColumns

from vertebrisk.engines import engine as engines
from vertebrisk.engines import sorting
from vertebrisk.engines.columns import HeldColumns, Values
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.quantiles import Groups
from vertebrisk.engines.rank_sums import GROUP, VALUE, grouped_ranks
from vertebrisk.engines.sorting import sorted_columns
from vertebrisk.kernels.ranks import midranks


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([-1.0, -0.0, 0.0, 2.0, 7.5, float("nan")]), st.integers(-1, 3)),
        min_size=1,
        max_size=40,
    ),
    st.integers(1, 9),
)
def test_ranks_are_those_of_all_values_together(rows: list[tuple[float, int]], chunk: int) -> None:
    """Runs of equal values begin and end anywhere in a chunk, or go on over several."""
    values, codes = (np.array(each) for each in zip(*rows, strict=True))
    columns = HeldColumns({"x": values, "group": codes})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "CHUNK", chunk)
        found = grouped_ranks(LocalEngine(2), columns, "x", Groups("group", 3))
    inside = ~np.isnan(values) & (codes >= 0) & (codes < 3)
    if not inside.any():
        assert found is None
        return
    assert found is not None
    ranks, members = midranks(values[inside] + 0.0), codes[inside]
    assert_array_equal(found.n, np.bincount(members, minlength=3))
    assert_array_equal(found.sums, np.bincount(members, ranks, minlength=3))
    _, tied = np.unique(values[inside] + 0.0, return_counts=True)
    assert found.ties == (tied**3 - tied).sum()
    assert found.constant == (tied.size == 1)


def test_values_are_read_once_and_what_was_sorted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[CountedColumns] = []

    def counted(*arguments: Any, **named: Any) -> CountedColumns:
        made.append(CountedColumns(sorted_columns(*arguments, **named)))
        return made[0]

    monkeypatch.setattr(sorting, "sorted_columns", counted)
    columns = CountedColumns(HeldColumns({"x": np.arange(90.0), "group": np.arange(90) % 3}))
    assert grouped_ranks(LocalEngine(2, chunk=20), columns, "x", Groups("group", 3)) is not None
    assert columns.passes("x") == columns.passes("group") == 1
    assert made[0].passes(VALUE) == made[0].passes(GROUP) == 1


def _sum(read: Mapping[str, Values]) -> Values:
    return read["a"] + read["b"]


def test_a_column_is_made_from_others_that_are_read_once() -> None:
    counted = CountedColumns(HeldColumns({"a": np.arange(4.0), "b": np.ones(4)}))
    columns = DerivedColumns(counted, {"c": Made(("a", "b"), _sum), "b": Made(("a",), _double)})
    assert columns.size == 4
    assert columns.names == ("a", "b", "c")
    found = columns.read(slice(1, 3), ("c", "a", "b"))
    assert_array_equal(found["c"], [2.0, 3.0])
    assert_array_equal(found["b"], [2.0, 4.0])
    assert counted.reads == 1
    assert counted.rows == {"a": 2, "b": 2}


def _double(read: Mapping[str, Values]) -> Values:
    return 2.0 * read["a"]
