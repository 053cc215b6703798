"""Sums over what comes later, by both ways, against every pair looked at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival import later

Pairs = tuple[IntArray, IntArray]


def every_pair(
    queries: Pairs, items: Pairs, amount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    after = items[0] > queries[0][:, None]
    shape = np.broadcast_shapes(queries[1].shape[:1], items[1].shape[:1], amount.shape[:1])
    found = []
    for row in range(shape[0]):
        asked, held, mass = (
            each[row if each.shape[0] > 1 else 0] for each in (queries[1], items[1], amount)
        )
        lower, same = held < asked[:, None], held == asked[:, None]
        found.append([(after & lower) @ mass, (after & same) @ mass, after @ mass])
    below, equal, every = np.array(found).transpose(1, 0, 2)
    return below, equal, every


def simulated(seed: int, size: int, own: int, replicates: int) -> tuple[Pairs, Pairs, FloatArray]:
    rng = np.random.default_rng(seed)
    times, values = rng.integers(0, max(2, size // 2), (2, size))
    ranks = rng.integers(0, max(2, size // 3), (own, size))
    asked = rng.random(size) < 0.6
    queries = 2 * times[asked], ranks[:, asked]
    amount = rng.integers(0, 4, (replicates, size)).astype(np.float64)
    return queries, (2 * times + values % 2, ranks), amount


@given(
    seed=st.integers(0, 10_000),
    size=st.integers(1, 40),
    shape=st.sampled_from([(1, 1), (1, 3), (3, 3), (3, 1)]),
)
def test_both_ways_look_at_every_pair(seed: int, size: int, shape: tuple[int, int]) -> None:
    queries, items, amount = simulated(seed, size, *shape)
    wanted = every_pair(queries, items, amount)
    for way in (later._by_blocks, later._one_by_one):
        for found, sums in zip(way(queries, items, amount), wanted, strict=True):
            assert_array_equal(found, sums)  # of whole numbers


@pytest.mark.parametrize("replicates", [1, 2])
def test_many_patients_are_halved(replicates: int) -> None:
    queries, items, amount = simulated(1, 9000, 1, replicates)
    blocks = later._by_blocks(queries, items, amount + 0.1)
    for found, sums in zip(later.later_sums(queries, items, amount + 0.1), blocks, strict=True):
        assert_allclose(found, sums, rtol=1e-12, atol=1e-9)  # of running sums over thousands
