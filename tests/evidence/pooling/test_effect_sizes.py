"""Effects and their errors from what papers print."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special
from tests.reference.loader import load

import vertebrisk as vr
from vertebrisk.errors import ArgumentError

Z = 1.959963984540054


def test_odds_ratios_are_those_of_escalc() -> None:
    case = load("meta_analysis")["odds"]
    sized = vr.log_odds_ratios(case["a"], case["n"], case["c"], case["m"])
    assert_allclose(sized.estimates, case["estimates"], rtol=1e-12, atol=1e-14)
    assert_allclose(sized.std_errors, case["std_errors"], rtol=1e-13)
    assert sized.sources[-3:] == ("counts, a half added",) * 3


def test_a_table_worked_by_hand() -> None:
    """(10 x 30) / (20 x 5) = 3; variance 1/10 + 1/20 + 1/5 + 1/30."""
    sized = vr.log_odds_ratios([10], [30], [5], [35])
    assert sized.estimates[0] == pytest.approx(np.log(3), rel=1e-14)
    assert sized.std_errors[0] ** 2 == pytest.approx(1 / 10 + 1 / 20 + 1 / 5 + 1 / 30, rel=1e-14)


def test_a_printed_ratio_gives_back_its_error() -> None:
    error = 0.31
    limits = np.exp(np.log(2.2) + np.array([-1, 1]) * Z * error)
    sized = vr.log_ratios([2.2], limits[:1], limits[1:])
    assert sized.std_errors[0] == pytest.approx(error, rel=1e-12)
    assert sized.scale == "log"


def test_an_interval_of_another_level() -> None:
    limits = np.exp(np.array([-1, 1]) * 1.6448536269514722 * 0.5)
    sized = vr.log_ratios([1.0], limits[:1], limits[1:], conf_level=0.9)
    assert sized.std_errors[0] == pytest.approx(0.5, rel=1e-12)


def test_each_study_gives_the_best_error_that_it_has() -> None:
    unknown = float("nan")
    sized = vr.logit_c_statistics(
        [0.8, 0.8, 0.8, 0.8],
        conf_low=[0.7, unknown, unknown, 0.6],
        conf_high=[0.87, unknown, unknown, 1.0],
        std_errors=[0.04, 0.04, unknown, unknown],
        events=[30, 30, 30, 30],
        nonevents=[90, 90, 90, 90],
    )
    first = (special.logit(0.87) - special.logit(0.7)) / (2 * Z)
    # Newcombe's method 4 by hand: N / 2 - 1 = 59.
    inner = 1 + 59 * 0.2 / 1.2 + 59 * 0.8 / 1.8
    last = np.sqrt(0.8 * 0.2 * inner / (30 * 90)) / 0.16
    assert_allclose(sized.std_errors, [first, 0.04 / 0.16, last, last], rtol=1e-12)
    assert sized.sources[0] == "interval"
    assert sized.sources[1] == "standard error"
    assert sized.sources[3] == "numbers with and without the event"
    assert_allclose(sized.estimates, special.logit(0.8))


def test_observed_over_expected_by_hand() -> None:
    sized = vr.log_observed_expected_ratios([20], [16.0], [100])
    assert sized.estimates[0] == pytest.approx(np.log(1.25), rel=1e-14)
    assert sized.std_errors[0] == pytest.approx(np.sqrt(0.8 / 20), rel=1e-14)


def test_the_scale_travels_with_the_effects() -> None:
    sized = vr.log_ratios([2.0, 3.0], [1.0, 2.0], [4.0, 4.5])
    pooled = vr.pool(sized.estimates, sized.std_errors, scale=sized.scale)
    assert pooled.natural().estimate == pytest.approx(np.exp(pooled.estimate), rel=1e-14)
    assert sized.to_dict()["kind"] == "effect-sizes"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: vr.logit_c_statistics([80.0], events=[3], nonevents=[9]), "not percentages"),
        (lambda: vr.logit_c_statistics([0.8]), "without an interval, a standard error"),
        (
            lambda: vr.logit_c_statistics([0.8], conf_low=[0.85], conf_high=[0.9]),
            "wrong side of the C-statistic in study 1",
        ),
        (lambda: vr.logit_c_statistics([0.8], std_errors=["a"]), "std_errors holds values that"),
        (lambda: vr.logit_c_statistics([0.8], std_errors=[0.0]), "std_errors is not above zero"),
        (lambda: vr.log_ratios([2.0], [-1.0], [3.0]), "conf_low is not above zero in study 1"),
        (lambda: vr.log_ratios([2.0], [2.5], [3.0]), "wrong side of the ratio in study 1"),
        (lambda: vr.log_observed_expected_ratios([0], [3.0], [9]), "none or all of the patients"),
        (lambda: vr.log_observed_expected_ratios([2], [0.0], [9]), "expected is not above zero"),
        (lambda: vr.log_odds_ratios([1], [9], [1, 2], [9, 9]), "other_events has 2 values where"),
    ],
)
def test_what_cannot_be_is_one_line(call: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says) as caught:
        call()
    assert "\n" not in str(caught.value)
