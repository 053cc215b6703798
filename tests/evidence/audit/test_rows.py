"""One regression row: what arithmetic binds, which number is off, and what is honest after all."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from tests.evidence.audit.papers import NUMBER, ROW, failed, found, paper, table

from vertebrisk.evidence.audit.auditing import audit
from vertebrisk.evidence.audit.values import Check


def off(**cells: str | float) -> dict[str, str | float]:
    return ROW | cells


def test_a_row_that_agrees_with_itself_is_consistent_in_every_formula() -> None:
    assert failed(model=[table(ROW)]) == []
    made = found("ratio-of-coefficient", model=[table(ROW)])
    assert made[0].verdict == "consistent"
    assert made[0].interval == pytest.approx((math.exp(1.3315), math.exp(1.3325)))


@pytest.mark.parametrize(
    ("field", "wrong", "repaired"),
    [
        ("estimate", "1.323", "1.332"),
        ("std_error", "0.958", "0.598"),
        ("wald", "4.793", "4.969 to 4.973"),
        ("p_value", "0.004", "0.026"),
        ("ratio", "3.970", "3.790"),
    ],
)
def test_the_number_that_the_others_outvote_is_named_and_repaired(
    field: str, wrong: str, repaired: str
) -> None:
    [check] = failed(model=[table(off(**{field: wrong}))])
    assert check.repair is not None
    assert (check.repair.field, check.repair.printed) == (field, wrong)
    assert check.repair.repaired == repaired
    assert check.failure == "one number"


def test_two_numbers_alone_do_not_say_which_of_them_is_off() -> None:
    row = {"term": "cleft", "level": "Yes", "estimate": "1.323", "ratio": "3.790"}
    [check] = failed(model=[table(row)])
    assert check.repair is None
    assert "Either B or OR" in check.message
    assert check.severity == "risk"


def test_a_sign_against_the_side_of_one_is_a_question_of_the_coding() -> None:
    [check] = failed(model=[table(off(estimate="-1.332"))])
    assert (check.id, check.failure, check.severity) == ("sign-of-coefficient", "wording", "risk")
    assert failed(model=[table(off(estimate="-1.332", per=-1.0))]) == []


def test_a_ratio_per_ten_units_is_noted_where_all_numbers_go_with_it() -> None:
    per_ten = NUMBER | {"ratio": "1.665", "conf_low": "1.103", "conf_high": "2.513"}
    checks = audit_rows(per_ten)
    assert all(check.verdict == "consistent" for check in checks)
    assert any("per 10 units" in note for check in checks for note in check.notes)


def audit_rows(*rows: Mapping[str, str | float]) -> list[Check]:
    found = audit(paper(model=[table(*rows)])).checks
    return [check for check in found if check.id != "possible-fit"]


def test_a_profile_interval_is_a_note_and_never_an_inconsistency() -> None:
    # glm and confint of a cleft in 200 patients: 0.31 to 2.44 beside B 1.332 and SE 0.541.
    row = {
        "term": "cleft", "level": "Yes", "estimate": "1.332", "std_error": "0.541",
        "p_value": "0.014", "ratio": "3.79", "conf_low": "1.27", "conf_high": "11.02",
    }  # fmt: skip
    rows = audit_rows(row)
    assert not [check for check in rows if check.verdict == "inconsistent"]
    assert any("profile likelihood" in note for check in rows for note in check.notes)


def test_one_limit_off_in_a_table_of_wald_intervals_is_found() -> None:
    wrong = off(conf_high="21.227")
    witnesses = [ROW | {"level": "A"}, ROW | {"level": "B"}]
    levels = {"label": "Cleft", "levels": ["No", "Yes", "A", "B"], "timing": "preoperative"}
    [check] = failed(model=[table(wrong, *witnesses)], variables={"cleft": levels})
    assert check.repair is not None
    assert check.repair.field == "conf_high"


def test_digits_that_were_cut_off_are_a_note() -> None:
    # exp(1.332) is 3.7886; cut off, 3.78.
    row = {"term": "cleft", "level": "Yes", "estimate": "1.332", "ratio": "3.78"}
    checks = audit_rows(row)
    assert all(check.verdict == "consistent" for check in checks)
    assert any("cut off" in note for check in checks for note in check.notes)


@pytest.mark.parametrize(
    ("cells", "identity"),
    [
        ({"ratio": "-3.790"}, "possible-number"),
        ({"p_value": "1.026"}, "possible-number"),
        ({"std_error": "-0.598"}, "possible-number"),
        ({"conf_low": "12.227", "conf_high": "1.175"}, "limits-in-order"),
        ({"ratio": "13.790"}, "limits-in-order"),
    ],
)
def test_what_no_number_can_be(cells: dict[str, str], identity: str) -> None:
    assert identity in {check.id for check in failed(model=[table(off(**cells))])}


def test_the_joint_test_of_a_factor_has_a_degree_of_freedom_a_level() -> None:
    rows = [
        {"term": "grade", "wald": "6.16", "p_value": "0.046"},
        {"term": "grade", "level": "2", "ratio": "1.5"},
        {"term": "grade", "level": "3", "ratio": "2.5"},
    ]
    assert failed(model=[table(*rows)]) == []
    rows[0]["p_value"] = "0.013"
    assert [check.id for check in failed(model=[table(*rows)])] == ["p-of-joint-test"]


@pytest.mark.parametrize("p_value", ["0.000", "<0.001", "<.05"])
def test_a_tiny_p_is_honest_however_it_is_printed(p_value: str) -> None:
    row = {"term": "cleft", "level": "Yes", "wald": "24.018", "p_value": p_value}
    assert failed(model=[table(row)]) == []


decimals = st.integers(1, 4)


@given(
    st.floats(-4, 4), st.floats(0.02, 1.4), decimals, decimals, st.integers(0, 127),
    st.booleans(),
)  # fmt: skip
def test_honest_rounding_is_never_called_inconsistent(
    b: float, s: float, places: int, digits: int, chosen: int, cut: bool
) -> None:
    z = float(ndtri(0.975))
    values = {
        "estimate": b, "std_error": s, "wald": (b / s) ** 2, "p_value": 2 * ndtr(-abs(b) / s),
        "ratio": math.exp(b), "conf_low": math.exp(b - z * s), "conf_high": math.exp(b + z * s),
    }  # fmt: skip

    def shown(name: str, value: float) -> str:
        kept = digits if name == "p_value" else places
        scaled = np.trunc(value * 10**kept) / 10**kept if cut else value
        return f"{scaled:.{kept}f}"

    row = {"term": "cleft", "level": "Yes"} | {
        name: shown(name, value)
        for place, (name, value) in enumerate(values.items())
        if chosen >> place & 1
    }
    assert failed(model=[table(row)]) == []


def test_a_column_headed_wald_may_hold_z_as_rms_prints_it() -> None:
    rows = [
        {"term": "cleft", "level": "Yes", "estimate": "0.6790", "std_error": "0.3319",
         "wald": "2.05", "p_value": "0.0408"},
        {"term": "age", "estimate": "-0.0357", "std_error": "0.0334", "wald": "-1.07",
         "p_value": "0.2848"},
        {"term": "grade", "level": "2", "estimate": "-1.7882", "std_error": "0.6859",
         "wald": "2.61", "p_value": "0.0091"},
    ]  # fmt: skip
    assert failed(model=[table(*rows)]) == []
    assert any("holds z, not its square" in note for check in audit_rows(*rows)
               for note in check.notes)  # fmt: skip
    rows[0]["p_value"] = "0.0804"
    assert [check.id for check in failed(model=[table(*rows)])] == ["p-of-z"]


def test_one_wald_statistic_off_is_no_column_of_z() -> None:
    witness = ROW | {"level": "No"}
    wrong = off(wald="2.230")
    [check] = failed(model=[table(wrong, witness)])
    assert check.id == "wald-of-coefficient"
