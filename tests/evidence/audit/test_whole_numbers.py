"""GRIM and GRIMMER, SDs against ranges: what values can have, and what none can."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.audit.comparisons import row, subject
from tests.evidence.audit.papers import paper

from vertebrisk.evidence.audit.groups import whole_numbers
from vertebrisk.evidence.audit.groups.possible_values import (
    Recorded,
    greatest_sd,
    has_mean,
    has_sd,
    least_sd,
    reachable,
)
from vertebrisk.evidence.audit.subject import Subject, subject_of
from vertebrisk.evidence.audit.values import Check
from vertebrisk.evidence.library import library_ids, library_study
from vertebrisk.evidence.printed import Printed

WHOLE = {"whole": True}
SCORE = {"whole": True, "plausible": (0, 10)}


def verdicts(subject: Subject) -> dict[str, str]:
    return {check.id: check.verdict for check in whole_numbers.checks(subject)}


def wrong(subject: Subject) -> list[Check]:
    return [check for check in whole_numbers.checks(subject) if check.verdict == "inconsistent"]


def values(mean: str, sd: str, n: int = 17, **keys: Any) -> Subject:
    """One group with a known number of values, and another of which nothing is odd."""
    described = keys.pop("x", WHOLE)
    shown = row(mean=[mean, "5.00"], sd=[sd, "2.00"], sizes=[str(n), "40"], **keys)
    return subject(shown, sizes=(str(n), "40"), x=described)


@pytest.mark.parametrize("name", library_ids())
def test_no_mean_and_no_sd_of_the_library_is_impossible(name: str) -> None:
    assert wrong(subject_of(library_study(name))) == []


@pytest.mark.parametrize(("mean", "verdict"), [
    ("5.18", "consistent"), ("5.12", "consistent"), ("5.15", "inconsistent"),
    ("5.1", "not checkable"),
])  # fmt: skip
def test_means_of_17_whole_numbers(mean: str, verdict: str) -> None:
    """88/17 is 5.176 and 87/17 is 5.118; to one decimal every mean is possible."""
    shown = row(mean=[mean, mean], sizes=["17", "17"])
    assert verdicts(subject(shown, sizes=("17", "17"), x=WHOLE))["grim"] == verdict


def test_the_nearest_means_are_named() -> None:
    (check,) = wrong(values("5.15", "2.00"))[:1]
    assert check.recomputed == "5.1176 and 5.1765"
    assert check.failure == "impossible"


def test_values_that_may_be_missing_are_thought_of() -> None:
    shown = row(mean=["5.15", "5.00"])
    silent = subject(shown, sizes=("17", "40"), x=WHOLE)
    assert verdicts(silent)["grim"] == "not checkable"  # 67/13 is 5.15
    assert verdicts(subject(shown, sizes=("17", "40"))) == {}
    compared = {"variable": "age", "place": "Table 1", "mean": ["70.41", "70.11"]}
    complete = {"missing": {"value": "complete", "place": "Methods"}}
    described = {"age": {"label": "Age", "whole": True, "timing": "preoperative"}}
    groups = [
        {"name": name, "event": name == "Pain", "n": n, "place": "Table 1"}
        for name, n in (("Pain", "40"), ("None", "160"))
    ]
    keys = {"compared": [compared], "variables": described, "groups": groups}
    assert not wrong(subject_of(paper(**keys)))
    assert wrong(subject_of(paper(**keys, methods=complete)))


def test_sums_of_squares_are_even_or_odd_with_their_sum() -> None:
    """Of 10 values with sum 55 the sum of squares is odd: 386 would be an SD of 3.0459."""
    assert not has_sd(10, (5.4999, 5.5001), (3.0455, 3.0465), Recorded(1.0))
    assert has_sd(10, (5.4999, 5.5001), (3.02, 3.03), Recorded(1.0))  # 1 to 10


def test_few_values_are_tried_exactly() -> None:
    """Three values of 0, 1 or 3, say: brute force over all of 0 to 4."""
    n, limits = 6, (0, 4)
    seen = {
        (sum(each), sum(value * value for value in each))
        for each in combinations_with_replacement(range(limits[0], limits[1] + 1), n)
    }
    for total in range(n * 4 + 1):
        for squares in range(n * 16 + 1):
            variance = (squares - total**2 / n) / n
            if variance < 0:
                continue
            sd = variance**0.5
            made = has_sd(
                n, (total / n,) * 2, (sd - 1e-7, sd + 1e-7), Recorded(1.0, limits)
            )  # fmt: skip
            sample = round(squares_of(total, n, sd, n - 1), 6)
            possible = (total, squares) in seen or (total, sample) in seen
            assert made == possible, (total, squares)


def squares_of(total: int, n: int, sd: float, divisor: int) -> float:
    return sd**2 * divisor + total**2 / n


@pytest.mark.parametrize(("n", "limits"), [(5, (0, 7)), (6, (-2, 3)), (3, (4, 15)), (9, (1, 4))])
def test_reachable_sums_are_those_of_all_values(n: int, limits: tuple[int, int]) -> None:
    support = range(limits[0], limits[1] + 1)
    seen = {
        (sum(each), sum(value * value for value in each))
        for each in combinations_with_replacement(support, n)
    }
    for total in range(n * limits[0] - 1, n * limits[1] + 2):
        for squares in range(n * max(map(abs, limits)) ** 2 + 2):
            made = reachable(n, total, squares, limits)
            assert made == ((total, squares) in seen), (total, squares)


def test_nine_scores_with_a_sum_of_58() -> None:
    """9, 8, 7, 7, 7, 6, 5, 5, 4: found by hand where a solver of programmes found none."""
    assert reachable(9, 58, 394, (0, 10))


def test_an_sd_greater_than_the_limits_allow() -> None:
    (check,) = [each for each in wrong(values("5.00", "6.00", x=SCORE)) if each.id != "grimmer"]
    assert check.id == "sd-within-range"
    assert "5.154 at most" in check.message  # sqrt(25 * 17 / 16)
    assert wrong(values("12.00", "1.00", x=SCORE))
    assert not wrong(values("5.00", "4.85", x=SCORE))


def test_an_sd_against_minimum_and_maximum() -> None:
    extremes: dict[str, Any] = {"minimum": ["2", "1"], "maximum": ["9", "9"]}
    assert verdicts(values("5.00", "2.00", **extremes))["sd-within-range"] == "consistent"
    assert [check.id for check in wrong(values("5.00", "0.49", **extremes))] == ["sd-within-range"]
    assert wrong(values("9.71", "2.00", **extremes))
    errors = row(mean=["5.00", "5.00"], sd=["0.49", "0.30"], spread="se", **extremes)
    assert not wrong(subject(errors, sizes=("17", "40")))


def test_quartiles_out_of_order() -> None:
    shown = row(lower_quartile=["3", "2"], median=["5", "4"], upper_quartile=["4", "6"])
    (check,) = wrong(subject(shown))
    assert check.id == "quartiles-in-order"
    assert "median 5 lies above the upper quartile 4 (A)" in check.message


def test_extremes_of_spread() -> None:
    rng = np.random.default_rng(2)
    for _ in range(200):
        n = int(rng.integers(2, 30))
        x = rng.choice([0.0, 1.0, 3.5, 10.0], n)
        mean, sd = x.mean(), x.std(ddof=1)
        assert sd <= greatest_sd(n, (mean, mean), (0, 10)) * (1 + 1e-12)
        assert x.std() >= least_sd(n, (x.min(), x.max())) * (1 - 1e-12)
    assert np.std([0, 10], ddof=1) == pytest.approx(greatest_sd(2, (5, 5), (0, 10)))
    assert np.std([0, 5, 5, 10]) == pytest.approx(least_sd(4, (0, 10)))


@given(
    st.lists(st.integers(0, 10), min_size=2, max_size=60),
    st.integers(0, 4), st.integers(0, 4), st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_honest_scores_are_never_inconsistent(
    scores: list[int], mean_decimals: int, sd_decimals: int, sample: bool, told: bool, limits: bool
) -> None:
    x = np.array(scores, dtype=float)
    mean = f"{x.mean():.{mean_decimals}f}"
    sd = f"{x.std(ddof=int(sample)):.{sd_decimals}f}"
    keys: dict[str, Any] = {"sizes": [str(x.size), "40"]} if told else {}
    size = x.size if told else x.size + x.size // 8  # missing, silently
    shown = row(mean=[mean, "5.00"], sd=[sd, "2.00"], **keys)
    assert wrong(subject(shown, sizes=(str(size), "40"), x=SCORE if limits else WHOLE)) == []


@given(st.integers(2, 90), st.integers(0, 900), st.integers(1, 3))
def test_a_mean_is_possible_if_some_sum_rounds_to_it(n: int, tenths: int, decimals: int) -> None:
    text = f"{tenths / 10 + 0.003 * n:.{decimals}f}"
    printed = Printed.parse(text)
    low, high = printed.interval
    brute = any(low - 1e-9 <= total / n <= high + 1e-9 for total in range(120 * n + 1))
    assert has_mean(n, (low, high), Recorded(1.0)) == brute
