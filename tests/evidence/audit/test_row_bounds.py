"""Intervals and P values that no honest method gives, and odd ones that some method does."""

from __future__ import annotations

import pytest
from tests.evidence.audit.papers import failed, table

from vertebrisk.evidence.printed import Printed

WIDE = {"term": "age", "estimate": "0.033", "std_error": "0.013", "ratio": "1.034"}

IMPOSSIBLE = {
    "an upper limit 90 times too far": WIDE | {"conf_low": "1.006", "conf_high": "10.526"},
    "a limit at the estimate": WIDE | {"conf_low": "1.033", "conf_high": "1.062"},
    "a limit too far for P": {"term": "age", "ratio": "1.128", "conf_low": "1.044",
                              "conf_high": "44607.487", "p_value": "0.002"},
    "a longer arm towards one": {"term": "age", "ratio": "1.08", "conf_low": "0.105",
                                 "conf_high": "1.11"},
    "an arm away from an estimate near one": {"term": "age", "ratio": "1.020",
                                              "conf_low": "0.966", "conf_high": "1.662"},
    "P below 0.01 beside an interval that holds one well": {
        "term": "ivc", "level": "Yes", "ratio": "1.77", "conf_low": "0.60", "conf_high": "5.19",
        "p_value": "<0.01",
    },
    "a constant is not per 10 units": {"term": "constant", "estimate": "-0.124", "ratio": "0.29"},
}  # fmt: skip

HONEST = {
    "profile likelihood near separation": {
        "term": "ivc", "level": "Yes", "ratio": "10.11", "conf_low": "0.87", "conf_high": "242.8",
        "p_value": "0.067",
    },
    "an upper limit without end": {
        "term": "ivc", "level": "Yes", "ratio": "24.1", "conf_low": "2.9", "conf_high": ">999.999",
        "p_value": "0.004",
    },
    "a ratio plus and minus its own errors": {
        "term": "ivc", "level": "Yes", "ratio": "2.00", "conf_low": "0.02", "conf_high": "3.98",
    },
    "a ratio of the inverse coding": {
        "term": "ivc", "level": "Yes", "estimate": "-0.80", "std_error": "0.39", "per": -1.0,
        "ratio": "2.23", "conf_low": "1.04", "conf_high": "4.78",
    },
}  # fmt: skip


@pytest.mark.parametrize("row", IMPOSSIBLE.values(), ids=list(IMPOSSIBLE))
def test_no_honest_method_lies_so_far_off(row: dict[str, str]) -> None:
    assert failed(model=[table(row)])


@pytest.mark.parametrize("row", HONEST.values(), ids=list(HONEST))
def test_another_method_may(row: dict[str, str | float]) -> None:
    assert failed(model=[table(row)]) == []


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("-0.0", -0.1, 0.1), ("0.12", 0.115, 0.13), ("-0.12", -0.13, -0.115), ("<0.05", None, 0.05)],
)
def test_what_digits_that_were_cut_off_may_stand_for(
    text: str, low: float | None, high: float
) -> None:
    found = Printed.parse(text).cut_off
    assert found[1] == pytest.approx(high)
    assert low is None or found[0] == pytest.approx(low)
