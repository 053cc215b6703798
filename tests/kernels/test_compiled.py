"""The compiled kernels do what the NumPy kernels do; nobody gets them unasked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.kernels.survival.test_later import simulated as simulated_pairs
from tests.kernels.test_newton import rarely
from tests.reference import loader

import vertebrisk
from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels import compiled
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.kernels.patterns import find_patterns
from vertebrisk.kernels.resamples import bootstrap_counts, bootstrap_weights
from vertebrisk.kernels.survival.later import later_sums
from vertebrisk.models.development import Selection
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.validation import resampling
from vertebrisk.validation.compiled import Unsorted, measure_compiled
from vertebrisk.validation.measures import measure

pytest.importorskip("numba")
pytestmark = [
    pytest.mark.filterwarnings("ignore::vertebrisk.errors.VertebriskWarning"),
    # a local fit of three scores divides by nothing before it is set aside
    pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning"),
]

RTOL = 1e-10  # the order of sums differs; Newton and the smoothers carry that no further
ATOL = 1e-12


@pytest.fixture(autouse=True)
def _off_again() -> Iterator[None]:
    yield
    compiled.switch_off()


def pima() -> LogisticFit:
    return vertebrisk.fit_logistic("type ~ npreg + glu + bmi + ped + age", pima_frame())


def pima_frame() -> pl.DataFrame:
    return loader.frame("pima_tr").with_columns(pl.col("type") == "Yes")


def patterned() -> LogisticFit:
    return vertebrisk.fit_logistic("pain ~ cleft + fascia + C(muscle) + cement", pvp_frame())


def pvp_frame() -> pl.DataFrame:
    return loader.frame("pvp").with_columns(pl.col("muscle").cast(pl.String))


def clustered() -> LogisticFit:
    frame = loader.frame("clusters")
    return vertebrisk.fit_logistic("leak ~ age + height_loss_pct + grade", frame, cluster="patient")


def selected() -> LogisticFit:
    formula = "type ~ npreg + glu + bp + skin + bmi + ped + age"
    return vertebrisk.fit_logistic(formula, pima_frame(), select=Selection("backward", alpha=0.1))


Make = Callable[[], LogisticFit]
FITS = [pima, patterned, clustered, selected]


def name_of(make: Make) -> str:
    return make.__name__


def replicates(fit: LogisticFit, resamples: int = 300, seed: int = 4) -> resampling.Replicates:
    def draw(first: int, count: int) -> FloatArray:
        return bootstrap_weights(fit.event.size, count, seed, fit.clusters, first)

    return resampling.run_replicates(
        lambda weights: fit.development(weights, fit.chosen),
        draw,
        resamples,
        fit.apparent,
        np.linspace(0.02, 0.5, 25),
    )


def both(fit: LogisticFit) -> tuple[resampling.Replicates, resampling.Replicates]:
    compiled.switch_off()
    passes = replicates(fit)
    compiled.warm_up()
    return passes, replicates(fit)


@pytest.mark.parametrize("make", FITS, ids=name_of)
def test_every_replicate_is_that_of_numpy(make: Make) -> None:
    passes, kernels = both(make())
    for name in ("separated", "deficient", "usable", "selected"):
        assert_array_equal(getattr(kernels, name), getattr(passes, name))
    assert_array_equal(kernels.prevalence, passes.prevalence)
    # a separated fit's last steps are noise of 1e-3, which no risk feels
    finite = ~passes.separated
    assert_allclose(kernels.coefficients[finite], passes.coefficients[finite], RTOL, 1e-10)
    for name in ("training_curves", "test_curves", "training_benefit", "test_benefit"):
        assert_allclose(getattr(kernels, name), getattr(passes, name), RTOL, ATOL)
    for ours, reference in ((kernels.training, passes.training), (kernels.test, passes.test)):
        for name, values in reference.items():
            assert_allclose(ours[name], values, RTOL, ATOL, err_msg=name)


def test_separated_resamples_were_among_them() -> None:
    compiled.warm_up()
    assert 3 <= int(replicates(patterned()).separated.sum()) < 100


def test_few_events_are_separated_where_numpy_says_so() -> None:
    from vertebrisk.kernels.compiled.newton import fit_patterns

    for number in range(300):
        design, event = rarely(number)
        weights = np.ones((1, event.size))
        passes = fit_logistic_batch(design, event, weights)
        kernels = fit_patterns(design, event[None], weights)
        assert_array_equal(kernels.separated, passes.separated, err_msg=str(number))
        assert_array_equal(kernels.converged, passes.converged, err_msg=str(number))
        assert_allclose(kernels.log_likelihood, passes.log_likelihood, 1e-9, 1e-9)


def test_a_validation_is_that_of_numpy() -> None:
    fit = pima()
    reference = fit.validate(200, 3)
    compiled.warm_up()
    found = fit.validate(200, 3)
    for column in reference.table.columns[1:]:
        ours, numpys = (each.table[column].cast(pl.Float64) for each in (found, reference))
        assert_allclose(ours.to_numpy(), numpys.to_numpy(), RTOL, ATOL, err_msg=column)
    for column in ("predicted", "apparent", "corrected"):
        ours, numpys = (each.calibration.frame[column] for each in (found, reference))
        assert_allclose(ours.to_numpy(), numpys.to_numpy(), RTOL, ATOL)


@pytest.mark.parametrize(
    ("size", "seed", "first"), [(1, 0, 0), (5, 2**63, 7), (268, 20210430, 990)]
)
def test_draws_are_equal_to_the_bit(size: int, seed: int, first: int) -> None:
    cells = np.arange(size) % 3
    reference = bootstrap_weights(size, 12, seed, None, first)
    counts = bootstrap_counts(cells, 3, 12, seed, first)
    compiled.warm_up()
    assert_array_equal(bootstrap_weights(size, 12, seed, None, first), reference)
    assert_array_equal(bootstrap_counts(cells, 3, 12, seed, first), counts)


def test_patients_with_several_vertebrae_are_drawn_whole() -> None:
    clusters = np.array([0, 0, 1, 2, 2, 2])
    reference = bootstrap_weights(6, 20, 1, clusters)
    compiled.warm_up()
    assert_array_equal(bootstrap_weights(6, 20, 1, clusters), reference)


def test_read_only_rows_are_counted() -> None:
    patterns = find_patterns(np.array([[1.0], [0.0], [1.0]]))
    weights = np.array([[1.0, 2.0, 3.0]])
    event = np.array([1.0, 1.0, 0.0])
    weights.flags.writeable = event.flags.writeable = False
    compiled.warm_up()
    counts, events = patterns.count(weights, event)
    assert_array_equal(counts, [[2.0, 4.0]])
    assert_array_equal(events, [[2.0, 1.0]])


def test_dependent_columns_go_back_to_numpy() -> None:
    """Replicates that lack a level, or have equal columns, get the estimate of least norm."""
    compiled.warm_up()
    from vertebrisk.kernels.compiled.newton import fit_patterns

    random = np.random.default_rng(5)
    x = random.normal(size=(12, 2))
    level = (np.arange(12) < 2).astype(np.float64)
    design = np.column_stack([np.ones(12), x, level])
    weights = random.integers(1, 6, (40, 12)).astype(np.float64)
    weights[::4, :2] = 0.0
    target = np.clip(random.normal(0.5, 0.2, (40, 12)), 0.05, 0.95)
    ours, reference = (
        fit_patterns(design, target, weights),
        fit_logistic_batch(design, target, weights),
    )
    assert reference.deficient.sum() == 10
    for name in ("rank", "separated", "converged", "iterations"):
        assert_array_equal(getattr(ours, name), getattr(reference, name))
    for name in ("beta", "log_likelihood", "scaled_information", "direction"):
        assert_allclose(getattr(ours, name), getattr(reference, name), RTOL, 1e-10)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 9, 90])
def test_few_and_many_distinct_scores(width: int) -> None:
    """One, two and three scores leave parabolas undetermined; 90 are sorted another way."""
    random = np.random.default_rng(width)
    replicates_ = 30
    linear = np.sort(random.normal(0, 1.5, (replicates_, width)), axis=1)[:, ::-1]
    if width > 4:
        linear[:, 3] = linear[:, 2] + 1e-12  # a tie but for rounding
    counts = random.integers(0 if width > 4 else 3, 12, (replicates_, width)).astype(np.float64)
    events = np.floor(counts * random.random((replicates_, width)))
    events[:, 0], counts[:, 0] = 1.0, 3.0
    nothing = np.zeros(replicates_, dtype=np.bool_)
    unsorted = Unsorted(linear, counts, events, nothing, np.zeros_like(linear))
    grid, thresholds = np.linspace(0.1, 0.9, 17), np.array([0.1, 0.3, 0.5])
    compiled.warm_up()
    (found, curves, benefit), regular = measure_compiled(unsorted, grid, thresholds, refit=True)
    (quick, same, _), _ = measure_compiled(unsorted, grid, thresholds, refit=True, judged=False)
    compiled.switch_off()
    assert np.isnan(quick["ici"]).all()
    assert_array_equal(same, curves)
    assert_array_equal(quick["brier"], found["brier"])
    assert regular.mean() > 0.6  # with few scores some recalibrations separate
    for one in range(replicates_):
        part = unsorted.take(np.array([one]))
        reference = resampling.measured_in_passes(part, grid, thresholds, refit=True)
        if not regular[one]:
            continue
        for name, value in reference[0].items():
            # moments of nearly equal scores lose digits in both
            assert_allclose(found[name][one], value[0], 1e-8, 1e-10, err_msg=name)
        assert_allclose(curves[one], reference[1][0], 1e-9, 1e-11)
        assert_allclose(benefit[one], reference[2][0], RTOL, ATOL)


def test_scores_that_separate_go_back_to_numpy() -> None:
    linear = np.array([[-2.0, -1.0, 1.0, 2.0]])
    counts = np.full((1, 4), 5.0)
    events = np.array([[0.0, 0.0, 5.0, 5.0]])
    nothing = np.zeros(1, dtype=np.bool_)
    compiled.warm_up()
    unsorted = Unsorted(linear, counts, events, nothing, np.zeros_like(linear))
    _, regular = measure_compiled(unsorted, np.array([0.5]), np.empty(0), refit=True)
    assert not regular[0]
    assert measure(unsorted.scored(), refit=True)["c_index"][0] == 1.0


@pytest.mark.parametrize(("own", "replicates"), [(1, 1), (1, 5), (5, 5), (5, 1)])
def test_later_sums_are_those_of_numpy(own: int, replicates: int) -> None:
    queries, items, amount = simulated_pairs(3, 400, own, replicates)
    expected = later_sums(queries, items, amount)
    compiled.warm_up()
    for found, sums in zip(later_sums(queries, items, amount), expected, strict=True):
        assert_array_equal(found, sums)  # of whole numbers


def test_without_numba_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "available", lambda: False)
    with pytest.raises(ArgumentError, match=r"vertebrisk\[fast\].*leave warm_up\(\) out"):
        compiled.warm_up()


PROGRAM = """
import json, sys
import numpy as np
from vertebrisk.kernels.resamples import bootstrap_counts, bootstrap_weights
bootstrap_weights(5, 2, 1)
from vertebrisk.kernels import compiled
print(json.dumps([compiled.enabled(), "numba" in sys.modules]))
"""


@pytest.mark.parametrize(("value", "on"), [("", False), ("0", False), ("1", True)])
def test_the_environment_switches_them_on(value: str, on: bool) -> None:
    source = Path(vertebrisk.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {compiled.SWITCH: value, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [on, on]


def test_a_code_far_off_separates_nothing_where_the_others_overlap() -> None:
    from vertebrisk.kernels.compiled.newton import fit_patterns

    rng = np.random.default_rng(195)
    score = np.round(rng.normal(size=60))
    event = (rng.random(60) < 1.0 / (1.0 + np.exp(2.0 * score))).astype(np.float64)
    score[7], event[7] = 1e6, 0.0
    design = np.column_stack([np.ones(60), score])
    found = fit_patterns(design, event[None], np.ones((1, 60)))
    expected = fit_logistic_batch(design, event, np.ones((1, 60)))
    assert expected.converged.all()
    assert_array_equal(found.converged, expected.converged)
    assert_array_equal(found.separated, expected.separated)
    assert_allclose(found.beta, expected.beta, rtol=RTOL)
