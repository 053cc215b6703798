"""Proofs that no cohort has a fit: closed forms, brute force, and cohorts that have it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.evidence.feasibility.programme import Patterns, Predictor, Programme
from vertebrisk.kernels.newton import fit_logistic_batch

CORNERS = np.array(list(product((0, 1), repeat=2)), dtype=np.float64)
DESIGN = np.column_stack([np.ones(4), CORNERS])


def exact(design: FloatArray, events: FloatArray, others: FloatArray) -> Patterns:
    """Patterns whose sums over each column of the design are known."""
    return Patterns(
        design, design, np.tile(design.T @ events, (2, 1)), np.tile(design.T @ others, (2, 1))
    )


def around(design: FloatArray, beta: FloatArray, half: float, free: bool = False) -> Predictor:
    """The predictor of rounded coefficients; without the constant if it is free."""
    used = np.arange(design.shape[1]) >= free
    point = design[:, used] @ beta[used]
    off = half * np.abs(design[:, used]).sum(axis=1)
    return Predictor(point, point - off, point + off, free)


ONE = np.array([[1.0, 0.0], [1.0, 1.0]])
# 10 of 50 without the attribute and 12 of 30 with it: the fit is saturated, so unique.
TWO_BY_TWO = exact(ONE, np.array([10.0, 12.0]), np.array([40.0, 18.0]))
FIT = np.array([np.log(10 / 40), np.log(12 / 18 / (10 / 40))])


@pytest.mark.parametrize("free", [False, True])
def test_a_two_by_two_table_allows_its_own_odds_ratio_alone(free: bool) -> None:
    programme = Programme(TWO_BY_TWO)
    # The one constant that fits is not hit by halving, so that the free one stays undecided.
    fits = "undecided" if free else "possible"
    assert programme.judge(around(ONE, FIT, 0.0, free)).verdict == fits
    for away in (-0.01, 0.01):
        moved = FIT + np.array([0.0, away])
        # The constant's rounding and the coefficient's add up in those with the attribute.
        assert programme.judge(around(ONE, moved, 0.0049, free)).verdict == "impossible"
        # All that rounds to it holds the fit, but the printed digits do not.
        assert programme.judge(around(ONE, moved, 0.0101, free)).verdict == "undecided"


def test_the_distance_is_that_of_expected_and_observed_events() -> None:
    # With both risks at one half, 40 events are expected where 22 are seen, and 15 among
    # those with the attribute where 12 are.
    judged = Programme(TWO_BY_TWO).judge(around(ONE, np.zeros(2), 0.0))
    assert judged.verdict == "impossible"
    assert judged.apart == pytest.approx(18 + 3, rel=1e-9)


def test_slack_is_taken_off_every_equation() -> None:
    loose = Programme(replace(TWO_BY_TWO, slack=1.0))
    assert loose.judge(around(ONE, np.zeros(2), 0.0)).apart == pytest.approx(17 + 2, rel=1e-9)
    enough = Programme(replace(TWO_BY_TWO, slack=18.001))
    assert enough.judge(around(ONE, np.zeros(2), 0.0)).verdict == "possible"


@pytest.mark.parametrize("free", [False, True])
def test_half_the_coefficients_are_slack_enough_for_a_penalised_fit(free: bool) -> None:
    events, others = np.array([2.0, 1.0, 1.0, 5.0]), np.array([8.0, 6.0, 7.0, 1.0])
    counts = events + others
    beta = np.zeros(3)
    for _ in range(50):  # Firth's score equations by Newton's method
        risk = expit(DESIGN @ beta)
        weight = counts * risk * (1 - risk)
        inverse = np.linalg.inv(DESIGN.T @ (weight[:, None] * DESIGN))
        leverage = weight * np.einsum("ij,jk,ik->i", DESIGN, inverse, DESIGN)
        beta = beta + inverse @ (DESIGN.T @ (events - counts * risk + leverage * (0.5 - risk)))
    patterns = replace(exact(DESIGN, events, others), slack=1.5)
    assert Programme(patterns).judge(around(DESIGN, beta, 1e-4, free)).verdict != "impossible"
    # Of so few events the unpenalised equations are not met.
    plain = exact(DESIGN, events, others)
    assert Programme(plain).judge(around(DESIGN, beta, 1e-4, free)).verdict == "impossible"


def test_the_range_of_predicted_events_is_the_closed_form() -> None:
    beta = np.array([-1.0, 2.0])
    found = Programme(TWO_BY_TWO).events_range(around(ONE, beta, 0.0))
    assert found == pytest.approx((50 * expit(-1.0) + 30 * expit(1.0),) * 2)


def test_the_range_over_joint_distributions_is_reached_at_its_ends() -> None:
    events, others = np.array([5.0, 5.0, 5.0, 5.0]), np.array([20.0, 20.0, 10.0, 10.0])
    beta = np.array([-2.0, 1.5, 1.5])
    low, high = Programme(exact(DESIGN, events, others)).events_range(around(DESIGN, beta, 0.0))
    risk = expit(DESIGN @ beta)

    def predicted(both: float, n: float, first: float, second: float) -> float:
        counts = np.array([n - first - second + both, second - both, first - both, both])
        return float(counts @ risk)

    # One number, how many have both attributes, is free in each group.
    with_event = [predicted(both, 20, 10, 10) for both in (0, 10)]
    without = [predicted(both, 60, 20, 30) for both in (0, 20)]
    assert low == pytest.approx(min(with_event) + min(without))
    assert high == pytest.approx(max(with_event) + max(without))


@pytest.mark.parametrize("free", [False, True])
def test_the_conflicting_equations_are_enough_and_none_is_to_spare(free: bool) -> None:
    events, others = np.array([4.0, 3.0, 8.0, 15.0]), np.array([60.0, 55.0, 20.0, 12.0])
    rows = np.repeat(DESIGN, 2, axis=0)
    weights = np.column_stack([events, others]).ravel()[None]
    beta = fit_logistic_batch(rows, np.tile([1.0, 0.0], 4), weights).beta[0]
    patterns = exact(DESIGN, events, others)
    assert Programme(patterns).conflicting(around(DESIGN, beta, 1e-3, free)) == ()
    turned = around(DESIGN, beta * [1, -1, 1], 1e-3, free)
    found = Programme(patterns).conflicting(turned)

    def verdict(columns: tuple[int, ...]) -> str:
        design = DESIGN[:, list(columns)]
        kept = Patterns(design, patterns.members, patterns.events, patterns.others)
        return Programme(kept).judge(turned).verdict

    assert verdict(found) == "impossible"
    for each in found[free:] if len(found) > 1 else ():
        assert verdict(tuple(other for other in found if other != each)) != "impossible"


@pytest.mark.parametrize("shift", [-40.0, 40.0])
def test_a_free_constant_is_searched_far_from_zero(shift: float) -> None:
    design = np.array([[1.0, 0.0 + shift], [1.0, 1.0 + shift]])
    programme = Programme(exact(design, np.array([10.0, 12.0]), np.array([40.0, 18.0])))
    assert programme.judge(around(design, FIT, 0.0, True)).verdict != "impossible"
    assert programme.judge(around(design, FIT * 1.1, 0.0, True)).verdict == "impossible"


def test_no_cohort_of_few_patients_is_excluded() -> None:
    """Every cohort of these margins is fitted; none of the fits may be called impossible."""
    events, others = np.array([3.0, 2.0, 2.0, 4.0]), np.array([9.0, 6.0, 5.0, 3.0])
    programme = Programme(exact(DESIGN, events, others))
    rows = np.repeat(DESIGN, 2, axis=0)
    move = np.array([1.0, -1.0, -1.0, 1.0])
    cohorts = 0
    for one, other in product(range(-1, 2), range(-2, 5)):
        weights = np.column_stack([events + one * move, others + other * move]).ravel()[None]
        fit = fit_logistic_batch(rows, np.tile([1.0, 0.0], 4), weights)
        assert fit.converged[0]
        cohorts += 1
        assert programme.judge(around(DESIGN, fit.beta[0], 0.0)).verdict == "possible"
        for free in (False, True):
            judged = programme.judge(around(DESIGN, fit.beta[0], 0.01, free))
            assert judged.verdict != "impossible"
    assert cohorts == 21


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=8, max_size=8),
    st.permutations(range(4)),
    st.floats(0.01, 100.0),
    st.floats(-1.0, 1.0),
)
def test_order_of_patterns_and_units_do_not_matter(
    counts: list[int], order: list[int], unit: float, away: float
) -> None:
    events, others = np.array(counts[:4], float), np.array(counts[4:], float)
    rows = np.repeat(DESIGN, 2, axis=0)
    weights = np.column_stack([events, others]).ravel()[None]
    beta = fit_logistic_batch(rows, np.tile([1.0, 0.0], 4), weights).beta[0]
    moved = beta + np.array([0.0, away, 0.0])
    scale = np.array([1.0, unit, 1.0])
    given_one = Programme(exact(DESIGN, events, others)).judge(around(DESIGN, moved, 0.0))
    design = DESIGN[order] * scale
    other_one = Programme(exact(design, events[order], others[order])).judge(
        around(design, moved / scale, 0.0)
    )
    assert other_one.apart == pytest.approx(given_one.apart, rel=1e-5, abs=1e-3)


def test_margins_that_nobody_has_are_told() -> None:
    sums = np.tile([30.0, 40.0, 5.0], (2, 1))
    with pytest.raises(ArgumentError, match="No joint distribution of the attributes"):
        Programme(Patterns(DESIGN, DESIGN, sums, sums))


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"design": DESIGN[:3]}, "design has 3 rows; members has 4"),
        ({"events": np.ones((1, 3))}, r"events has shape \(1, 3\); \(2, 3\) is needed"),
        ({"others": np.array([[9.0, 3.0, 3.0], [8.0, 3.0, 3.0]])}, "others must hold finite sums"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changed: dict[str, FloatArray], match: str) -> None:
    sums = np.tile([20.0, 8.0, 9.0], (2, 1))
    given = {"design": DESIGN, "members": DESIGN, "events": sums, "others": sums} | changed
    with pytest.raises(ArgumentError, match=match):
        Patterns(given["design"], given["members"], given["events"], given["others"])
