"""Printed numbers: their text, their rounding, and cells that hold two."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertebrisk.errors import DataError
from vertebrisk.evidence.printed import (
    Printed,
    count_and_percent,
    interval,
    mean_and_sd,
    ratio_and_interval,
)


@pytest.mark.parametrize(
    ("printed", "found", "expected"),
    [
        ("0.026", 0.0255, True),
        ("0.026", 0.02649999, True),
        ("0.026", 0.0265, False),
        ("-0.026", -0.0265, False),
        ("-0.026", -0.0255, True),
        ("0.000", 0.0004999, True),
        ("0.000", -0.0005, True),
        ("<0.001", 0.0009999, True),
        ("<0.001", 0.001, False),
        ("≤0.001", 0.001, True),
        (">3", 3.0, False),
        ("＜0.05", 0.04, True),
        ("−3.361", -3.3612, True),
        ("9.33%", 9.3333, True),
        ("２６８", 268.0, True),
        ("0·780", 0.7799, True),
        ("2.3×10-5", 2.34e-5, True),
        ("2.3e-5", 2.36e-5, False),
        ("37", math.nan, False),
    ],
)
def test_a_printed_number_stands_for_all_that_rounds_to_it(
    printed: str, found: float, expected: bool
) -> None:
    assert Printed.parse(printed).covers(found) is expected


@pytest.mark.parametrize(
    "text",
    ["1,175", "", "-", "1.2.3", "NaN", "inf", "1e999", "0.05 (t)", "12 of 20", "±3", "<", "1 2"],
)
def test_what_is_no_single_number_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="is not a number"):
        Printed.parse(text)


def test_text_and_decimals_are_kept() -> None:
    number = Printed.parse("0.780")
    assert (number.text, number.decimals, number.value) == ("0.780", 3, 0.78)
    assert number.half == 0.0005
    assert number.interval == (0.7795, 0.7805)
    assert Printed.parse("268").interval == (267.5, 268.5)
    assert Printed.parse("<0.001").interval == (-math.inf, 0.001)
    assert Printed.parse("0.780") != Printed.parse("0.78")


@given(value=st.floats(-1e6, 1e6), places=st.integers(0, 6))
def test_a_number_is_covered_by_its_own_print(value: float, places: int) -> None:
    # Halves away from zero, on the shortest decimal that stands for the float.
    step = Decimal(1).scaleb(-places)
    text = str(Decimal(repr(value)).quantize(step, rounding=ROUND_HALF_UP))
    assert Printed.parse(f"{Decimal(text):f}").covers(value)


@given(digits=st.integers(-(10**7), 10**7), places=st.integers(0, 5), turns=st.floats(-0.99, 0.99))
def test_the_interval_is_half_a_unit_either_way(digits: int, places: int, turns: float) -> None:
    number = Printed.parse(f"{Decimal(digits).scaleb(-places):f}")
    low, high = number.interval
    assert number.half == pytest.approx(0.5 * 10.0**-places, rel=1e-12)
    assert number.covers(number.value + turns * number.half)
    assert number.covers_inside(number.value + turns * number.half)
    assert not number.covers(number.value + 2.01 * number.half)
    assert not number.covers_inside(high)
    assert low < number.value < high


@pytest.mark.parametrize(
    ("text", "mean", "sd"),
    [("23.92±3.61", "23.92", "3.61"), ("-2.80 ± 0.57", "-2.80", "0.57"),
     ("6.41+/-0.834", "6.41", "0.834"), ("23.92（3.61）", "23.92", "3.61")],
)  # fmt: skip
def test_mean_and_sd_are_taken_apart(text: str, mean: str, sd: str) -> None:
    assert [each.text for each in mean_and_sd(text)] == [mean, sd]


@pytest.mark.parametrize(
    ("text", "count", "percent"),
    [("46(19.9%)", "46", "19.9"), ("185(80.1)", "185", "80.1"), ("12[5.2%]", "12", "5.2"),
     ("46（19.9％）", "46", "19.9"), ("46", "46", None)],
)  # fmt: skip
def test_count_and_percent_are_taken_apart(text: str, count: str, percent: str | None) -> None:
    found = count_and_percent(text)
    assert found[0].text == count
    assert (found[1].text if found[1] is not None else None) == percent


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("1.713-16.888", "1.713", "16.888"), ("1.175~12.227", "1.175", "12.227"),
     ("1.175～12.227", "1.175", "12.227"), ("-0.5--0.1", "-0.5", "-0.1"),
     ("-0.5 to 0.1", "-0.5", "0.1"), ("(0.98, 1.20)", "0.98", "1.20"), ("1.2–3", "1.2", "3")],
)  # fmt: skip
def test_intervals_are_taken_apart(text: str, low: str, high: str) -> None:
    assert [each.text for each in interval(text)] == [low, high]


def test_a_ratio_with_its_interval_is_taken_apart() -> None:
    cell = ratio_and_interval("3.790(1.175~12.227)")
    assert [each.text for each in cell] == ["3.790", "1.175", "12.227"]


def test_cells_that_are_none_are_refused() -> None:
    with pytest.raises(DataError, match="not a mean with its SD"):
        mean_and_sd("23.92")
    with pytest.raises(DataError, match="not a count"):
        count_and_percent("46.5(19.9%)")
    with pytest.raises(DataError, match="not an interval"):
        interval("1.713")
    with pytest.raises(DataError, match="not a ratio with its interval"):
        ratio_and_interval("3.790")
