"""Tables as papers print them, read into the normal form of the audit."""

from __future__ import annotations

from pathlib import Path

import pytest

from vertebrisk.evidence.audit.auditing import audit_subjects
from vertebrisk.evidence.audit.subject import Row, Subject
from vertebrisk.evidence.printed_tables import Coefficient
from vertebrisk.evidence.tables import TableReading, read_tables

CORPUS = Path(__file__).parents[2] / "tables"
FIELDS = (
    "estimate", "std_error", "z", "wald", "p_value", "ratio", "conf_low", "conf_high",
    "estimate_low", "estimate_high",
)  # fmt: skip


def reading(name: str) -> TableReading:
    return read_tables(CORPUS / name)


def texts(cells: tuple[object, ...]) -> list[str]:
    return ["." if cell is None else str(cell) for cell in cells]


def row(subject: Subject, variable: str, table: int = 0) -> Row:
    return next(each for each in subject.comparisons[table].rows if each.variable == variable)


def levels(subject: Subject, variable: str, table: int = 0) -> dict[str, list[str]]:
    found = row(subject, variable, table)
    return {each.name: texts((*each.count, *each.percent)) for each in found.levels}


def numbers(coefficient: Coefficient) -> str:
    """Everything that a row prints, in a fixed order."""
    return " ".join(
        f"{name}={value}" for name in FIELDS if (value := getattr(coefficient, name)) is not None
    )


def printed(subject: Subject, table: int = 0) -> dict[tuple[str, str], str]:
    model = subject.models[table]
    return {(each.term, each.level): numbers(each) for each in model.coefficient}


def test_a_comparison_of_two_groups() -> None:
    subject = reading("two_groups.csv").subject
    assert subject.title == "Table 1. Patients with and without residual pain"
    table = subject.comparisons[0]
    assert [(each.name, str(each.n), each.event) for each in table.groups] == [
        ("Residual pain", "18", True), ("No residual pain", "102", False),
    ]  # fmt: skip
    assert table.place == "Table 1"
    assert [each.variable for each in table.rows] == [
        "Age, years", "Sex", "IVC", "Time to surgery, days", "BMI",
    ]  # fmt: skip
    age = row(subject, "Age, years")
    assert (texts(age.mean), texts(age.sd)) == (["73.1", "72.5"], ["6.9", "7.1"])
    assert (str(age.statistic), str(age.p_value), age.spread) == ("0.33", "0.742", "sd")
    assert levels(subject, "Sex") == {
        "Male": ["5", "34", "27.8", "33.3"], "Female": ["13", "68", "72.2", "66.7"],
    }  # fmt: skip
    assert str(row(subject, "Sex").p_value) == "0.634"
    assert levels(subject, "IVC") == {"yes": ["6", "12", "33.3", "11.8"]}
    days = row(subject, "Time to surgery, days")
    assert [texts(each) for each in (days.median, days.lower_quartile, days.upper_quartile)] == [
        ["6", "5"], ["4", "3"], ["9", "8"],
    ]  # fmt: skip
    assert row(subject, "BMI").p_value is None
    assert subject.main is table


def test_a_column_of_all_with_its_size_is_no_group() -> None:
    read = read_tables("Variable,Case (n = 24),Control (n = 33),Total (n = 57)\nage,75,70,72\n")
    groups = read.subject.comparisons[0].groups
    assert [(group.name, group.total) for group in groups] == [
        ("Case", False), ("Control", False), ("Total", True),
    ]  # fmt: skip


