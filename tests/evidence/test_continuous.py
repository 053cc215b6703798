"""Values with a printed mean and SD."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vertebrisk._types import IntArray
from vertebrisk.errors import FitError
from vertebrisk.evidence.continuous import (
    GroupMoments,
    Printed,
    PrintedTest,
    Sums,
    choose_sums,
    make_values,
    reorder_by_rank,
    t_test,
)


def moments(n: int, mean: str, sd: str) -> GroupMoments:
    return GroupMoments(n, Printed.parse(mean), Printed.parse(sd))


def sums_of(values: IntArray) -> Sums:
    return Sums(len(values), int(values.sum()), int((values**2).sum()))


def test_printed_zeros_count() -> None:
    assert Printed.parse("0.780") == Printed(0.78, 0.0005)
    assert Printed.parse("0.780").covers(0.7804)
    assert not Printed.parse("0.780").covers(0.7806)
    assert Printed.parse("268").half == 0.5


@pytest.mark.parametrize("kind", ["student", "welch"])
def test_t_test_from_sums_is_that_of_scipy(kind: str) -> None:
    rng = np.random.default_rng(3)
    one, other = rng.integers(0, 40, 25), rng.integers(5, 60, 11)
    expected = stats.ttest_ind(one, other, equal_var=kind == "student")
    found = t_test(sums_of(one), sums_of(other), "student" if kind == "student" else "welch")
    # The same formula in another order of operations.
    assert found == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(12, 80),
    mean=st.integers(20, 40),
    sd=st.integers(3, 9),
)
def test_values_have_exactly_the_sums_and_stay_inside(
    seed: int, n: int, mean: int, sd: int
) -> None:
    groups = (moments(n, f"{mean}.1", f"{sd}.2"), moments(n + 5, f"{mean}.4", f"{sd}.0"))
    for sums in choose_sums(groups, 0.1, None):
        values = make_values(sums, (0, 700), np.random.default_rng(seed))
        assert sums_of(values) == sums
        assert values.min() >= 0
        assert values.max() <= 700


def test_test_is_met_as_well() -> None:
    groups = moments(231, "6.41", "0.834"), moments(37, "6.57", "0.647")
    test = PrintedTest("student", Printed.parse("-1.088"), Printed.parse("0.277"))
    one, other = choose_sums(groups, 1.0, test)
    # The only whole-number answer, by hand: 1481 and 9655, 243 and 1611.
    assert (one, other) == (Sums(231, 1481, 9655), Sums(37, 243, 1611))


def test_a_step_too_coarse_is_said() -> None:
    groups = moments(20, "6.43", "0.834"), moments(20, "6.52", "0.647")
    with pytest.raises(FitError, match="recorded in steps of 1"):
        choose_sums(groups, 1.0, None)


def test_limits_too_narrow_are_said() -> None:
    with pytest.raises(FitError, match="does not fit between"):
        make_values(Sums(10, 50, 400), (4, 6), np.random.default_rng(1))


def test_reordering_keeps_values_and_follows_ranks() -> None:
    rng = np.random.default_rng(5)
    leader, follower = rng.integers(0, 500, 200), rng.integers(0, 500, 200)
    paired = reorder_by_rank(leader, follower, 0.95, rng)
    assert sorted(paired) == sorted(follower)
    # Spearman's of a normal copula with 0.95 is 0.945; 200 pairs leave a few hundredths.
    assert stats.spearmanr(leader, paired).statistic == pytest.approx(0.945, abs=0.03)
