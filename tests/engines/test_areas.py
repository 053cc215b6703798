"""Areas under the ROC curve in whole numbers: exact, in any chunks and any tree."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.counting import MB, CountedColumns, memory

from vertebrisk.engines import areas, sorting
from vertebrisk.engines import engine as engines
from vertebrisk.engines.areas import counts_from, held_placements, placements, spread_scores
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.kernels.ranks import delong_covariance
from vertebrisk.kernels.streamed.areas import Placements, joined_scores, ordered_scores

RTOL = 1e-12  # of DeLong's covariance in memory, whose means are rounded


def exact(event: np.ndarray, score: np.ndarray) -> tuple[Fraction, Fraction]:
    """Area and DeLong's variance, pair by pair, in fractions."""
    cases, controls = score[event], score[~event]
    wins = [
        [Fraction(2 * int(a > b) + int(a == b), 2) for b in controls.tolist()]
        for a in cases.tolist()
    ]
    over = [sum(row) / controls.size for row in wins]
    under = [sum(column) / cases.size for column in zip(*wins, strict=True)]
    area = sum(over) / cases.size
    spread = [
        sum((value - area) ** 2 for value in values) / (len(values) - 1) / len(values)
        for values in (over, under)
    ]
    return area, sum(spread)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(-2, 3)), min_size=4, max_size=40),
    st.integers(0, 2**32),
)
def test_any_chunks_in_any_tree_give_the_exact_fractions(
    rows: list[tuple[bool, int]], seed: int
) -> None:
    rows = [(True, 0), (True, 1), (False, 0), (False, 3), *rows]
    event = np.array([row[0] for row in rows])
    score = np.array([float(row[1]) for row in rows])
    area, variance = exact(event, score)
    order = np.argsort(score)
    rng = np.random.default_rng(seed)
    cuts = [0, *np.unique(rng.integers(1, event.size, 5)).tolist(), event.size]
    parts = [
        ordered_scores(score[order[low:high]], event[order[low:high]])
        for low, high in pairwise(cuts)
    ]
    while len(parts) > 1:
        at = int(rng.integers(len(parts) - 1))
        parts[at : at + 2] = [joined_scores(parts[at], parts[at + 1])]
    found = parts[0].placements
    assert found.area == float(area)
    assert found.variance == float(variance)


def test_numbers_past_64_bits_are_exact() -> None:
    low, high = Placements.of_ties(10**9, 3 * 10**9), Placements.of_ties(2 * 10**9, 10**9)
    found = low.then(high)
    m, n = 3 * 10**9, 4 * 10**9
    assert found.over == 10**9 * 3 * 10**9 + 2 * 10**9 * (2 * 3 * 10**9 + 10**9)
    assert found.area == float(Fraction(found.over, 2 * m * n))
    assert found.over_squares > 2**63


@pytest.mark.parametrize("distinct", [2, 40, 10**9])
def test_a_sort_on_disk_gives_delong_of_memory(
    distinct: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CHUNK", 256)
    monkeypatch.setattr(sorting, "MEMORY", 1)
    rng = np.random.default_rng(4)
    score = rng.integers(0, distinct, 5000) / 8.0
    event = rng.random(5000) < 0.2 + 0.3 * (score > np.median(score))
    columns = CountedColumns(HeldColumns({"event": event.astype(np.uint8), "score": score}))
    area, covariance = delong_covariance(event, score[None])
    expected = held_placements(event, score)
    assert expected.area == pytest.approx(area[0], rel=RTOL)
    assert expected.variance == pytest.approx(covariance[0, 0], rel=RTOL)
    with areas.scores_in_order(columns) as ordered:
        assert columns.passes("score") == columns.passes("event") == 1
        counted = CountedColumns(ordered)
        assert placements(LocalEngine(2), counted) == expected
        assert counted.passes("score") == counted.passes("event") == 1
        thresholds = spread_scores(ordered, 9)
        found = counts_from(LocalEngine(), ordered, thresholds)
    assert thresholds[0] == score.min()
    assert thresholds[-1] == score.max()
    reached = score >= thresholds[:, None]
    assert np.array_equal(found, [(reached & event).sum(axis=1), (reached & ~event).sum(axis=1)])


def test_memory_does_not_grow_with_the_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    columns = HeldColumns(
        {"event": rng.integers(0, 2, 200_000, np.uint8), "score": rng.random(200_000)}
    )
    monkeypatch.setattr(sorting, "MEMORY", MB)
    monkeypatch.setattr(engines, "CHUNK", 8192)
    with memory() as held, areas.scores_in_order(columns) as ordered:
        placements(LocalEngine(1), ordered)
    assert held.peak < 1.25 * MB  # the columns and their order are 3.4 MB