def test_a_regression_table() -> None:
    read = reading("regression.tsv")
    model = read.subject.models[0]
    assert (model.kind, model.place, str(model.conf_level)) == ("logistic", "Table 2", "95")
    assert printed(read.subject) == {
        ("Fascia injury", "yes"): "estimate=1.682 std_error=0.584 wald=8.304 p_value=0.004 "
        "ratio=5.378 conf_low=1.713 conf_high=16.888",
        ("IVC", "yes"): "estimate=1.810 std_error=0.597 wald=9.206 p_value=0.002 ratio=6.111 "
        "conf_low=1.898 conf_high=19.673",
        ("Age", ""): "estimate=-0.035 std_error=0.021 wald=2.778 p_value=0.096 ratio=0.966 "
        "conf_low=0.927 conf_high=1.006",
        ("constant", ""): "estimate=-3.361 std_error=0.665 wald=25.524 p_value=<0.001 ratio=0.035",
    }
    assert read.findings == ()


def groups(subject: Subject, table: int = 0) -> list[tuple[str, str | None, bool | None]]:
    return [
        (each.name, None if each.n is None else str(each.n), each.event)
        for each in subject.comparisons[table].groups
    ]


@pytest.mark.parametrize("name", ["chinese_groups.csv", "chinese_groups_gb18030.csv"])
def test_a_chinese_comparison(name: str) -> None:
    subject = reading(name).subject
    assert groups(subject) == [("疼痛组", "37", True), ("无痛组", "231", False)]
    assert levels(subject, "性别") == {
        "男": ["7", "46", "18.9", "19.9"], "女": ["30", "185", "81.1", "80.1"],
    }  # fmt: skip
    assert texts(row(subject, "骨密度T值").mean) == ["-3.32", "-3.27"]
    assert str(row(subject, "IVC").statistic) == "4.763"


def test_a_chinese_regression_in_pipes() -> None:
    subject = reading("chinese_regression.txt").subject
    assert subject.models[0].place == "表4"
    found = printed(subject)
    assert found["筋膜损伤", "是"] == (
        "estimate=1.682 std_error=0.584 wald=8.304 p_value=0.004 ratio=5.378 conf_low=1.713 "
        "conf_high=16.888"
    )
    assert found["constant", ""].startswith("estimate=-3.361")


def test_commas_are_decimal_points_in_the_whole_file() -> None:
    model = reading("decimal_comma.csv").subject.models[0]
    assert (model.kind, model.place) == ("cox", "Table 3")
    assert numbers(model.coefficient[0]) == (
        "estimate=0.035 std_error=0.015 p_value=0.020 ratio=1.036 conf_low=1.006 conf_high=1.066"
    )


def test_commas_between_thousands_are_none() -> None:
    subject = reading("totals_missing.csv").subject
    assert groups(subject) == [
        ("Total", "1120", None), ("Event", "61", True), ("No event", "1059", False),
    ]  # fmt: skip
    table = subject.comparisons[0]
    assert [each.total for each in table.groups] == [True, False, False]
    diabetes = row(subject, "Diabetes")
    assert texts(diabetes.sizes) == ["1102", "60", "1042"]
    assert texts(diabetes.missing) == ["18", ".", "."]
    assert levels(subject, "Diabetes") == {
        "Yes": ["201", "14", "187", "18.2", "23.3", "17.9"],
    }  # fmt: skip
    assert texts(row(subject, "Albumin (g/L)").sd) == ["4.1", "4.4", "4.1"]
    assert table.missing_told


def test_univariable_and_multivariable_side_by_side() -> None:
    subject = reading("side_by_side.csv").subject
    assert [model.id for model in subject.models] == ["univariable", "multivariable"]
    univariable, multivariable = printed(subject, 0), printed(subject, 1)
    assert univariable["Female sex", ""] == "p_value=.888 ratio=1.07 conf_low=0.44 conf_high=2.58"
    assert ("Female sex", "") not in multivariable
    assert univariable["Goutallier grade", ""] == "p_value=<.001"
    assert univariable["Goutallier grade", "0-1"] == ""
    assert multivariable["Goutallier grade", "2"] == (
        "p_value=0.010 ratio=5.81 conf_low=1.52 conf_high=22.15"
    )
    assert multivariable["Bone cement distribution", "blocky"].startswith("p_value=0.041")
    assert [(each.name, str(each.value)) for each in subject.statistics] == [
        ("hosmer_lemeshow", "6.213"), ("hosmer_lemeshow_df", "8"), ("hosmer_lemeshow_p", "0.623"),
        ("auc", "0.780"), ("auc_low", "0.700"), ("auc_high", "0.860"),
    ]  # fmt: skip


