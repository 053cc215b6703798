"""Compiled counting is NumPy's to the bit, and nobody waits for a compiler to have it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from tests.counting import memory

import vertebrisk
from vertebrisk.engines.threads import side_by_side
from vertebrisk.kernels import compiled
from vertebrisk.kernels.each import one_by_one
from vertebrisk.kernels.survival import concordance
from vertebrisk.kernels.survival.concordance import pair_influence, tied_in_time
from vertebrisk.kernels.survival.times import SurvivalTimes

pytest.importorskip("numba")

SOURCE = Path(vertebrisk.__file__).parents[1]


@pytest.fixture(scope="module", autouse=True)
def _off_again() -> Iterator[None]:
    yield
    compiled.switch_off()


def simulated(seed: int, size: int, distinct: int) -> tuple[SurvivalTimes, np.ndarray]:
    rng = np.random.default_rng(seed)
    times = rng.integers(0, distinct, size) / 4.0
    strata = rng.integers(0, 2, size) if seed % 2 else None
    score = rng.integers(0, distinct, size) - 0.25 * times
    return SurvivalTimes(times, rng.random(size) < 0.6, None, strata), score


def compared(times: SurvivalTimes, score: np.ndarray) -> None:
    ones = np.ones(times.size)
    compiled.switch_off()
    expected = pair_influence(times, score, ones)
    compiled.warm_up()
    assert concordance._plain(times, ones, ones)
    found = pair_influence(times, score, ones, each=side_by_side)
    for name in ("concordant", "discordant", "tied"):
        assert_array_equal(getattr(found.counts, name), getattr(expected.counts, name))
    assert_array_equal(found.net, expected.net)
    assert_array_equal(found.pairs, expected.pairs)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 60), st.sampled_from([1, 2, 5, 40]))
def test_every_pair_is_counted_once(seed: int, size: int, distinct: int) -> None:
    compared(*simulated(seed, size, distinct))


@pytest.mark.parametrize("cells", [1, 40, 2000])
def test_cells_of_ranks(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled.warm_up()
    from vertebrisk.kernels.compiled import pairs

    monkeypatch.setattr(pairs, "CELL_BITS", (2000 // cells).bit_length() - 1)
    monkeypatch.setattr(pairs, "STRETCH", 300)
    compared(*simulated(4, 2000, 10**6))
    compared(*simulated(5, 2000, 300))


@pytest.mark.parametrize("distinct", [30, 10**6])
def test_trees_of_several_storeys(distinct: int) -> None:
    compared(*simulated(2, 9000, distinct))


@pytest.mark.parametrize("ranks", [1 << 16, (1 << 16) + 1, 100_000, (1 << 17) + 1])
def test_trees_have_room_for_every_rank(ranks: int) -> None:
    """No walk meets more ranks than the places of a tree of four storeys."""
    rng = np.random.default_rng(ranks)
    times = SurvivalTimes(rng.integers(0, 3000, ranks) / 4.0, rng.random(ranks) < 0.5)
    compared(times, rng.permutation(ranks).astype(np.float64))


def test_weighted_patients_and_late_entries_are_left_to_numpy() -> None:
    times, _ = simulated(3, 50, 9)
    ones = np.ones(50)
    late = SurvivalTimes(times.exit + 1.0, times.event, times.exit * 0.5)
    compiled.warm_up()
    assert not concordance._plain(late, ones, ones)
    assert not concordance._plain(times, 2.0 * ones, ones)
    assert not concordance._plain(times, ones, 0.0 * ones)
    compiled.switch_off()
    assert not concordance._plain(times, ones, ones)


def test_ties_in_time_are_those_of_every_pair() -> None:
    times, score = simulated(5, 60, 6)
    weights = np.random.default_rng(5).integers(1, 4, 60).astype(np.float64)
    factor = 1.0 + times.exit  # shared by those of one time
    some = times.event[:, None] & times.event & (times.exit[:, None] == times.exit)
    some &= np.triu(times.groups[:, None] == times.groups, 1)
    product = np.where(some, weights[:, None] * weights * factor, 0.0)
    both = float(product[score[:, None] == score].sum())
    found = tied_in_time(times, score, weights, factor)
    assert found == pytest.approx((product.sum() - both, both), rel=1e-14)
    unlike = np.arange(60.0)
    assert tied_in_time(times, unlike, weights, factor) == pytest.approx((product.sum(), 0.0))


def test_small_work_does_not_load_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_on", None)
    monkeypatch.delenv(compiled.SWITCH, raising=False)
    asked: list[tuple[str, bool]] = []

    def found(module: str, *, compile_it: bool) -> bool:
        asked.append((module, compile_it))
        return True

    monkeypatch.setattr(compiled, "_found", found)
    assert not compiled.usable("others", 0.9)
    assert compiled.usable("others", 1.0)
    assert compiled.usable("others", 31.0)
    assert asked == [("others", False), ("others", True)]
    monkeypatch.setitem(sys.modules, f"{compiled.__name__}.others", compiled)
    assert compiled.usable("others", 0.1)
    assert len(asked) == 2
    monkeypatch.setenv(compiled.SWITCH, "0")
    assert not compiled.usable("others", 31.0)
    monkeypatch.delenv(compiled.SWITCH)
    monkeypatch.delitem(sys.modules, f"{compiled.__name__}.others")
    monkeypatch.setattr(compiled, "available", lambda: False)
    assert not compiled.usable("others", 31.0)


PROGRAM = """
import json
from vertebrisk.kernels import compiled
print(json.dumps([compiled.usable("later", seconds) for seconds in (2.0, {seconds}, 2.0)]))
"""


def asked(cache: Path, seconds: float) -> list[bool]:
    environment = {key: value for key, value in os.environ.items() if key != compiled.SWITCH}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(seconds=seconds)],
        env=environment | {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[bool] = json.loads(done.stdout)
    return found


def test_a_kernel_is_compiled_for_long_work_only_and_then_loaded(tmp_path: Path) -> None:
    """Two processes with numba and one compilation: the rule itself, some seconds."""
    assert asked(tmp_path, 100.0) == [False, True, True]
    assert asked(tmp_path, 2.0) == [True, True, True]


def test_counting_holds_some_numbers_a_patient() -> None:
    times, score = simulated(8, 20_000, 10**6)
    compiled.warm_up()
    from vertebrisk.kernels.compiled.pairs import count_pairs

    with memory() as held:
        count_pairs(times.exit, times.event, score, one_by_one)
    assert held.peak < 20 * 8 * 20_000  # its arrays, and the tree
