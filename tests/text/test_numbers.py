"""Numbers as a person expects to read them."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertebrisk.text.numbers import PLAIN, TYPESET

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.026, "0.026"),
        (0.0, "<0.001"),
        (0.00099999, "<0.001"),
        (0.001, "0.001"),
        (0.0005, "<0.001"),
        (0.0125, "0.013"),
        (0.9985, "0.999"),
        (0.9991, ">0.999"),
        (1.0, ">0.999"),
        (None, "–"),
        (NAN, "–"),
    ],
)
def test_p_values(p: float | None, text: str) -> None:
    assert PLAIN.p_value(p) == text


@given(st.floats(0, 1))
def test_a_p_value_is_never_printed_as_zero_or_one(p: float) -> None:
    assert PLAIN.p_value(p) not in ("0.000", "1.000")


def test_p_values_in_running_text() -> None:
    assert PLAIN.p_statement(0.0263) == "P = 0.026"
    assert PLAIN.p_statement(1e-9) == "P < 0.001"
    assert PLAIN.p_statement(1.0) == "P > 0.999"
    assert PLAIN.p_statement(None) == "–"
    assert PLAIN.p_value(0.004, decimals=2) == "<0.01"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.285, 2, "0.29"),
        (-0.285, 2, "-0.29"),
        (1.005, 2, "1.01"),
        (2.5, 0, "3"),
        (-2.5, 0, "-3"),
        (-0.004, 2, "0.00"),
        (-0.0, 1, "0.0"),
        (12345.678, 1, "12345.7"),
        (1e22, 0, "10000000000000000000000"),
        (5e-324, 3, "0.000"),
        (INF, 2, "∞"),
        (-INF, 2, "-∞"),
        (NAN, 2, "–"),
        (None, 2, "–"),
    ],
)
def test_rounding_is_of_the_digits_that_a_person_sees(
    value: float | None, decimals: int, text: str
) -> None:
    assert PLAIN.estimate(value, decimals) == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_rounding_moves_by_half_a_unit_at_most(value: float, decimals: int) -> None:
    text = PLAIN.estimate(value, decimals)
    half = Decimal(5).scaleb(-decimals - 1)
    assert abs(Decimal(text) - Decimal(repr(value))) <= half
    assert not (text.startswith("-") and Decimal(text) == 0)


def test_the_minus_sign_can_be_typeset() -> None:
    assert TYPESET.estimate(-1.5, 1) == "\u22121.5"
    assert TYPESET.mean_sd(-2.61, 0.5) == "\u22122.61 ± 0.50"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.00012345, 3, "0.000123"),
        (99.96, 3, "100"),
        (0.09996, 3, "0.100"),
        (12345.6, 3, "12346"),
        (1.2345e7, 3, "1.23e+07"),
        (-1e-7, 2, "-1.0e-07"),
        (0.0, 3, "0.00"),
        (None, 3, "–"),
    ],
)
def test_significant_digits(value: float | None, digits: int, text: str) -> None:
    assert PLAIN.significant(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.13806, "13.8%"),
        (0.285, "28.5%"),
        (0.0, "0.0%"),
        (1.0, "100.0%"),
        (1e-9, "<0.1%"),
        (0.99999, ">99.9%"),
        (None, "–"),
    ],
)
def test_a_possible_risk_is_never_none_or_certain(value: float | None, text: str) -> None:
    assert PLAIN.risk(value) == text


def test_the_cells_of_a_table() -> None:
    assert PLAIN.mean_sd(72.405, 7.9) == "72.41 ± 7.90"
    assert PLAIN.mean_sd(72.4, None, 1) == "72.4"
    assert PLAIN.median_iqr(6, 5, 7.25, 1) == "6.0 [5.0, 7.3]"
    assert PLAIN.median_iqr(None, None, None) == "–"
    assert PLAIN.count_percent(37, 13.8059) == "37 (13.8%)"
    assert PLAIN.count_percent(0, None) == "0"
    assert PLAIN.count_percent(None, None) == "–"
    assert PLAIN.percent(13.85) == "13.9%"
    assert PLAIN.interval(0.696, 0.852, 3) == "0.696 to 0.852"
    assert PLAIN.interval(None, NAN) == "–"
    assert PLAIN.estimate_interval(0.774, 0.696, 0.852, 3) == "0.774 (0.696 to 0.852)"
    assert PLAIN.estimate_interval(0.774, None, None, 3) == "0.774"
    assert PLAIN.risk_interval(0.138, 0.102, 0.185) == "13.8% (10.2% to 18.5%)"


def test_ratios() -> None:
    assert PLAIN.ratio_interval(3.79, 1.173, 12.2451) == "3.79 (1.17 to 12.25)"
    assert PLAIN.ratio_interval(3.79, None, None) == "3.79"
    assert PLAIN.ratio(0.00341) == "0.0034"
    assert PLAIN.ratio(INF) == "∞"
    assert PLAIN.ratio(2.5e9) == "2.5e+09"
    assert PLAIN.ratio(0.0) == "0.00"


def test_a_chosen_number_keeps_the_digits_that_it_was_given() -> None:
    assert [PLAIN.shortest(each) for each in (0.75, 12.0, 74.35)] == ["0.75", "12", "74.35"]
    assert TYPESET.shortest(-0.5) == "\u22120.5"
    assert PLAIN.p_below(0.05) == "P < 0.05"
