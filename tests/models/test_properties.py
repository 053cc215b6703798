"""What must not change the answer, does not: order, labels, units, weights."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.models.cases import quiet_fit, simulated
from tests.reference import loader

from vertebrisk.errors import FitError
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.objections.events import few_events, few_for_curve
from vertebrisk.models.objections.predictors import dichotomised
from vertebrisk.models.objections.resamples import optimism

RTOL = 1e-7  # two Newton runs stop within 1e-10 of the maximum, on columns scaled otherwise
FORMULAS = ["a + b", "a + C(g)", "rcs(a, 3) + g", "a*g", "a*b"]
cases = st.tuples(st.integers(0, 500), st.sampled_from(FORMULAS))
few = settings(max_examples=12)


def fitted(seed: int, right: str, frame: pl.DataFrame | None = None) -> LogisticFit:
    try:
        return quiet_fit(f"y ~ {right}", simulated(90, seed) if frame is None else frame)
    except FitError:
        assume(False)
        raise


@few
@given(cases)
def test_order_of_rows(case: tuple[int, str]) -> None:
    seed, _ = case
    fit = fitted(*case)
    order = np.random.default_rng(seed).permutation(90)
    again = fitted(*case, simulated(90, seed)[order])
    assert_allclose(again.beta, fit.beta, rtol=RTOL, atol=1e-9)
    assert_allclose(again.risk, fit.risk[order], rtol=RTOL)
    assert_allclose(again.log_likelihood, fit.log_likelihood, rtol=1e-12)
    assert again.design == fit.design


@few
@given(st.integers(0, 500), st.permutations(["low", "middle", "high"]))
def test_order_and_names_of_levels(seed: int, order: list[str]) -> None:
    frame = simulated(90, seed)
    fit = fitted(seed, "a*g", frame)
    reordered = frame.with_columns(pl.col("g").cast(pl.String).cast(pl.Enum(order)))
    renamed = frame.with_columns(
        pl.col("g").cast(pl.String).replace({"low": "z", "middle": "轻", "high": "a b"})
    )
    for other in (reordered, renamed, frame.with_columns(pl.col("g").to_physical())):
        right = "a*C(g)"
        assert_allclose(fitted(seed, right, other).risk, fit.risk, rtol=1e-6)


@few
@given(st.integers(0, 500), st.sampled_from([1e-3, 1000.0]), st.sampled_from([0.0, 37.0]))
def test_units(seed: int, factor: float, shift: float) -> None:
    frame = simulated(90, seed)
    fit = fitted(seed, "a + b + g", frame)
    other = fitted(seed, "a + b + g", frame.with_columns(a=(pl.col("a") + shift) * factor))
    assert_allclose(other.risk, fit.risk, rtol=RTOL)
    assert_allclose(other.beta[0] * factor, fit.beta[0], rtol=RTOL, atol=1e-9)
    assert_allclose(other.beta[1:], fit.beta[1:], rtol=RTOL, atol=1e-9)
    assert_allclose(other.intercept, fit.intercept - shift * fit.beta[0], rtol=1e-6, atol=1e-8)
    error = fit.coefficients()["std_error"].to_numpy()
    assert_allclose(
        other.coefficients()["std_error"][1:4] * np.array([factor, 1, 1]), error[1:4], rtol=1e-6
    )
    first, second = fit.summary(), other.summary()
    assert_allclose(second.lr_statistic, first.lr_statistic, rtol=1e-9)
    assert second.c_index == pytest.approx(first.c_index, abs=1e-12)


@few
@given(cases)
def test_splines_follow_their_units(case: tuple[int, str]) -> None:
    frame = simulated(120, case[0])
    fit = fitted(case[0], "rcs(a, 4) + b", frame)
    other = fitted(case[0], "rcs(a, 4) + b", frame.with_columns(pl.col("a") * 1000))
    assert_allclose(other.risk, fit.risk, rtol=1e-6)


@few
@given(cases)
def test_turning_the_outcome_turns_every_sign(case: tuple[int, str]) -> None:
    frame = simulated(90, case[0])
    fit = fitted(*case, frame)
    other = quiet_fit(f"not y ~ {case[1]}", frame)
    assert_allclose(other.beta, -fit.beta, rtol=RTOL, atol=1e-9)
    assert_allclose(other.risk, 1.0 - fit.risk, rtol=1e-6)
    assert_allclose(other.summary().c_index, fit.summary().c_index, rtol=1e-10)
    assert_allclose(other.summary().brier, fit.summary().brier, rtol=1e-8)


@few
@given(st.integers(0, 500), st.sampled_from(["a + b", "a + C(g)", "a*g"]))
def test_weights_equal_repeated_rows(seed: int, right: str) -> None:
    weights = np.random.default_rng(seed).integers(1, 4, 90)
    frame = simulated(90, seed).with_columns(w=pl.Series(weights))
    weighted = quiet_fit(f"y ~ {right}", frame, weights="w")
    repeated = quiet_fit(f"y ~ {right}", frame[np.repeat(np.arange(90), weights)])
    assert_allclose(weighted.beta, repeated.beta, rtol=RTOL, atol=1e-9)
    assert_allclose(weighted.cov, repeated.cov, rtol=1e-6, atol=1e-10)
    one, two = weighted.summary().to_dict(), repeated.summary().to_dict()
    for name, value in two.items():
        assert_allclose(one[name], value, rtol=1e-7, atol=1e-12, err_msg=name)
    assert_allclose(weighted.term_tests()["lr_statistic"], repeated.term_tests()["lr_statistic"],
                    rtol=1e-7, atol=1e-9)  # fmt: skip
    for one_side, two_side in zip(
        weighted.profile_intervals(), repeated.profile_intervals(), strict=True
    ):
        assert_allclose(one_side, two_side, rtol=1e-6, atol=1e-8)


def _pair() -> tuple[LogisticFit, LogisticFit]:
    frame = loader.frame("small")
    rows = np.repeat(np.arange(frame.height), frame["weight"].to_numpy())
    return (
        quiet_fit("event ~ x + tied", frame, weights="weight"),
        quiet_fit("event ~ x + tied", frame[rows]),
    )


def test_weights_count_in_the_roc_curve() -> None:
    weighted, repeated = _pair()
    assert_allclose(weighted.roc().auc.estimate, repeated.roc().auc.estimate, rtol=1e-12)
    assert_allclose(weighted.roc().auc.estimate, weighted.summary().c_index, rtol=1e-12)


def test_weights_count_in_hosmer_lemeshow() -> None:
    weighted, repeated = _pair()
    assert_allclose(
        weighted.hosmer_lemeshow(5).statistic, repeated.hosmer_lemeshow(5).statistic, rtol=1e-7
    )


def test_weights_count_in_the_design_and_the_nomogram() -> None:
    """Medians, knots and the range of the linear predictor are those of the patients."""
    weighted, repeated = _pair()
    for one, two in zip(weighted.design.predictors, repeated.design.predictors, strict=True):
        assert_allclose(one.limits or (), two.limits or (), rtol=1e-12)
        assert one.adjust_to == two.adjust_to
    assert_allclose(weighted.model.linear_ticks, repeated.model.linear_ticks, rtol=1e-12)


def test_weights_count_in_the_knots() -> None:
    frame = loader.frame("small")
    rows = np.repeat(np.arange(frame.height), frame["weight"].to_numpy())
    weighted = quiet_fit("event ~ rcs(x, 4)", frame, weights="weight")
    repeated = quiet_fit("event ~ rcs(x, 4)", frame[rows])
    assert_allclose(weighted.beta, repeated.beta, rtol=1e-6)


@few
@given(cases)
def test_clusters_of_one_are_the_plain_sandwich(case: tuple[int, str]) -> None:
    frame = simulated(90, case[0]).with_columns(patient=pl.int_range(90))
    fit = quiet_fit(f"y ~ {case[1]}", frame, cluster="patient")
    columns = np.column_stack([np.ones(90), fit.matrix])
    residual = fit.event - fit.risk
    bread = np.linalg.inv(columns.T @ (columns * (fit.risk * (1 - fit.risk))[:, None]))
    meat = (columns * residual[:, None]).T @ (columns * residual[:, None])
    expected = bread @ meat @ bread
    scale = np.sqrt(np.diag(expected))
    assert_allclose(fit.cov / np.outer(scale, scale), expected / np.outer(scale, scale), atol=1e-7)


def test_names_of_clusters_do_not_matter() -> None:
    frame = simulated(90, 1).with_columns(
        n=pl.int_range(90) // 2, t=(pl.int_range(90) // 2).cast(pl.String) + " x"
    )
    one, two = (quiet_fit("y ~ a", frame, cluster=name).cov for name in ("n", "t"))
    assert_allclose(one, two, rtol=1e-13)


@pytest.mark.parametrize(("n_events", "parameters", "said"), [(50, 5, False), (49, 5, True)])
def test_ten_events_a_parameter(n_events: int, parameters: int, said: bool) -> None:
    assert bool(few_events(200, n_events, parameters)) is said
    # of 200 patients with 160 events the 40 others are what is rare
    assert "40 non-events" in few_events(200, 160, 5)[0].message


def test_objections_have_their_limits() -> None:
    assert few_for_curve(1000, 199)
    assert not few_for_curve(1000, 200)
    assert few_for_curve(1000, 801)
    codes = [finding.code for finding in optimism(0.80, 0.74, 0.85)]
    assert codes == ["optimism", "overfitting"]
    assert optimism(0.80, 0.79, 0.95) == []
    assert optimism(0.80, 0.79, None) == []
    found = dichotomised({"age": ("<65", "≥65"), "sex": ("m", "f")}, {"old": "age > 70"})
    assert [finding.code for finding in found] == ["dichotomised-predictor"]
    assert found[0].message == "age, old are numbers cut into groups."
    assert dichotomised({"grade": ("1", "2")}, {"change": "after - before"}) == []