def test_training_and_validation_are_two_comparisons() -> None:
    subject = reading("training_validation.tsv").subject
    assert [table.place for table in subject.comparisons] == [
        "Table 1, Training cohort", "Table 1, Validation cohort",
    ]  # fmt: skip
    assert groups(subject, 1) == [
        ("Residual pain", "11", True), ("No residual pain", "69", False),
    ]  # fmt: skip
    assert str(row(subject, "Age (years)", 1).p_value) == "0.855"
    assert texts(row(subject, "Age (years)", 1).sd) == ["5.5", "6.9"]
    assert levels(subject, "Goutallier grade", 0)["3-4"] == ["14", "32", "53.8", "19.8"]
    assert texts(row(subject, "Operation time, median (IQR), min", 1).lower_quartile) == [
        "39",
        "36",
    ]


def test_a_level_column() -> None:
    subject = reading("level_column.csv").subject
    assert groups(subject) == [("Cases", "18", True), ("Controls", "102", False)]
    assert list(levels(subject, "Viscosity")) == ["Low", "Medium", "High"]
    assert str(row(subject, "Viscosity").statistic) == "6.801"
    assert row(subject, "Viscosity").test == "chi-square"


def test_standard_errors_and_tests_that_a_footnote_names() -> None:
    subject = reading("se_footnote.csv").subject
    assert groups(subject) == [("Leakage group", "27", True), ("Non-leakage group", "73", False)]
    assert row(subject, "CT value (HU)").spread == "se"
    assert [row(subject, name).test for name in ("Cortical fracture", "Sex")] == [
        "chi-square", "fisher",
    ]  # fmt: skip
    assert subject.comparisons[0].missing_told


def test_levels_named_in_the_label() -> None:
    subject = reading("sex_slash.txt").subject
    assert levels(subject, "Sex") == {"male": ["14", "20"], "female": ["47", "41"]}
    assert levels(subject, "TFI") == {"Yes": ["44", "16"], "No": ["17", "45"]}
    assert str(row(subject, "TFI").p_value) == "0.000"
    three = reading("three_groups.csv").subject
    assert levels(three, "Sex") == {"M": ["20", "25", "19"], "F": ["40", "49", "47"]}
    assert [each.event for each in three.comparisons[0].groups] == [None] * 3


def test_ranges_shares_first_and_a_column_of_all() -> None:
    subject = reading("range_and_share.md").subject
    assert groups(subject) == [
        ("All", "150", None),
        ("R group", "14", True),
        ("N group", "136", False),
    ]
    age, months = row(subject, "Age, median (range), years"), subject.comparisons[0].rows[1]
    assert (texts(age.median), texts(age.minimum), age.lower_quartile) == (
        ["71", "74", "71"], ["55", "60", "55"], (),
    )  # fmt: skip
    assert (texts(months.mean), texts(months.maximum)) == (
        ["14.4", "14.1", "14.5"],
        ["24", "22", "24"],
    )
    assert levels(subject, "Female sex") == {"Yes": ["112", "11", "101", "74.7", "78.6", "74.3"]}
    assert row(subject, "Female sex").test == "fisher"
    weight = row(subject, "Body weight, kg")
    assert (texts(weight.sd), texts(weight.minimum)) == (["9.0", "8.1", "9.1"], ["41", "50", "41"])
    assert list(levels(subject, "Fracture level")) == ["Thoracic", "Lumbar"]


def test_two_tables_in_one_file() -> None:
    subject = reading("two_tables.csv").subject
    assert groups(subject) == [("Leakage", "27", True), ("No leakage", "73", False)]
    assert texts(row(subject, "CT value (HU)").mean) == ["92.40", "115.21"]
    assert (subject.models[0].kind, subject.models[0].place) == ("cox", "Table 2")
    assert list(printed(subject)) == [
        ("CT value (HU)", ""), ("Cortical fracture", "Yes"), ("Injected volume per 1 ml", ""),
    ]  # fmt: skip


