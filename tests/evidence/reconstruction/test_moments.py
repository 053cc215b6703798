"""Values with a printed mean and SD."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vertebrisk._types import IntArray
from vertebrisk.errors import FitError
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.reconstruction.moments import (
    GroupMoments,
    PrintedTest,
    Sums,
    choose_sums,
    possible_p,
    reorder_by_rank,
    t_test,
)
from vertebrisk.evidence.reconstruction.whole_values import can_be_made, make_values


def moments(n: int, mean: str, sd: str) -> GroupMoments:
    return GroupMoments(n, Printed.parse(mean), Printed.parse(sd))


def sums_of(values: IntArray) -> Sums:
    return Sums(len(values), int(values.sum()), int((values**2).sum()))


@pytest.mark.parametrize("kind", ["student", "welch"])
def test_t_test_is_that_of_scipy(kind: str) -> None:
    rng = np.random.default_rng(3)
    one, other = rng.integers(0, 40, 25), rng.integers(5, 60, 11)
    expected = stats.ttest_ind(one, other, equal_var=kind == "student")
    found = t_test(
        (np.array(one.mean()), np.array(other.mean())),
        (np.array(one.var(ddof=1)), np.array(other.var(ddof=1))),
        (25, 11),
        "student" if kind == "student" else "welch",
    )
    # The same formula in another order of operations.
    assert (float(found[0]), float(found[1])) == pytest.approx(
        (expected.statistic, expected.pvalue), rel=1e-9
    )


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
    chosen = choose_sums(groups, 0.1, (0, 700))
    assert chosen is not None
    for sums in chosen:
        rng = np.random.default_rng(seed)
        values = make_values(sums.n, sums.total, sums.squares, (0, 700), rng)
        assert sums_of(values) == sums
        assert values.min() >= 0
        assert values.max() <= 700


@given(
    values=st.lists(st.integers(1, 9), min_size=3, max_size=40),
    seed=st.integers(0, 100),
    digits=st.integers(1, 3),
)
def test_any_printed_whole_numbers_can_be_made_again(
    values: list[int], seed: int, digits: int
) -> None:
    mean, sd = np.mean(values), np.std(values, ddof=1)
    group = moments(len(values), f"{mean:.{digits}f}", f"{sd:.{digits}f}")
    if not (group.mean.covers_inside(float(mean)) and group.sd.covers_inside(float(sd))):
        return  # a tie of the rounding: two prints are right
    chosen = choose_sums((group,), 1.0, (1, 9))
    assert chosen is not None
    (sums,) = chosen
    made = make_values(sums.n, sums.total, sums.squares, (1, 9), np.random.default_rng(seed))
    assert group.mean.covers(float(made.mean()))
    assert group.sd.covers(float(made.std(ddof=1)))
    assert made.min() >= 1
    assert made.max() <= 9


def test_a_count_of_three_values_has_one_answer_by_hand() -> None:
    # n1 + n2 + n3 = 61, sum 147, squares 387: 9 ones, 18 twos, 34 threes.
    chosen = choose_sums((moments(61, "2.41", "0.74"),), 1.0, (1, 3))
    assert chosen == (Sums(61, 147, 387),)
    values = make_values(61, 147, 387, (1, 3), np.random.default_rng(1))
    assert np.bincount(values).tolist() == [0, 9, 18, 34]


@pytest.mark.parametrize(
    ("total", "squares"),
    [(30, 91), (30, 200), (61, 400), (9, 9)],
    ids=["parity", "too wide", "above the limit", "below the limit"],
)
def test_sums_that_no_values_have(total: int, squares: int) -> None:
    assert not can_be_made(10, total, squares, (1, 5))
    assert can_be_made(10, 30, 92, (1, 5))


def test_test_is_met_as_well() -> None:
    groups = moments(231, "6.41", "0.834"), moments(37, "6.57", "0.647")
    test = PrintedTest("student", Printed.parse("-1.088"), Printed.parse("0.277"))
    # The only whole-number answer, by hand: 1481 and 9655, 243 and 1611.
    assert choose_sums(groups, 1.0, (0, 10), test) == (Sums(231, 1481, 9655), Sums(37, 243, 1611))


def test_a_test_that_no_means_give_is_not_met() -> None:
    groups = moments(61, "5.98", "2.69"), moments(61, "5.96", "3.14")
    test = PrintedTest("student", None, Printed.parse("0.578"))
    assert choose_sums(groups, 0.01, (0, 6000), test) is None
    low, high = possible_p(groups, "student")
    assert 0.95 < low < high < 0.99


def test_a_step_too_coarse_has_no_sums() -> None:
    assert choose_sums((moments(20, "6.43", "0.834"),), 1.0, (0, 10)) is None


def test_limits_too_narrow_are_said() -> None:
    with pytest.raises(FitError, match="Widen the limits"):
        make_values(10, 50, 400, (4, 6), np.random.default_rng(1))


def test_reordering_keeps_values_and_follows_ranks() -> None:
    rng = np.random.default_rng(5)
    leader, follower = rng.random(200), rng.random(200)
    paired = reorder_by_rank(leader, follower, 0.95, rng)
    assert sorted(paired) == sorted(follower)
    # Spearman's of a normal copula with 0.95 is 0.945; 200 pairs leave a few hundredths.
    assert stats.spearmanr(leader, paired).statistic == pytest.approx(0.945, abs=0.03)
