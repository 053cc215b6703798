"""Integer programmes over covariate patterns, on tables whose answer is known."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.evidence.feasibility.programme import Programme
from vertebrisk.evidence.reconstruction.patterns import (
    PrintedModel,
    area_under_curve,
    find_counts,
    find_events,
    fit_patterns,
)
from vertebrisk.evidence.reconstruction.readings import margin_patterns, printed_predictor

PATTERNS = np.array(list(product((0, 1), repeat=3)), dtype=np.float64)
DESIGN = np.column_stack([np.ones(8), PATTERNS])
COUNTS = np.array([40, 21, 17, 12, 25, 9, 11, 14])
EVENTS = np.array([4, 5, 2, 5, 6, 4, 5, 10])
PATIENTS, TOTALS = DESIGN.T @ COUNTS, DESIGN.T @ EVENTS


def printed(coefficients: FloatArray, std_errors: FloatArray) -> PrintedModel:
    unit = np.full(4, 0.0005)
    return PrintedModel(DESIGN, DESIGN, PATIENTS, TOTALS, coefficients, std_errors, unit, unit)


def test_a_two_by_two_table_has_the_closed_form() -> None:
    design = np.array([[1.0, 0.0], [1.0, 1.0]])
    fit = fit_patterns(design, np.array([50.0, 30.0]), np.array([22.0, 12.0]))
    # 10/50 without and 12/30 with the attribute: log odds, and the sum of reciprocal counts.
    assert fit.coefficients == pytest.approx([np.log(10 / 40), np.log(12 / 18 / (10 / 40))])
    variance = 1 / 10 + 1 / 40 + 1 / 12 + 1 / 18
    assert fit.std_errors[1] == pytest.approx(np.sqrt(variance))


def test_no_finite_estimate_is_said() -> None:
    design = np.array([[1.0, 0.0], [1.0, 1.0]])
    with pytest.raises(FitError, match="no finite maximum-likelihood estimate"):
        fit_patterns(design, np.array([50.0, 30.0]), np.array([30.0, 30.0]))


def test_counts_behind_a_table_are_found_again() -> None:
    fit = fit_patterns(DESIGN, COUNTS.astype(float), TOTALS)
    model = printed(fit.coefficients.round(3), fit.std_errors.round(3))
    total = PATIENTS[0]
    share = PATIENTS[1:] / total
    start = total * np.prod(np.where(PATTERNS == 1, share, 1 - share), axis=1)
    found = find_counts(model, start)
    assert (DESIGN.T @ found == PATIENTS).all()
    again = fit_patterns(DESIGN, found.astype(float), TOTALS)
    # As near to the rounded table as the counts that it was printed from.
    np.testing.assert_allclose(again.coefficients, model.coefficients, atol=0.001)
    np.testing.assert_allclose(again.std_errors, model.std_errors, atol=0.002)


def test_margins_that_do_not_add_up_are_refused() -> None:
    wrong = PATIENTS + np.array([0, 500, 0, 0])
    model = replace(printed(np.zeros(4), np.full(4, 0.3)), patients=wrong)
    with pytest.raises(FitError, match="No whole numbers of patients"):
        find_counts(model, COUNTS.astype(float))


def test_events_keep_totals_bounds_and_area() -> None:
    fit = fit_patterns(DESIGN, COUNTS.astype(float), TOTALS)
    score = DESIGN @ fit.coefficients
    pairs = EVENTS.sum() * (COUNTS - EVENTS).sum()
    wanted = area_under_curve(score, COUNTS, EVENTS)
    found = find_events(printed(fit.coefficients, fit.std_errors), COUNTS, (wanted, wanted))
    assert (DESIGN.T @ found == TOTALS).all()
    assert (found >= 0).all()
    assert (found <= COUNTS).all()
    # The same number of concordant pairs; 1e-9 is rounding of a sum of halves.
    area = area_under_curve(score, COUNTS, found)
    assert area * pairs == pytest.approx(wanted * pairs, abs=1e-9)


def test_an_area_out_of_reach_is_come_near_to() -> None:
    fit = fit_patterns(DESIGN, COUNTS.astype(float), TOTALS)
    model = printed(fit.coefficients, fit.std_errors)
    score = DESIGN @ fit.coefficients
    highest = area_under_curve(score, COUNTS, find_events(model, COUNTS, (0.99, 1.0)))
    lowest = area_under_curve(score, COUNTS, find_events(model, COUNTS, (0.0, 0.01)))
    free = area_under_curve(score, COUNTS, find_events(model, COUNTS))
    assert lowest < free < highest < 0.99


def test_a_constant_that_is_not_printed_follows() -> None:
    fit = fit_patterns(DESIGN, COUNTS.astype(float), TOTALS)
    wanted, errors = fit.coefficients.round(3), fit.std_errors.round(3)
    wanted[0] = errors[0] = np.nan
    found = find_counts(printed(wanted, errors), COUNTS.astype(float))
    again = fit_patterns(DESIGN, found.astype(float), TOTALS)
    np.testing.assert_allclose(again.coefficients[1:], wanted[1:], atol=0.001)
    np.testing.assert_allclose(again.std_errors[1:], errors[1:], atol=0.002)


def test_a_constant_that_is_not_printed_is_searched_for_in_a_reading() -> None:
    fit = fit_patterns(DESIGN, COUNTS.astype(float), TOTALS)
    wanted = fit.coefficients.copy()
    wanted[0] = np.nan
    assert verdict(wanted) != "impossible"
    wanted[1] += 4.0
    assert verdict(wanted) == "impossible"


def verdict(coefficients: FloatArray) -> str:
    """What is found of a reading of the table, with three decimals."""
    model = printed(coefficients, np.full(4, np.nan))
    return Programme(margin_patterns(model)).judge(printed_predictor(model)).verdict


def test_area_by_brute_force() -> None:
    score = np.array([0.1, 0.1, 0.4, 0.3])
    counts, events = np.array([3, 2, 4, 5]), np.array([1, 0, 3, 2])
    cases = np.repeat(score, events)
    others = np.repeat(score, counts - events)
    wins = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a in cases for b in others)
    expected = wins / (len(cases) * len(others))
    assert area_under_curve(score, counts, events) == pytest.approx(expected)


def test_a_true_fit_is_a_possible_reading_and_a_shifted_one_is_not() -> None:
    fit = fit_patterns(DESIGN, COUNTS.astype(float), TOTALS)
    assert verdict(fit.coefficients) == "possible"
    assert verdict(fit.coefficients + np.array([1.0, 0, 0, 0])) == "impossible"
    # The constant of patients with the first attribute, its column less 1.
    moved = fit.coefficients.copy()
    moved[0] += moved[1]
    model = printed(moved, np.full(4, np.nan))
    shifted = replace(model, design=DESIGN - np.array([0.0, 1.0, 0.0, 0.0]))
    programme = Programme(margin_patterns(model))
    assert programme.judge(printed_predictor(shifted)).verdict == "possible"
    assert programme.judge(printed_predictor(model)).verdict == "impossible"


def test_impossible_margins_are_said() -> None:
    model = printed(np.zeros(4), np.full(4, np.nan))
    beyond = replace(model, patients=PATIENTS * np.array([1, 9, 1, 1]))
    with pytest.raises(ArgumentError, match="No joint distribution"):
        Programme(margin_patterns(beyond))