def test_brackets_are_read_by_the_row() -> None:
    subject = reading("unquoted.csv").subject
    assert groups(subject) == [("Survived", "90", False), ("Died", "10", True)]
    assert texts(row(subject, "Length of stay (days)").upper_quartile) == ["11", "17"]
    assert texts(row(subject, "APACHE II").sd) == ["4.2", "5.0"]
    assert levels(subject, "Ventilated") == {"Yes": ["20", "7", "22.2", "70.0"]}
    by_row = reading("row_percent.csv").subject
    assert levels(by_row, "Sex")["Female"] == ["30", "185", "14.0", "86.0"]


def test_reference_rows() -> None:
    read = reading("reference_words.csv")
    assert read.findings == ()
    found = printed(read.subject)
    assert found["Sex", "Male"] == "ratio=1"
    assert found["Sex", "Female"] == "p_value=0.888 ratio=1.07 conf_low=0.44 conf_high=2.58"
    assert found["Cement viscosity", ""] == "p_value=0.02"
    assert found["Cement viscosity", "High"] == "ratio=1.00"
    assert list(found)[-1] == ("Volume (ml)", "")
    other = reading("ninety.csv").subject
    assert (other.models[0].kind, str(other.models[0].conf_level)) == ("cox", "90")
    assert [key for key in printed(other) if key[0] == "Severity grade"] == [
        ("Severity grade", level) for level in ("mild", "moderate", "severe")
    ]


def test_groups_and_odds_ratios_in_one_table() -> None:
    subject = reading("univariable_counts.tsv").subject
    assert levels(subject, "Sex") == {"female": ["30", "185", "81.1", "80.1"]}
    assert row(subject, "Sex").p_value is None
    assert (
        printed(subject)["Sex", "female"] == "p_value=0.888 ratio=1.07 conf_low=0.44 conf_high=2.58"
    )
    assert texts(row(subject, "BMI").mean) == ["23.66", "23.92"]


@pytest.mark.parametrize("name", ["lower_upper.csv", "utf16.txt"])
def test_limits_in_two_columns_under_one_heading(name: str) -> None:
    assert printed(reading(name).subject)["IVC", ""] == (
        "estimate=1.332 std_error=0.599 wald=4.945 p_value=0.026 ratio=3.789 conf_low=1.171 "
        "conf_high=12.260"
    )


def test_limits_of_the_coefficient() -> None:
    for name in ("coefficient_ci.csv", "ci_of_b.csv"):
        found = printed(reading(name).subject)
        assert found["IVC", "yes"].endswith("estimate_low=0.158 estimate_high=2.506")
        assert found["Age", ""].endswith("estimate_low=-0.006 estimate_high=0.076")
    assert printed(reading("ci_of_b.csv").subject)["Age", ""].split()[3] == "ratio=1.036"


def test_tables_as_programs_print_them() -> None:
    spss = printed(reading("spss.txt").subject)
    assert spss["goutallier", ""] == "wald=15.613 p_value=.000"
    assert spss["goutallier", "(2)"] == (
        "estimate=2.622 std_error=.702 wald=13.953 p_value=.000 ratio=13.760 conf_low=3.476 "
        "conf_high=54.476"
    )
    assert spss["constant", ""].endswith("ratio=.016")
    stata = printed(reading("stata.txt").subject)
    assert stata["ivc", ""] == (
        "std_error=2.269000 z=2.22 p_value=0.026 ratio=3.789000 conf_low=1.171000 "
        "conf_high=12.26000"
    )
    assert printed(reading("r_glm.txt").subject)["ivcYes", ""] == (
        "estimate=1.3323 std_error=0.5992 z=2.223 p_value=0.02619"
    )


