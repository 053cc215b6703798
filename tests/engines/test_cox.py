"""Cox regression of patients that come sorted: as in memory, whatever the chunks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.counting import CountedColumns, memory
from tests.kernels.survival.test_cox import data
from tests.models.test_cox_reference import fitted

from vertebrisk._types import FloatArray, Ties
from vertebrisk.engines import cox as driver
from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import ColumnWriter, HeldColumns
from vertebrisk.engines.cox import fit_cox_sorted
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.sorted_patients import SortedPatients
from vertebrisk.kernels.streamed import sorted_rows
from vertebrisk.kernels.survival.cox import CoxFits, fit_cox_batch
from vertebrisk.kernels.survival.times import SurvivalTimes

RTOL = 1e-10  # sums in another order; the last step of both leaves less than this

SHAPES: dict[str, dict[str, Any]] = {
    "heavy ties": {},
    "few ties": {"ties": False},
    "strata": {"strata": 3},
    "many strata": {"strata": 40},
}


def matrix(values: dict[str, Any]) -> FloatArray:
    return np.asarray(values["x"])


def in_order(
    columns: FloatArray, times: SurvivalTimes, **more: FloatArray | None
) -> SortedPatients:
    """The patients of a problem in memory, sorted; late entries as rows that take away."""
    weights, offset = more.get("weights"), more.get("offset")
    leaving, event, group = times.exit, times.event, times.groups
    if times.entry is not None:
        own = np.ones(times.size) if weights is None else weights
        columns, weights = np.concatenate([columns, columns]), np.concatenate([own, -own])
        leaving, group = np.concatenate([leaving, times.entry]), np.concatenate([group, group])
        event = np.concatenate([event, np.zeros_like(event)])
    order = np.lexsort((-leaving, group))
    held = {"x": columns, "time": leaving, "event": event, "group": group}
    given = {"weight": weights, "offset": offset}
    held |= {name: values for name, values in given.items() if values is not None}
    return SortedPatients(
        HeldColumns({name: values[order] for name, values in held.items()}),
        ("x",),
        matrix,
        stratum="group" if times.strata is not None else None,
        weights="weight" if weights is not None else None,
        offset="offset" if offset is not None else None,
    )


def assert_same(found: CoxFits, expected: CoxFits, rtol: float = RTOL) -> None:
    for name in ("beta", "information", "log_likelihood", "null_log_likelihood"):
        assert_allclose(getattr(found, name), getattr(expected, name), rtol=rtol, atol=1e-12)
    for name in ("rank", "converged", "separated", "iterations"):
        assert_array_equal(getattr(found, name), getattr(expected, name))


@pytest.fixture
def chunks(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> int:
    monkeypatch.setattr(engines, "CHUNK", request.param)
    monkeypatch.setattr(sorted_rows, "SHORTEST", max(1, request.param // 3))
    monkeypatch.setattr(sorted_rows, "CELLS", 1)
    return int(request.param)


@pytest.mark.parametrize("chunks", [19, 65_536], indirect=True)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("shape", SHAPES)
def test_sorted_patients_have_the_fit_in_memory(shape: str, ties: Ties, chunks: int) -> None:
    columns, times = data(3, 400, **SHAPES[shape])
    weights = np.asarray(0.7 * np.random.default_rng(1).integers(0, 3, 400), np.float64)
    offset = np.asarray(0.3 * columns[:, 0], np.float64)
    for mass, added in ((None, None), (weights, None), (None, offset)):
        expected = fit_cox_batch(
            columns,
            times,
            None if mass is None else mass[None],
            ties=ties,
            case_weights=True,
            offset=added,
        )
        patients = in_order(columns, times, weights=mass, offset=added)
        assert_same(fit_cox_sorted(patients, LocalEngine(), ties=ties), expected)


@pytest.mark.parametrize("chunks", [31], indirect=True)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_late_entries_are_taken_away(ties: Ties, chunks: int) -> None:
    columns, times = data(5, 300, late=True, strata=2)
    weights = np.random.default_rng(1).uniform(0.5, 2.0, 300)
    expected = fit_cox_batch(columns, times, weights[None], ties=ties, case_weights=True)
    found = fit_cox_sorted(in_order(columns, times, weights=weights), LocalEngine(), ties=ties)
    assert_same(found, expected)


@pytest.mark.parametrize("chunks", [7, 65_536], indirect=True)
@pytest.mark.parametrize("code", [1e6, 1e9])
@pytest.mark.parametrize("shape", [{}, {"strata": 2}, {"strata": 40}, {"late": True, "strata": 3}])
def test_codes_of_who_is_never_at_risk_have_no_part(
    shape: dict[str, Any], code: float, chunks: int
) -> None:
    columns, times = data(5, 300, **shape)
    times = replace(times, event=times.event & (times.exit > 0.25))
    first = np.full(300, np.inf)
    np.minimum.at(first, times.groups[times.event], times.exit[times.event])
    never = times.exit < first[times.groups]
    assert never.sum() > 20
    expected = fit_cox_batch(columns, times)
    columns[never, 1] = code
    assert_same(fit_cox_sorted(in_order(columns, times), LocalEngine()), expected)


@pytest.mark.parametrize("chunks", [64], indirect=True)
@pytest.mark.parametrize(
    "name", ["rotterdam_ties", "colon_marginal", "veteran_weights", "veteran_late_strata"]
)
def test_as_coxph(name: str, chunks: int) -> None:
    expected, fit, _ = fitted(name)
    weights = fit.likelihood.case_weights
    found = fit_cox_sorted(
        in_order(fit.matrix, fit.times, weights=weights),
        LocalEngine(2),
        ties=expected.get("ties", "efron"),
    )
    errors = np.sqrt(np.diag(found.covariance()))
    # coxph is iterated to a relative change of 1e-13 of the log-likelihood
    assert_allclose(found.beta[0], expected["beta"], rtol=1e-8)
    assert_allclose(errors, expected["naive_std_error"], rtol=1e-8)
    assert_allclose(found.log_likelihood[0], expected["log_likelihood"], rtol=1e-10)


@pytest.mark.parametrize("chunks", [64], indirect=True)
def test_threads_and_disk_give_the_same_bits(chunks: int, tmp_path: Path) -> None:
    columns, times = data(4, 1000, strata=2)
    patients = in_order(columns, times)
    held = patients.columns.read(slice(0, 1000), ("x", "time", "event", "group"))
    covariates = {f"x{place}": held["x"][:, place] for place in range(3)}
    rest = {name: values for name, values in held.items() if name != "x"}
    writer = ColumnWriter(tmp_path, {name: v.dtype for name, v in (covariates | rest).items()})
    writer.append(covariates | rest)
    stored = SortedPatients(
        writer.finish(),
        tuple(covariates),
        lambda values: np.column_stack(list(values.values())),
        stratum="group",
    )
    expected = fit_cox_sorted(patients, LocalEngine())
    for found in (
        fit_cox_sorted(patients, LocalEngine(3)),
        fit_cox_sorted(stored, LocalEngine()),
        fit_cox_sorted(stored, LocalEngine(2)),
    ):
        assert found.beta.tobytes() == expected.beta.tobytes()
        assert found.information.tobytes() == expected.information.tobytes()


@pytest.mark.parametrize("chunks", [50], indirect=True)
@pytest.mark.parametrize("strata", [0, 3])
def test_a_monotone_likelihood_is_found(strata: int, chunks: int) -> None:
    columns, times = data(2, 400, strata=strata)
    columns[:, 1] = np.where(times.event, 1.0, columns[:, 1] > 1.5)
    expected = fit_cox_batch(columns, times)
    assert expected.separated[0]
    found = fit_cox_sorted(in_order(columns, times), LocalEngine())
    assert found.separated[0]
    assert not found.converged[0]
    assert_allclose(found.log_likelihood, expected.log_likelihood, rtol=1e-8)
    along = found.direction[0] / np.linalg.norm(found.direction)
    assert_allclose(along, expected.direction[0] / np.linalg.norm(expected.direction), atol=1e-6)


def test_nobody_with_the_event() -> None:
    columns, times = data(1, 50)
    censored = SurvivalTimes(times.exit, np.zeros(50, np.bool_))
    found = fit_cox_sorted(in_order(columns, censored), LocalEngine())
    assert_array_equal(found.beta, np.zeros((1, 3)))
    assert found.rank[0] == 0


@pytest.mark.parametrize("chunks", [128], indirect=True)
def test_a_part_of_many_patients_begins(chunks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "PART", 300)
    columns, times = data(8, 3000)
    patients = in_order(columns, times)
    whole = fit_cox_sorted(patients, LocalEngine(), begin=False)
    counted = CountedColumns(patients.columns)
    some = SortedPatients(counted, ("x",), matrix)
    found = fit_cox_sorted(some, LocalEngine())
    assert found.iterations[0] < whole.iterations[0]
    assert_allclose(found.beta, whole.beta, rtol=RTOL)
    assert_allclose(found.information, whole.information, rtol=RTOL)
    # centre and spread, the part, and two for each of: information twice, gradients
    assert counted.passes("x") == 2 + 2 * (2 + 3)
    # who is at risk, and twice the times alone
    assert counted.passes("time") == counted.passes("x") + 3


def test_memory_is_that_of_a_few_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    columns, times = data(8, 32_768, 10, ties=False)
    patients = in_order(columns, times)
    monkeypatch.setattr(engines, "CHUNK", 4096)
    chunk = 4096 * 10 * 8
    with memory() as held:
        fit_cox_sorted(patients, LocalEngine(1))
    assert held.peak < 8 * chunk


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["efron", "breslow"]), st.integers(1, 60))
def test_order_within_a_time_and_units_do_not_matter(seed: int, ties: Ties, chunk: int) -> None:
    rng = np.random.default_rng(seed)
    columns, times = data(seed, 60, 2)
    mixed = rng.permutation(60)
    unit = np.array([10.0, 0.01])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "CHUNK", chunk)
        one = fit_cox_sorted(in_order(columns, times), LocalEngine(), ties=ties)
        other = fit_cox_sorted(
            in_order(columns[mixed] * unit + 5.0, times.take(mixed)), LocalEngine(), ties=ties
        )
    assert_array_equal(one.converged, other.converged)
    if one.converged[0]:
        # a flat likelihood keeps fewer digits of its maximum
        assert_allclose(other.beta * unit, one.beta, rtol=1e-6, atol=1e-6)
        assert_allclose(other.log_likelihood, one.log_likelihood, rtol=1e-9)
