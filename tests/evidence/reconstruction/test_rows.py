"""One row of a regression table: what it allows, and what in it cannot be."""

from __future__ import annotations

import math

import pytest

from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.reconstruction.rows import read_row


def row(**texts: str) -> dict[str, Printed]:
    return {name: Printed.parse(text) for name, text in texts.items()}


WHOLE = row(
    estimate="1.332", std_error="0.598", wald="4.973", p_value="0.026", ratio="3.790",
    conf_low="1.175", conf_high="12.227",
)  # fmt: skip


def test_a_row_that_holds_together_is_narrowed_by_all_its_numbers() -> None:
    found = read_row(WHOLE)
    assert found.conflicts == ()
    assert found.target.estimate == pytest.approx(math.log(3.790), abs=2e-4)
    # Narrower than the half unit of the third decimal that the estimate alone allows.
    assert found.target.estimate_half < 0.0001
    assert abs(found.target.std_error - 0.598) < 0.0005
    assert found.target.sign == 1


def test_wald_and_p_that_cannot_hold_together_are_named_alone() -> None:
    found = read_row(WHOLE | row(p_value="0.004"))
    assert ("wald", "p_value") in found.conflicts
    assert found.set_aside == ("p_value",)
    assert found.target == read_row({k: v for k, v in WHOLE.items() if k != "p_value"}).target


def test_transposed_digits_are_set_aside_for_the_rest() -> None:
    found = read_row(WHOLE | row(estimate="1.323"))
    assert ("estimate", "ratio") in found.conflicts
    assert found.set_aside == ("estimate",)
    assert found.target.estimate == pytest.approx(math.log(3.790), abs=2e-4)


def test_a_bound_of_p_bounds_z() -> None:
    found = read_row(row(ratio="5.797", p_value="<0.05")).target
    assert found.z_low == pytest.approx(1.959964, abs=1e-6)
    assert math.isnan(found.std_error)


def test_an_interval_gives_the_standard_error_at_its_level() -> None:
    limits = row(ratio="2.000", conf_low="1.414", conf_high="2.828")
    at_95 = read_row(limits).target.std_error
    at_90 = read_row(limits, 90.0).target.std_error
    # ln 2 / 2 on either side, over 1.96 and 1.645.
    assert at_95 == pytest.approx(math.log(2) / 2 / 1.959964, rel=1e-3)
    assert at_90 == pytest.approx(math.log(2) / 2 / 1.644854, rel=1e-3)


def test_a_row_without_numbers_allows_everything() -> None:
    target = read_row({}).target
    assert math.isnan(target.estimate)
    assert target.sign == 0
