"""Riley's criteria give the sizes printed with pmsampsize, and each inverts its neighbour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.sample_size.developing import (
    SHARE_OF_LARGEST,
    expected_shrinkage,
    largest_r2_binary,
    largest_r2_survival,
    margin_of_overall_risk,
    most_parameters,
    n_for_optimism,
    n_for_overall_risk,
    n_for_shrinkage,
)


# Documentation and tests of pmsampsize 1.1.3.
@pytest.mark.parametrize(
    ("r2", "parameters", "prevalence", "sizes"),
    [
        (0.288, 24, 0.174, (623, 662, 221)),
        (0.55, 24, 0.174, (255, 532, 221)),
        (0.288, 36, 0.174, (934, 992, 221)),
        (0.288, 24, 0.25, (623, 590, 289)),
    ],
)
def test_binary_sizes_are_those_of_pmsampsize(
    r2: float, parameters: int, prevalence: float, sizes: tuple[int, int, int]
) -> None:
    found = (
        n_for_shrinkage(parameters, r2),
        n_for_optimism(parameters, r2, largest_r2_binary(prevalence)),
        n_for_overall_risk(prevalence),
    )
    assert found == sizes


# The first is the worked example of the BMJ paper: rate 0.065 a year over 2.07 years.
@pytest.mark.parametrize(
    ("r2", "parameters", "sizes"),
    [(0.051, 30, (5143, 1039)), (0.051, 25, (4286, 866)), (0.065, 25, (3335, 859))],
)
def test_survival_sizes_are_those_of_pmsampsize(
    r2: float, parameters: int, sizes: tuple[int, int]
) -> None:
    largest = largest_r2_survival(0.1346)  # 1346 events in its 10 000 patients
    found = (n_for_shrinkage(parameters, r2), n_for_optimism(parameters, r2, largest))
    assert found == sizes


def test_the_largest_r2_is_that_of_pmsampsize() -> None:
    assert largest_r2_binary(0.174) == pytest.approx(0.603, abs=5e-4)  # printed to 3 places


@given(
    n=st.integers(20, 20_000),
    prevalence=st.floats(0.01, 0.99),
    share=st.floats(0.05, 0.9),
)
def test_most_parameters_fit_and_one_more_does_not(n: int, prevalence: float, share: float) -> None:
    largest = largest_r2_binary(prevalence)
    r2 = share * largest
    if r2 >= 0.9:
        return
    most = most_parameters(n, r2, largest)
    needed = [
        max(n_for_shrinkage(each, r2), n_for_optimism(each, r2, largest)) if each else 0
        for each in (most, most + 1)
    ]
    assert needed[0] <= n < needed[1]


@given(n=st.integers(10, 20_000), parameters=st.integers(1, 200), prevalence=st.floats(0.01, 0.99))
def test_the_expected_shrinkage_solves_the_first_criterion(
    n: int, parameters: int, prevalence: float
) -> None:
    r2 = SHARE_OF_LARGEST * largest_r2_binary(prevalence)
    found = expected_shrinkage(n, parameters, r2)
    assert r2 <= found < 1
    if found > r2 * (1 + 1e-9):  # at its limit the logarithm has no more digits to give
        assert n_for_shrinkage(parameters, r2, found) == pytest.approx(n, rel=1e-6, abs=1)


def test_the_margin_inverts_the_size() -> None:
    n = n_for_overall_risk(0.174)
    assert margin_of_overall_risk(n, 0.174) <= 0.05 < margin_of_overall_risk(n - 1, 0.174)


@pytest.mark.parametrize("r2", [0.0, 0.9, 1.2])
def test_an_impossible_r2_is_refused(r2: float) -> None:
    with pytest.raises(ArgumentError, match="r2 is"):
        n_for_shrinkage(5, r2)
