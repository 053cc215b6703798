"""Concordance of sorted columns: the whole numbers of memory, however the rows are parted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.counting import MB, CountedColumns, memory

import vertebrisk as vr
from vertebrisk.engines import engine as engines
from vertebrisk.engines import pairs, sorting
from vertebrisk.engines.columns import HeldColumns, Values
from vertebrisk.engines.pairs import count_pairs
from vertebrisk.kernels.streamed.pairs import exact_product

RTOL = 1e-12  # squares are summed in floats in memory, and exactly here


def patients(size: int, moments: int, scores: int, seed: int = 1) -> HeldColumns:
    rng = np.random.default_rng(seed)
    time = rng.integers(1, moments + 1, size) * 0.1
    score = rng.integers(0, scores, size) / 8.0 - 0.3 * np.log(time)
    if scores < 1000:
        score = score.round(1)
    event = rng.random(size) < 0.4
    return HeldColumns({"time": time, "event": event.astype(np.uint8), "score": score})


class _Copies(CountedColumns):
    """What is read is a copy, as from a disk."""

    def read(self, rows: slice, names: Sequence[str]) -> dict[str, Values]:
        return {name: each.copy() for name, each in CountedColumns.read(self, rows, names).items()}


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 64)
    monkeypatch.setattr(sorting, "MEMORY", 1)
    monkeypatch.setattr(pairs, "HELD", 50)
    monkeypatch.setattr(pairs, "PARTS", 5)


@pytest.mark.parametrize("scores", [1, 3, 10**7])
@pytest.mark.parametrize("moments", [1, 4, 10**7])
def test_counts_and_error_are_those_of_memory(moments: int, scores: int, small_parts: None) -> None:
    columns = patients(900, moments, scores)
    if moments == 4:  # a time of many chunks, and the same but for rounding
        columns.values["time"][:500] = 0.3
        columns.values["time"][500:520] = 0.1 + 0.2
    values = columns.values
    expected = vr.concordance(values["time"], values["event"], values["score"])
    found = count_pairs(columns)
    sums = found.sums
    assert sums.concordant == expected.concordant
    assert sums.discordant == expected.discordant
    assert sums.pairs - sums.concordant - sums.discordant == expected.tied_score
    assert found.tied_time - sums.tied_both == expected.tied_time
    assert sums.tied_both == expected.tied_both
    assert_allclose(found.std_error, expected.std_error, RTOL, 1e-12)


def test_parts_and_chunks_do_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = patients(700, 60, 10**7, seed=3)
    whole = count_pairs(columns)
    for chunk, held, parts in ((37, 30, 2), (64, 200, 16), (1000, 10, 4)):
        monkeypatch.setattr(engines, "CHUNK", chunk)
        monkeypatch.setattr(pairs, "HELD", held)
        monkeypatch.setattr(pairs, "PARTS", parts)
        assert count_pairs(columns) == whole


def test_products_past_64_bits_are_exact() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.integers(-(2**32), 2**32, (2, 1000))
    product = sum(x * y for x, y in zip(a.tolist(), b.tolist(), strict=True))
    assert exact_product(a, b) == product
    assert exact_product(a, a) > 2**63


def test_rows_are_read_once_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 4096)
    monkeypatch.setattr(sorting, "MEMORY", MB)
    monkeypatch.setattr(pairs, "HELD", 8192)
    columns = CountedColumns(patients(60_000, 10**7, 10**7))
    sort, ordered = sorting.sorted_columns, []

    def counted(*arguments: Any, **named: Any) -> CountedColumns:
        ordered.append(CountedColumns(sort(*arguments, **named)))
        return ordered[0]

    monkeypatch.setattr(sorting, "sorted_columns", counted)
    with memory() as held:
        count_pairs(columns)
    assert columns.passes("time") == columns.passes("score") == columns.passes("event") == 1
    assert ordered[0].passes("time") == 6  # the least gap, moments, cuts, cells, pairs, ties
    assert ordered[0].passes("score") == ordered[0].passes("event") == 4
    assert held.peak < 3 * MB  # in memory 60,000 patients take 9 MB


def test_the_sample_keeps_no_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 4096)
    monkeypatch.setattr(pairs, "SAMPLE", 100)
    monkeypatch.setattr(pairs, "HELD", 20_000)
    values = dict(patients(100_000, 10**7, 10**7).values)
    values["time"].sort()
    source = pairs._Timed.of(_Copies(HeldColumns(values)))
    with memory() as held:
        assert pairs._cuts(source).size > 0
    assert held.peak < 0.5 * MB  # the column is 0.8 MB


def test_progress_ends_at_the_whole(small_parts: None) -> None:
    seen: list[tuple[str, int, int]] = []
    count_pairs(patients(600, 50, 10**7), lambda *told: seen.append(told))
    steps = [told[1:] for told in seen if told[0] == "pairs"]
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