def test_summaries_of_r_with_several_tables_and_a_minus_after_one_space() -> None:
    cox = reading("r_coxph.txt").subject
    assert printed(cox)["sexFemale", ""] == (
        "estimate=-0.582551 std_error=0.175940 z=-3.311 p_value=0.000929 ratio=0.558472"
    )
    assert printed(cox, 1)["ph.ecog3", ""] == "ratio=8.6863 conf_low=1.1353 conf_high=66.4575"
    robust = reading("r_coxph_robust.txt").subject
    assert printed(robust)["rx", ""] == (
        "estimate=-0.46469 std_error=0.26556 z=-1.750 p_value=0.08015 ratio=0.62833"
    )
    glm = reading("r_glm_summary.txt").subject
    assert printed(glm)["lwt", ""] == (
        "estimate=-0.015183 std_error=0.006928 z=-2.192 p_value=0.02841"
    )


@pytest.mark.parametrize(
    "name", ["r_coxph.txt", "r_coxph_robust.txt", "r_glm_summary.txt", "r_tidy.csv"]
)
def test_summaries_of_r_are_right(name: str) -> None:
    assert not audit_subjects([reading(name).subject]).inconsistent


def test_an_estimate_that_is_exponentiated_is_a_ratio() -> None:
    tidy = printed(reading("r_tidy.csv").subject)
    assert tidy["htYes", ""] == (
        "std_error=0.691764580767943 p_value=0.00803130427179738 ratio=6.25696728339577 "
        "conf_low=1.66911032200184 conf_high=26.5199485257776"
    )


def test_tables_copied_out_of_a_pdf() -> None:
    subject = reading("pdf_groups.txt").subject
    assert groups(subject) == [
        ("Residual pain group", "37", True), ("Non-residual pain group", "231", False),
    ]  # fmt: skip
    assert str(row(subject, "Paraspinal muscle degeneration").p_value) == "< 0.001"
    assert levels(subject, "Paraspinal muscle degeneration") == {
        "Grade 0-1": ["3", "92", "8.1", "39.8"], "Grade 2": ["14", "94", "37.8", "40.7"],
        "Grade 3-4": ["20", "45", "54.1", "19.5"],
    }  # fmt: skip
    read = reading("pdf_regression.txt")
    assert read.findings == ()
    found = printed(read.subject)
    assert found["Posterior fascia oedema", ""].endswith("conf_low=1.218 conf_high=12.896")
    assert found["Goutallier grade", "Grade 3–4"].startswith("estimate=2.622 std_error=0.702")
    assert found["constant", ""] == (
        "estimate=-4.161 std_error=0.712 wald=34.154 p_value=< 0.001 ratio=0.016"
    )
    assert [each.name for each in read.subject.statistics] == [
        "hosmer_lemeshow", "hosmer_lemeshow_p",
    ]  # fmt: skip


def test_headings_in_quotes_over_two_lines() -> None:
    subject = reading("word_paste.tsv").subject
    assert groups(subject) == [("Fracture group", "42", True), ("Control group", "158", False)]
    assert [(each.variable, each.test) for each in subject.comparisons[0].rows] == [
        ("Gender", "chi-square"), ("Age (y)", "t"), ("Hospital stay (d)", "mannwhitney"),
        ("ASA grade", "fisher"),
    ]  # fmt: skip
    assert levels(subject, "ASA grade")["III"] == ["7", "15", "16.7", "9.5"]


def test_marks_other_levels_and_notes() -> None:
    subject = reading("mixed_notes.txt").subject
    assert (str(subject.models[0].conf_level), subject.models[0].place) == ("99", "TABLE III")
    found = printed(subject)
    assert found["Steroid use", "yes"] == (
        "estimate=1.105 std_error=0.402 p_value=.006 ratio=3.019 conf_low=1.072 conf_high=8.503"
    )
    assert found["constant", ""] == "estimate=-5.210 std_error=1.044 p_value=<.0001"
    hazards = reading("both_limits.csv").subject
    assert printed(hazards)["Stage III", ""] == (
        "estimate=0.875 std_error=0.301 z=2.91 p_value=0.004 ratio=2.399 conf_low=1.330 "
        "conf_high=4.327"
    )


