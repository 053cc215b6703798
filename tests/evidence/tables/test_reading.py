"""Tables as papers print them, read into the normal form of the audit."""

from __future__ import annotations

from pathlib import Path

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
