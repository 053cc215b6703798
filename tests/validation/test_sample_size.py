"""Sample sizes as a user asks for them: published examples, what is at hand, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.reference.loader import load

import vertebrisk as vr
from vertebrisk.errors import ArgumentError


def sizes(size: vr.SampleSize) -> dict[str, int]:
    return {each.name: each.n for each in size.criteria}


def test_the_worked_example_of_a_binary_outcome() -> None:
    size = vr.sample_size_binary(parameters=24, prevalence=0.174, r2_cs=0.288)
    assert (size.n, sizes(size)) == (
        662,
        {"shrinkage": 623, "optimism": 662, "overall-risk": 221},
    )
    assert size.events_per_parameter == pytest.approx(4.80, abs=0.005)
    assert size.enough is None


def test_r2_is_that_of_the_c_index() -> None:
    size = vr.sample_size_binary(parameters=24, prevalence=0.174, c_index=0.89)
    assert list(sizes(size).values()) == [615, 660, 221]
    same = vr.sample_size_binary(
        parameters=24, prevalence=0.174, r2_nagelkerke=size.assumptions["r2_nagelkerke"]
    )
    assert same.n == size.n


def test_the_worked_example_of_time_to_an_event() -> None:
    # BMJ 2020: 5143 patients, 692 events, risk at two years 0.122 (0.113 to 0.130).
    size = vr.sample_size_survival(
        parameters=30, rate=0.065, horizon=2, mean_followup=2.07, r2_cs=0.051
    )
    found = sizes(size)
    assert (size.n, found["shrinkage"], found["optimism"]) == (5143, 5143, 1039)
    assert size.events == pytest.approx(692, abs=0.5)
    limits = [size.assumptions[name] for name in ("risk", "risk_low", "risk_high")]
    assert limits == pytest.approx([0.122, 0.113, 0.130], abs=5e-4)


# Tests of pmsampsize for continuous outcomes: the first three criteria. Its fourth takes the SD
# for a variance; no example is bound by it.
@pytest.mark.parametrize(
    ("parameters", "r2", "mean", "sd", "shrinkage", "expected"),
    [
        (25, 0.2, 1.9, 0.6, 0.9, (918, 401, 259)),
        (25, 0.3, 1.9, 0.6, 0.9, (574, 351, 259)),
        (50, 0.2, 1.9, 0.6, 0.9, (1924, 801, 284)),
        (100, 0.5, 1.9, 2.0, 0.9, (1264, 1001, 334)),
        (30, 0.89, 3.3, 1.1, 0.84, (32, 67, 264)),
    ],
)
def test_the_examples_of_a_continuous_outcome(
    parameters: int,
    r2: float,
    mean: float,
    sd: float,
    shrinkage: float,
    expected: tuple[int, int, int],
) -> None:
    size = vr.sample_size_continuous(
        parameters=parameters, r2=r2, mean=mean, sd=sd, shrinkage=shrinkage
    )
    found = sizes(size)
    assert (found["shrinkage"], found["optimism"], found["residual-sd"]) == expected
    assert size.n == max(found.values())


def test_patients_at_hand_are_held_against_each_criterion() -> None:
    size = vr.sample_size_binary(parameters=10, prevalence=0.138, available=268)
    assert size.enough is False
    assert {each.name: each.met for each in size.criteria} == {
        "shrinkage": False,
        "optimism": False,
        "overall-risk": True,
    }
    for each in vr.sample_size_binary(parameters=10, prevalence=0.138, available=size.n).criteria:
        assert each.met
        better = each.attained >= each.target - 1e-9
        assert better if each.name == "shrinkage" else each.attained <= each.target + 1e-9


def test_a_validation_with_a_published_linear_predictor() -> None:
    size = vr.sample_size_validation_binary(
        prevalence=0.018,
        c_index=0.8,
        linear_predictor=(-5, 2.5),
        widths={"observed-expected": 1.0},
    )
    slope = next(c for c in load("sample_size")["normals"] if c["mean"] == -5)["slope_variance"]
    assert sizes(size)["slope"] == np.ceil(slope / (0.2 / 3.92) ** 2)
    assert (sizes(size)["observed-expected"], sizes(size)["c-index"]) == (906, 4252)
    assert size.n == sizes(size)["slope"]


def test_risks_at_hand_stand_for_their_distribution() -> None:
    draws = np.random.default_rng(1).normal(-2, 0.9, 200_000)
    risks = 1 / (1 + np.exp(-draws))
    by_risks = vr.sample_size_validation_binary(prevalence=0.15, c_index=0.72, risks=risks)
    stated = vr.sample_size_validation_binary(
        prevalence=0.15, c_index=0.72, linear_predictor=(-2, 0.9)
    )
    # The variance of a sample of 200 000 is off by about 0.3 %.
    assert sizes(by_risks)["slope"] == pytest.approx(sizes(stated)["slope"], rel=0.015)


def test_net_benefit_is_asked_for_by_a_threshold() -> None:
    size = vr.sample_size_validation_binary(
        prevalence=0.1, c_index=0.8, threshold=0.1, sensitivity=0.8, specificity=0.7
    )
    # w = 1: (0.8 x 0.2 / 0.1 + 0.7 x 0.3 / 0.9 + 0.3 x 0.3 / 0.09) x (3.92 / 0.2)^2
    assert sizes(size)["net-benefit"] == np.ceil((1.6 + 0.21 / 0.9 + 1.0) * (3.92 / 0.2) ** 2)
    assert size.assumptions["standardised_net_benefit"] == pytest.approx(0.5)


def test_a_validation_at_a_horizon() -> None:
    reference = load("sample_size")["cohort"]
    size = vr.sample_size_validation_survival(risk=0.2, c_index=reference["c_index"], lost=0.3)
    # 40 000 random patients in R: the variance of their C is off by about 3 %.
    expected = reference["c_variance"] / (0.1 / 3.92) ** 2
    assert sizes(size)["c-index"] == pytest.approx(expected, rel=0.05)
    fewer = vr.sample_size_validation_survival(risk=0.2, c_index=reference["c_index"])
    assert fewer.n < size.n


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: vr.sample_size_binary(parameters=0, prevalence=0.1), "whole number of 1"),
        (lambda: vr.sample_size_binary(parameters=5, prevalence=1.0), "between 0 and 1"),
        (
            lambda: vr.sample_size_binary(parameters=5, prevalence=0.1, r2_cs=0.6),
            "Is it Nagelkerke's",
        ),
        (
            lambda: vr.sample_size_binary(parameters=5, prevalence=0.1, r2_cs=0.1, c_index=0.7),
            "say the same thing",
        ),
        (lambda: vr.sample_size_binary(parameters=5, prevalence=0.1, c_index=0.5), "0.5 and 1"),
        (
            lambda: vr.sample_size_survival(
                parameters=5, rate=0.5, horizon=1, mean_followup=24, r2_cs=0.1
            ),
            "one unit of time",
        ),
        (
            lambda: vr.sample_size_continuous(parameters=2, r2=0.2, mean=1, sd=1),
            "from 3 on",
        ),
        (lambda: vr.sample_size_continuous(parameters=5, r2=0.2, mean=0, sd=1), "other than 0"),
        (
            lambda: vr.sample_size_continuous(parameters=9, r2=0.2, mean=2, sd=1, available=9),
            "to fit the model at all",
        ),
        (
            lambda: vr.sample_size_validation_binary(
                prevalence=0.1, c_index=0.7, widths={"c": 0.1}
            ),
            "the criteria are",
        ),
        (
            lambda: vr.sample_size_validation_binary(prevalence=0.1, c_index=0.7, sensitivity=0.5),
            "give threshold",
        ),
        (
            lambda: vr.sample_size_validation_binary(prevalence=0.1, c_index=0.7, risks=[0.1] * 50),
            "whose risks differ",
        ),
        (
            lambda: vr.sample_size_validation_survival(risk=0.6, c_index=0.7, lost=0.5),
            "have the event before the horizon",
        ),
        (
            lambda: vr.sample_size_validation_survival(risk=0.9, c_index=0.99),
            "no linear predictor met in practice",
        ),
    ],
)
def test_what_cannot_be_calculated_is_said(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        call()