def test_every_table_of_the_corpus_is_read() -> None:
    for path in CORPUS.iterdir():
        read = read_tables(path)
        assert read.subject.comparisons or read.subject.models, path.name
        assert read.findings == () or path.name == "garbled.csv"


def test_the_name_of_a_section_is_no_factor() -> None:
    subject = reading("sections.tsv").subject
    assert [each.variable for each in subject.comparisons[0].rows] == [
        "Age, y", "Male", "Hypertension", "Diabetes",
    ]  # fmt: skip
    assert levels(subject, "Diabetes") == {"Yes": ["10", "14", "20.0", "23.3"]}
    assert groups(subject) == [("Group R", "50", True), ("Group N", "60", False)]


def test_sizes_of_groups_in_a_row() -> None:
    subject = reading("sizes_in_a_row.csv").subject
    assert groups(subject) == [("Pain group", "37", True), ("Non-pain group", "231", False)]
    assert levels(subject, "Male/female") == {"Male": ["7", "46"], "female": ["30", "185"]}


def test_groups_yes_and_no_under_the_outcome_and_bullets_before_levels() -> None:
    subject = reading("bullets.csv").subject
    assert groups(subject) == [("Yes", "37", True), ("No", "231", False)]
    assert levels(subject, "Sex")["Female"] == ["30", "185", "81.1", "80.1"]
    assert texts(row(subject, "VAS").mean) == ["6.6", "6.4"]


def test_coefficient_and_error_in_one_cell() -> None:
    assert printed(reading("b_and_se.tsv").subject)["IVC", ""] == (
        "estimate=1.332 std_error=0.599 p_value=0.026 ratio=3.789 conf_low=1.171 conf_high=12.260"
    )


def test_the_column_of_steps_is_no_label() -> None:
    assert list(printed(reading("spss_steps.tsv").subject)) == [
        ("age", ""), ("ivc(1)", ""), ("constant", ""),
    ]  # fmt: skip


def test_rows_with_fewer_cells_than_columns() -> None:
    found = printed(reading("loose_spaces.txt").subject)
    assert found["Fracture type", ""] == "p_value=0.020"
    assert found["Fracture type", "Wedge"] == "ratio=1"
    assert found["Fracture type", "Crush"].startswith("p_value=0.020 ratio=2.40 conf_low=1.15")
    spanned = reading("spanned.txt").subject
    assert [model.id for model in spanned.models] == ["univariable", "multivariable"]
    assert printed(spanned, 1)["BMD T-score", ""] == (
        "p_value=0.005 ratio=0.74 conf_low=0.60 conf_high=0.91"
    )
    assert ("Female", "") not in printed(spanned, 1)


def test_more_tables_copied_out_of_a_pdf() -> None:
    subject = reading("pdf_sizes_below.txt").subject
    assert groups(subject) == [("Group A", "40", None), ("Group B", "45", None)]
    assert levels(subject, "IVC") == {"Yes": ["6", "4", "15.0", "8.9"]}
    assert texts(row(subject, "AVH, mm").upper_quartile) == ["17.2", "17.9"]
    leakage = reading("pdf_leakage.txt").subject
    assert leakage.title.startswith("Logistic regression analysis of influencing factors")
    assert printed(leakage)["Bone cement viscosity", ""] == (
        "estimate=-0.842 std_error=0.358 wald=5.532 p_value=0.019 ratio=0.431 conf_low=0.214 "
        "conf_high=0.869"
    )


def test_decimal_commas_inside_quotation_marks() -> None:
    assert printed(reading("quoted_commas.csv").subject)["IVC", ""] == (
        "p_value=0.036 ratio=3.00 conf_low=1.07 conf_high=8.37"
    )
