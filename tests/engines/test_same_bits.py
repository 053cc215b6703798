"""What is fitted in passes has the same bits, whoever makes the sums and wherever columns lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from tests.clusters import started

from vertebrisk.engines import engine as engines
from vertebrisk.engines import logistic as driver
from vertebrisk.engines.clustered import DaskEngine
from vertebrisk.engines.columns import Columns, ColumnWriter, HeldColumns, StoredColumns
from vertebrisk.engines.cox import fit_cox_sorted
from vertebrisk.engines.engine import Chunk, Engine, LocalEngine
from vertebrisk.engines.logistic import Regression, fit_logistic_stream
from vertebrisk.engines.quantiles import Groups, quantiles
from vertebrisk.engines.sorted_patients import SortedPatients
from vertebrisk.kernels.streamed import sorted_rows
from vertebrisk.kernels.streamed.rows import Rows

SIZE = 1_234
PREDICTORS = ("age", "volume", "cleft")


def invented() -> HeldColumns:
    rng = np.random.default_rng(11)
    age, volume = rng.normal(72, 8, SIZE), rng.lognormal(size=SIZE)
    cleft = (rng.random(SIZE) < 0.3).astype(np.float64)
    linear = 0.05 * (age - 72) + 0.2 * volume + 0.7 * cleft - 1.5
    event = (rng.random(SIZE) < 1 / (1 + np.exp(-linear))).astype(np.float64)
    time = np.sort(np.ceil(rng.exponential(200.0, SIZE)))[::-1].copy()
    return HeldColumns({"age": age, "volume": volume, "cleft": cleft, "event": event, "time": time})


def matrix(values: dict[str, Any]) -> Any:
    return np.column_stack([values[name] for name in PREDICTORS])


def rows_of(chunk: Chunk) -> Rows:
    return Rows(tuple(chunk.values[name] for name in PREDICTORS), chunk.values["event"])


def logistic(engine: Engine, columns: Columns) -> list[Any]:
    fits = fit_logistic_stream(Regression(engine, columns, (*PREDICTORS, "event"), rows_of)).fits
    return [fits.beta, fits.covariance(), fits.log_likelihood]


def cox(engine: Engine, columns: Columns) -> list[Any]:
    fits = fit_cox_sorted(SortedPatients(columns, PREDICTORS, matrix), engine)
    return [fits.beta, fits.information, fits.log_likelihood]


def middle(engine: Engine, columns: Columns) -> list[Any]:
    coded = Groups("cleft", 2)
    return [quantiles(engine, columns, ("age", "volume"), (0.25, 0.5, 0.75), coded)]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 100)
    monkeypatch.setattr(driver, "STRIDE", 1)  # the first estimate comes from all rows
    monkeypatch.setattr(sorted_rows, "SHORTEST", 30)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> StoredColumns:
    held = invented()
    writer = ColumnWriter(tmp_path_factory.mktemp("shared"), dict.fromkeys(held.names, np.float64))
    writer.append(held.values)
    return writer.finish()


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskEngine]:
    with started(2) as workers, DaskEngine(workers.scheduler_address) as engine:
        yield engine


@pytest.mark.parametrize("fitted", [logistic, cox, middle])
def test_threads_disk_and_workers_change_no_bit(
    fitted: Callable[[Engine, Columns], list[Any]], stored: StoredColumns, cluster: DaskEngine
) -> None:
    held = invented()
    expected = fitted(LocalEngine(1), held)
    assert all(np.isfinite(each).all() for each in expected)
    for engine, columns in (
        (LocalEngine(3), held),
        (LocalEngine(1), stored),
        (LocalEngine(2), stored),
        (cluster, held),
        (cluster, stored),
    ):
        for found, wanted in zip(fitted(engine, columns), expected, strict=True):
            assert_array_equal(found, wanted)
    # What a worker is told is code and sums: less than one column of the patients.
    assert 0 < cluster.sent < 8 * SIZE
