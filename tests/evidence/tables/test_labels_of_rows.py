"""What the first cell of a regression row says: a level, or what its ratio is per."""

from __future__ import annotations

import pytest

from vertebrisk.evidence.audit.auditing import audit_subjects
from vertebrisk.evidence.printed_tables import Coefficient
from vertebrisk.evidence.tables import TableReading, read_tables

GROUPS = """\
Table 1. Patients
Variable,Pain (n=50),No pain (n=100),P
Age group,,,0.011
<70,10,40,
70-80,20,40,
>70,20,20,
Grade,,,1.000
1,20,40,
2,30,60,
"""
MODEL = """
Table 2. Multivariable logistic regression
Variable,B,SE,Wald,P,OR,95% CI
"""


def read(*lines: str) -> TableReading:
    return read_tables(GROUPS + MODEL + "\n".join(lines) + "\n")


def rows(*lines: str) -> tuple[Coefficient, ...]:
    return read(*lines).subject.models[0].coefficient


def test_levels_in_brackets_below_the_joint_test_of_a_factor() -> None:
    found = rows(
        "Age group,,,7.014,0.030,,",
        "Age group (70-80),0.693,0.435,2.538,0.111,2.000,0.852-4.691",
        "Age group (>70),1.386,0.457,9.198,0.002,4.000,1.632-9.794",
        "Grade (2),0.000,0.354,0.000,1.000,1.000,0.500-2.001",
    )
    assert [(row.term, row.level) for row in found] == [
        ("Age group", ""), ("Age group", "70-80"), ("Age group", ">70"), ("Grade", "2"),
    ]  # fmt: skip


def test_the_test_of_a_factor_is_on_as_many_degrees_as_it_has_levels() -> None:
    subject = read(
        "Age group,,,7.014,0.030,,",
        "Age group (70-80),0.693,0.435,2.538,0.111,2.000,0.852-4.691",
        "Age group (>70),1.386,0.457,9.198,0.002,4.000,1.632-9.794",
    ).subject
    verdicts = {each.id: each.verdict for each in audit_subjects([subject]).checks}
    assert verdicts["p-of-joint-test"] == "consistent"


def test_signs_tell_levels_apart() -> None:
    found = rows("Age group (>70),1.386,0.457,9.198,0.002,4.000,1.632-9.794")
    assert found[0].level == ">70"


@pytest.mark.parametrize(
    ("label", "b", "ratio", "per"),
    [
        ("Age (per 10 years)", "0.045", "1.568", 10),
        ("Age, per 10", "0.045", "1.568", 10),
        ("Age (per 10 years)", "0.450", "1.568", 1),
        ("Age (per SD)", "0.450", "1.568", 1),
        ("Age (per 10 years)", "0.045", "1.700", 1),
        ("VAS, per 10", "0.22", "9.725", 10),
        ("Age", "0.045", "1.568", 1),
    ],
)
def test_units_of_the_ratio_for_each_of_b(label: str, b: str, ratio: str, per: float) -> None:
    found = rows(f'"{label}",{b},,,0.032,{ratio},')[0]
    assert (found.per, found.level) == (per, "")


def test_b_beside_a_ratio_per_sd_is_left_out_with_a_word() -> None:
    told = read("Age (per SD),0.045,0.021,4.592,0.032,1.420,1.030-1.957")
    row = told.subject.models[0].coefficient[0]
    assert (row.estimate, row.std_error, str(row.ratio)) == (None, None, "1.420")
    assert ["B of 'Age (per SD)'" in each.message for each in told.findings] == [True]
    assert not audit_subjects([told.subject]).inconsistent


def test_a_sign_is_judged_whatever_the_ratio_is_per() -> None:
    told = read("Age (per SD),-0.045,0.021,4.592,0.032,1.420,1.030-1.957")
    failed = audit_subjects([told.subject]).inconsistent
    assert [check.id for check in failed] == ["ratio-of-coefficient"]


def test_tables_set_with_spaces_have_columns_of_their_own() -> None:
    told = read_tables(
        "Table 1. Patients\n"
        "Variable               Case (n = 74)   Control (n = 296)   Statistic   P value\n"
        "odi, mean (SD)         63.61 (10.5)    63.77 (11.6)        -0.12       0.906\n"
        "sex                                                        0.61        0.436\n"
        "  Male                 66 (20.6%)      254 (79.4%)\n"
        "  Female               8 (16.0%)       42 (84.0%)\n"
        "\n"
        "Table 2. Univariable regression\n"
        "Variable     P value   HR      95% CI\n"
        "odi                    1.002   0.982 to 1.022\n"
        "age          0.041     1.031   1.001 to 1.061\n"
    )
    subject = told.subject
    levels = subject.comparisons[0].rows[1].levels
    assert [[str(each) for each in level.count] for level in levels] == [["66", "254"], ["8", "42"]]
    first = subject.models[0].coefficient[0]
    assert (first.p_value, str(first.ratio), str(first.conf_low)) == (None, "1.002", "0.982")
    assert told.findings == ()


@pytest.mark.parametrize("head", ["t/chi2", "χ² value", "χ²/Fisher", "统计值", "F"])
def test_a_column_of_statistics_is_no_group(head: str) -> None:
    comparison = read_tables(
        f"Variable,Pain (n=37),No pain (n=231),{head},P\nAge,71.2±7.5,70.1±8.0,0.783,0.434\n"
    ).subject.comparisons[0]
    assert [group.name for group in comparison.groups] == ["Pain", "No pain"]
    assert str(comparison.rows[0].statistic) == "0.783"


def test_a_column_that_is_not_understood_is_named() -> None:
    told = read_tables(
        "Variable,Pain (n=37),No pain (n=231),Colour,P\nAge,71.2±7.5,70.1±8.0,0.783,0.434\n"
    )
    assert len(told.subject.comparisons[0].groups) == 2
    assert ["column 'Colour' is left out" in each.message for each in told.findings] == [True]
