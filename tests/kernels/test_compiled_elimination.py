"""Compiled backward elimination chooses, resample by resample, what NumPy's chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.models.cases import quiet_fit
from tests.models.test_backward import FORMULA, patients

from vertebrisk._types import BoolArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.models.development import Development, Selection
from vertebrisk.models.selection.backward import Backward

pytest.importorskip("numba")
pytestmark = pytest.mark.filterwarnings("ignore::vertebrisk.errors.VertebriskWarning")

RESAMPLES = 60


@pytest.fixture(autouse=True)
def _off_again() -> Iterator[None]:
    yield
    compiled.switch_off()


def rare() -> tuple[str, pl.DataFrame]:
    """Few events, correlated numbers, and levels that often hold no event of a resample."""
    return FORMULA, patients()


def small() -> tuple[str, pl.DataFrame]:
    """60 patients, whose resamples are often separated by more than a level."""
    return "y ~ a + b + c + rare + sex", patients(60)


def large() -> tuple[str, pl.DataFrame]:
    """3000 patients, none separated."""
    return FORMULA, patients(3000)


def many_levels() -> tuple[str, pl.DataFrame]:
    """Levels by the dozen, some of which a resample lacks."""
    rng = np.random.default_rng(8)
    names = [f"v{number}" for number in range(12)]
    frame = patients(400).with_columns(pl.Series("level", rng.choice(names, 400)))
    kept = frame.with_columns(pl.col("level").cast(pl.Enum(names)))
    return "y ~ a + b + level + sites + rare + sex", kept


def near_collinear() -> tuple[str, pl.DataFrame]:
    """A column that is nearly the sum of two others."""
    noise = 1e-3 * np.random.default_rng(2).normal(size=160)
    frame = patients().with_columns((pl.col("a") + pl.col("b") + pl.Series(noise)).alias("sum"))
    return "y ~ a + b + sum + c + rare + sites", frame


def near_separation() -> tuple[str, pl.DataFrame]:
    """A number that tells nearly all events from the rest, and in some resamples all."""
    rng = np.random.default_rng(4)
    tell = rng.normal(size=160) + 3.0 * patients()["y"].to_numpy()
    return "y ~ tell + a + b + rare + sex", patients().with_columns(pl.Series("tell", tell))


def nested() -> tuple[str, pl.DataFrame]:
    """Levels that have one outcome alone once the patients of another are set aside."""
    rng = np.random.default_rng(6)
    site, grade = rng.integers(0, 4, 200), rng.integers(0, 3, 200)
    event = rng.random(200) < 0.4
    event &= ~((grade == 2) & (site != 1))
    event |= site == 1
    exceptions = np.flatnonzero((site == 1) | (grade == 2))[[0, 1, 5, 6]]
    event[exceptions] = ~event[exceptions]
    frame = pl.DataFrame({
        "y": event,
        "site": [f"s{value}" for value in site],
        "grade": [f"g{value}" for value in grade],
        "age": rng.normal(size=200),
        "bmi": rng.normal(size=200),
    })  # fmt: skip
    return "y ~ age + bmi + site + grade", frame


Make = Callable[[], tuple[str, pl.DataFrame]]
ALL: list[Make] = [rare, small, large, many_levels, near_collinear, near_separation, nested]


def procedure(make: Make, **rule: Any) -> Development:
    formula, frame = make()
    return quiet_fit(formula, frame, select=Selection("backward", **rule)).development


def both(development: Development, *, approximate: bool) -> tuple[BoolArray, BoolArray, BoolArray]:
    """What stays by NumPy, what stays by the compiled kernels, and where these know it."""
    backward = development._backward
    size = backward.matrix.shape[0]
    drawn = bootstrap_weights(size, RESAMPLES if size < 1000 else 15, 3)
    compiled.switch_off()
    expected = backward.eliminated(drawn, approximate=approximate)
    compiled.warm_up()
    seen: list[BoolArray] = []
    own = Backward._one_by_one

    def watched(*given: Any, **asked: Any) -> tuple[BoolArray, BoolArray]:
        found, known = own(*given, **asked)
        seen.append(known.copy())
        return found, known

    with patch.object(Backward, "_one_by_one", watched):
        found = backward.eliminated(drawn, approximate=approximate)
    return expected, found, seen[0]


RULES = [("p", True), ("p", False), ("aic", True), ("aic", False)]
CASES = [(make, *rule) for make in ALL for rule in RULES] + [(rare, "bic", False)]


@pytest.mark.parametrize(("make", "criterion", "approximate"), CASES)
def test_every_resample_keeps_what_numpy_keeps(
    make: Make, criterion: str, approximate: bool
) -> None:
    development = procedure(make, criterion=criterion, alpha=0.1)
    expected, found, known = both(development, approximate=approximate)
    assert_array_equal(found, expected)
    assert known.mean() > {near_separation: 0.3, near_collinear: 0.5}.get(make, 0.9)
    assert len({tuple(row) for row in expected.tolist()}) > 3


def test_a_resample_uses_columns_of_its_own() -> None:
    """Fits on masked columns are those of NumPy: finite, separated, and without information."""
    from vertebrisk.kernels.compiled.newton import fit_patterns

    development = procedure(rare)
    size, width = development.matrix.shape
    drawn = bootstrap_weights(size, 200, 5)
    design = np.column_stack([np.ones(size), development.matrix])
    use = np.random.default_rng(3).random((200, width + 1)) < 0.6
    use[:, 0] = True
    target = np.broadcast_to(development.event, drawn.shape).copy()
    expected = fit_logistic_batch(design, target, drawn, mask=use)
    found = fit_patterns(design, target, drawn, use)
    assert 10 < int(expected.separated.sum()) < 190
    for name in ("separated", "rank", "mask"):
        assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    finite = expected.converged & ~expected.deficient
    assert_array_equal(found.converged[finite], expected.converged[finite])
    for name in ("beta", "scaled_information", "log_likelihood"):
        ours, reference = getattr(found, name)[finite], getattr(expected, name)[finite]
        assert_allclose(ours, reference, 1e-10, 1e-10, err_msg=name)  # Newton, summed otherwise
    assert_allclose(found.log_likelihood, expected.log_likelihood, 1e-9, 1e-9)
