"""Exact order statistics of columns that are read in chunks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from vertebrisk._types import FloatArray
from vertebrisk.engines import engine as engines
from vertebrisk.engines import quantiles as selecting
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.quantiles import Groups, order_statistics, quantiles
from vertebrisk.kernels.streamed.selecting import images_of, values_of

SHARES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.9, 1.0)
INF = float("inf")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 512)


@dataclass
class Passes:
    """Counts the passes over the data."""

    done: int = field(default=0)

    def __call__(self, step: str, done: int, total: int) -> None:
        self.done += done == total


def patients(size: int) -> dict[str, FloatArray]:
    rng = np.random.default_rng(3)
    age = rng.integers(50, 95, size).astype(np.float64)
    age[::11] = np.nan
    return {
        "age": age,
        "t_score": rng.normal(-3, 1, size),
        "bmi": rng.normal(24, 3, size).round(1),
        "volume": rng.lognormal(size=size) * np.where(rng.random(size) < 0.3, 0.0, 1.0),
        "group": rng.integers(-1, 3, size).astype(np.int8),
    }


def test_quantiles_are_those_of_numpy_in_every_group() -> None:
    data = patients(5000)
    names = ("age", "t_score", "bmi", "volume")
    found = quantiles(LocalEngine(2), HeldColumns(data), names, SHARES, Groups("group", 3))
    whole = quantiles(LocalEngine(), HeldColumns(data), names, SHARES)
    assert found.shape == (4, 4, 7)
    assert whole.shape == (4, 1, 7)
    code = data["group"]
    for row, name in enumerate(names):
        known = ~np.isnan(data[name])
        for group, members in enumerate([*(code == each for each in range(3)), code >= 0]):
            expected = np.quantile(data[name][members & known], SHARES)
            assert_array_equal(found[row, group], expected)
        assert_array_equal(whole[row, 0], np.quantile(data[name][known], SHARES))


@given(
    st.lists(
        st.one_of(
            st.sampled_from([0.0, -0.0, 1.0, -1.0, 5e-324, INF, -INF, float("nan")]),
            st.floats(allow_nan=False),
        ),
        max_size=40,
    ),
    st.integers(1, 16),
    st.integers(0, 1),
)
def test_any_numbers_are_put_in_order(values: list[float], digits: int, few: int) -> None:
    column = np.array(values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "CHUNK", 7)
        patch.setattr(selecting, "DIGITS", digits)
        patch.setattr(selecting, "FEW", few * 100)
        found = order_statistics(LocalEngine(), HeldColumns({"x": column}), ("x",), np.arange)
    expected = np.sort(column[~np.isnan(column)])
    assert found.sizes.tolist() == [[expected.size]]
    assert_array_equal(found.values[0, 0], expected)


def test_images_keep_the_order_and_come_back() -> None:
    values = np.array([-INF, -1.5, -5e-324, 0.0, 5e-324, 1.0, np.nextafter(1.0, 2.0), INF])
    assert (np.diff(images_of(values).astype(object)) > 0).all()
    assert_array_equal(values_of(images_of(values)), values)
    assert images_of(np.array([-0.0])) == images_of(np.array([0.0]))


def test_nothing_is_found_where_there_is_nothing() -> None:
    data = {"x": np.array([np.nan, 2.0, 3.0]), "group": np.array([0, 1, -1])}
    found = quantiles(LocalEngine(), HeldColumns(data), ("x",), (0.5,), Groups("group", 2))
    assert_array_equal(found[0, :, 0], [np.nan, 2.0, 2.0])
    empty = HeldColumns({"x": np.empty(0)})
    assert_array_equal(quantiles(LocalEngine(), empty, ("x",), (0.5,)), [[[np.nan]]])


@pytest.mark.parametrize(("name", "passes"), [("age", 2), ("bmi", 2), ("t_score", 2), ("near", 4)])
def test_few_passes_over_the_data_are_made(
    name: str, passes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selecting, "FEW", 1)
    counted = Passes()
    data = HeldColumns(patients(20_000) | {"near": 1.0 + 2.0**-52 * np.arange(20_000)})
    quantiles(LocalEngine(1, counted), data, (name,), (0.25, 0.5, 0.75), Groups("group", 3))
    assert counted.done == passes


def test_fewer_bits_are_looked_at_where_more_is_wanted_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is held does not grow with columns and groups."""
    monkeypatch.setattr(selecting, "HELD", 64)
    monkeypatch.setattr(selecting, "FEW", 0)
    held: list[int] = []
    counted = selecting._Scan.count

    def watched(scan: selecting._Scan, *told: object) -> object:
        found = counted(scan, *told)  # type: ignore[arg-type]
        held.append(found.codes.size)
        return found

    monkeypatch.setattr(selecting._Scan, "count", watched)
    data = patients(2000)
    found = quantiles(LocalEngine(), HeldColumns(data), ("t_score", "bmi"), (0.5,))
    assert_array_equal(found[:, 0, 0], [np.median(data[name]) for name in ("t_score", "bmi")])
    assert max(held) <= 64
