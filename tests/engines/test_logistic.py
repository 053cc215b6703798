"""Logistic regression over a stream: equal to the one in memory, in few passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from tests.counting import CountedColumns
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.engines import engine as engines
from vertebrisk.engines import logistic as driver
from vertebrisk.engines.columns import ColumnWriter, HeldColumns, StoredColumns
from vertebrisk.engines.engine import Chunk, LocalEngine
from vertebrisk.engines.logistic import StreamedFit, fit_logistic_stream
from vertebrisk.engines.logistic_passes import Regression
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch
from vertebrisk.kernels.streamed.logistic import bend, curvature
from vertebrisk.kernels.streamed.rows import Rows

RTOL = 1e-10  # both end where the next step changes nothing in twelve digits
RTOL_REFERENCE = 1e-8  # glm with epsilon = 1e-14


@dataclass(frozen=True)
class Patients:
    columns: FloatArray
    target: FloatArray
    weights: FloatArray | None = None
    offset: FloatArray | None = None

    def held(self) -> HeldColumns:
        values = {f"x{place}": column.copy() for place, column in enumerate(self.columns.T)}
        extra = {"target": self.target, "weights": self.weights, "offset": self.offset}
        return HeldColumns(values | {key: each for key, each in extra.items() if each is not None})

    def regression(self, engine: LocalEngine | None = None, columns: object = None) -> Regression:
        held = columns or self.held()
        predictors = [name for name in self.held().names if name.startswith("x")]

        def rows_of(chunk: Chunk) -> Rows:
            return Rows(
                tuple(chunk.values[name] for name in predictors),
                chunk.values["target"],
                chunk.values.get("weights"),
                chunk.values.get("offset"),
            )

        return Regression(engine or LocalEngine(1), held, self.held().names, rows_of)  # type: ignore[arg-type]

    def streamed(self, engine: LocalEngine | None = None, columns: object = None) -> StreamedFit:
        return fit_logistic_stream(self.regression(engine, columns))

    def in_memory(self) -> LogisticFits:
        design = np.column_stack([np.ones(self.target.size), self.columns])
        weights = np.ones(self.target.size) if self.weights is None else self.weights
        return fit_logistic_batch(design, self.target, weights[None], self.offset)


def patients(size: int, *, weights: bool = False, offset: bool = False, seed: int = 3) -> Patients:
    rng = np.random.default_rng(seed)
    columns = np.column_stack(
        [
            rng.normal(1e4, 3.0, size),
            rng.lognormal(size=size),
            rng.random(size) < 0.1,
            rng.integers(0, 4, size),
        ]
    ).astype(np.float64)
    moved = rng.normal(size=size)
    linear = (columns - columns.mean(axis=0)) @ [0.1, -0.5, 0.8, 0.3] - 1.0 + offset * moved
    target = (rng.random(size) < 1.0 / (1.0 + np.exp(-linear))).astype(np.float64)
    return Patients(
        columns,
        target,
        rng.integers(0, 4, size).astype(np.float64) if weights else None,
        moved if offset else None,
    )


def agree(found: StreamedFit, expected: LogisticFits) -> None:
    assert_allclose(found.fits.beta, expected.beta, rtol=RTOL)
    assert_allclose(found.fits.covariance(), expected.covariance(), rtol=RTOL)
    assert_allclose(found.fits.log_likelihood, expected.log_likelihood, rtol=RTOL)
    assert_array_equal(found.fits.rank, expected.rank)
    assert found.fits.converged[0] == expected.converged[0]
    assert found.finite


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 100)


@pytest.mark.parametrize("offset", [False, True])
@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("size", [300, 5077])
def test_equals_the_fit_in_memory(
    small_chunks: None, size: int, weights: bool, offset: bool
) -> None:
    asked = patients(size, weights=weights, offset=offset)
    agree(asked.streamed(), asked.in_memory())


def test_equals_the_fit_in_memory_where_a_part_comes_first() -> None:
    asked = patients(70_000)
    agree(asked.streamed(), asked.in_memory())


def test_threads_and_places_give_the_same_bits(small_chunks: None, tmp_path: Path) -> None:
    asked = patients(1234, weights=True, offset=True)
    expected = asked.streamed().fits
    held = asked.held()
    writer = ColumnWriter(tmp_path, dict.fromkeys(held.names, np.float64))
    writer.append(held.values)
    places: Sequence[object] = (held, writer.finish(), StoredColumns.open(tmp_path))
    for place in places:
        for threads in (1, 3):
            found = asked.streamed(LocalEngine(threads), place).fits
            assert_array_equal(found.beta, expected.beta)
            assert_array_equal(found.scaled_information, expected.scaled_information)


def test_agrees_with_glm(small_chunks: None) -> None:
    case = loader.load("logistic")["cases"]["pima_all"]
    frame = loader.frame("pima_tr")
    columns = frame.select(case["terms"][1:]).to_numpy().astype(np.float64)
    event = (frame["type"] == "Yes").cast(pl.Float64).to_numpy()
    found = Patients(columns, event).streamed()
    assert_allclose(found.fits.beta[0], case["coef"], rtol=RTOL_REFERENCE)
    errors = np.sqrt(np.diag(found.fits.covariance()))
    assert_allclose(errors, case["se"], rtol=1e-6)  # glm's weights are one step behind
    assert_allclose(found.fits.log_likelihood[0], case["log_likelihood"], rtol=RTOL_REFERENCE)
    assert_allclose(found.null_log_likelihood, case["log_likelihood_null"], rtol=RTOL_REFERENCE)


def test_the_offset_stays_in_the_null_model(small_chunks: None) -> None:
    asked = patients(900, weights=True, offset=True)
    constant = Patients(asked.columns[:, :0], asked.target, asked.weights, asked.offset)
    expected = constant.in_memory().log_likelihood[0]
    assert_allclose(asked.streamed().null_log_likelihood, expected, rtol=RTOL)
    plain = Patients(asked.columns, asked.target, asked.weights)
    expected = Patients(asked.columns[:, :0], asked.target, asked.weights).in_memory()
    assert_allclose(plain.streamed().null_log_likelihood, expected.log_likelihood[0], rtol=RTOL)


def test_rows_with_missing_values_are_left_out_and_counted(small_chunks: None) -> None:
    asked = patients(1000)
    asked.columns[[3, 100, 999], [0, 1, 3]] = np.nan
    asked.target[[3, 500]] = np.nan
    found = asked.streamed()
    known = ~(np.isnan(asked.columns).any(axis=1) | np.isnan(asked.target))
    agree(found, Patients(asked.columns[known], asked.target[known]).in_memory())
    assert (found.look.without_outcome, found.look.without_predictor) == (2, 2)
    assert found.look.size == found.look.weight == 996
    assert found.look.events == asked.target[known].sum()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-6, 1e6), st.floats(-1e5, 1e5))
def test_weights_repeat_rows_and_units_change_nothing(seed: int, unit: float, zero: float) -> None:
    asked = patients(400, weights=True, seed=seed)
    found = asked.streamed()
    times = asked.weights.astype(int) if asked.weights is not None else np.ones(400, int)
    columns = asked.columns.copy()
    columns[:, 1] = unit * columns[:, 1] + zero
    repeated = Patients(np.repeat(columns, times, axis=0), np.repeat(asked.target, times))
    other = repeated.streamed()
    digits = 1e-7 * max(1.0, abs(zero) / unit)  # what is left of a small spread far from zero
    assert_allclose(other.fits.beta[0, 2] * unit, found.fits.beta[0, 2], rtol=digits, atol=digits)
    assert_allclose(other.fits.beta[0, 3:], found.fits.beta[0, 3:], rtol=digits, atol=digits)
    assert_allclose(other.null_log_likelihood, found.null_log_likelihood, rtol=1e-9)


def test_a_separating_level_is_proved(small_chunks: None) -> None:
    asked = patients(2000)
    asked.target[asked.columns[:, 2] == 1.0] = 1.0
    found, expected = asked.streamed(), asked.in_memory()
    assert found.fits.separated[0]
    assert not found.fits.converged[0]
    assert not found.finite
    assert expected.separated[0]
    direction = found.fits.direction[0, 1:] * asked.columns.std(axis=0)
    assert np.argmax(np.abs(direction)) == 2
    assert direction[2] > 0
    assert np.abs(np.delete(direction, 2)).max() < 1e-3 * direction[2]
    assert_allclose(found.fits.log_likelihood, expected.log_likelihood, rtol=RTOL)


def test_complete_separation_is_proved(small_chunks: None) -> None:
    asked = patients(600)
    asked.target[:] = asked.columns[:, 1] > np.median(asked.columns[:, 1])
    found = asked.streamed()
    assert found.fits.separated[0]
    assert not found.finite
    assert found.fits.log_likelihood[0] > -1e-3


def test_dependent_columns_are_told(small_chunks: None) -> None:
    asked = patients(700)
    double = np.column_stack([asked.columns, asked.columns[:, 0] - 2.0 * asked.columns[:, 3]])
    found, expected = Patients(double, asked.target).streamed(), asked.in_memory()
    assert found.fits.deficient[0]
    assert found.fits.rank[0] == 5
    assert not found.finite
    assert_allclose(found.fits.log_likelihood, expected.log_likelihood, rtol=RTOL)


def test_patients_are_read_a_few_times() -> None:
    asked = patients(70_000)
    counted = CountedColumns(asked.held())
    found = asked.streamed(columns=counted)
    assert found.fits.converged[0]
    # one look, two slopes with the information of a part, one of Newton's points, a slope with
    # its information, and the point where that leads
    assert counted.passes("x0") == 6
    assert counted.longest <= engines.CHUNK


@pytest.mark.parametrize("offset", [False, True])
def test_information_moves_with_a_last_short_step(
    monkeypatch: pytest.MonkeyPatch, *, offset: bool
) -> None:
    asked = patients(70_000, weights=True, offset=offset)
    monkeypatch.setattr(driver, "STREAMED", 3_000)
    monkeypatch.setattr(driver, "MOVED", np.inf)
    monkeypatch.setattr(driver, "BENT", 0.0)
    expected = asked.streamed().fits.scaled_information[0]

    def error() -> float:
        size = np.sqrt(np.diag(expected))
        away = asked.streamed().fits.scaled_information[0] - expected
        return float(np.abs(away / np.outer(size, size)).max())

    monkeypatch.setattr(driver, "BENT", 1e-4)
    moved = error()
    monkeypatch.setattr(driver, "bend", lambda *_: np.zeros(()))
    assert moved < 0.3 * error()  # a part of 3,282 rows knows the change to some hundredths


def test_the_bend_is_the_derivative_of_the_information() -> None:
    asked = patients(5_000, weights=True, offset=True)
    rows = Rows(tuple(asked.columns.T), asked.target, asked.weights, asked.offset, whole=True)
    centre, beta = asked.columns.mean(axis=0), np.array([-1.0, 0.1, -0.5, 0.8, 0.3])
    step = 1e-4 * np.array([1.0, 0.1, -1.0, 2.0, 1.0])
    (_, _, before), (_, _, after) = (
        curvature(rows, centre, beta + sign * step) for sign in (-1.0, 1.0)
    )
    # central differences lose the third power of the step
    assert_allclose(bend(rows, centre, beta, 2.0 * step), after - before, rtol=1e-5)


@pytest.mark.parametrize(("place", "far"), [(-1, 1e3), (0, 1e3), (-1, -1e3), (-1, 1e5)])
def test_a_row_far_out_does_not_lead_the_climb_astray(place: int, far: float) -> None:
    """The estimate of a part without that row is absurd for all; no number comes of it."""
    rng = np.random.default_rng(3)
    column = rng.normal(size=3000)
    target = (rng.random(3000) < expit(0.7 * column - 1.0)).astype(np.float64)
    column[place], target[place] = far, 0.0
    design = np.column_stack([np.ones(3000), column])
    expected = fit_logistic_batch(design, target, np.ones((1, 3000)))
    held = HeldColumns({"x": column, "y": target})
    found = fit_logistic_stream(
        Regression(
            LocalEngine(1),
            held,
            held.names,
            lambda chunk: Rows((chunk.values["x"],), chunk.values["y"]),
        )
    )
    assert found.fits.converged[0]
    assert not found.fits.separated[0]
    # the slope of the column with the outlier is known to 1e-7 of its spread
    assert_allclose(found.fits.beta[0], expected.beta[0], rtol=1e-6, atol=1e-12)
    assert_allclose(found.fits.log_likelihood, expected.log_likelihood, rtol=1e-10)


def test_the_top_is_not_taken_for_a_separation() -> None:
    """Where a step that ends at the maximum still moves one row, far out, by much."""
    rng = np.random.default_rng(3)
    column = rng.normal(size=3000)
    target = (rng.random(3000) < expit(0.7 * column - 1.0)).astype(np.float64)
    column[0], target[0] = 1e6, 1.0
    held = HeldColumns({"x": column, "y": target})
    found = fit_logistic_stream(
        Regression(
            LocalEngine(1),
            held,
            held.names,
            lambda chunk: Rows((chunk.values["x"],), chunk.values["y"]),
        )
    )
    assert not found.fits.separated[0]
