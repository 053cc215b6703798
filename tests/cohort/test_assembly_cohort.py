from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.protocol.studies import patients, with_cells, write_patients, write_protocol

from vertebrisk.cohort import Cohort, load_cohort
from vertebrisk.errors import DataError, ProtocolError
from vertebrisk.findings import Finding
from vertebrisk.protocol import load_protocol


def cohort_of(folder: Path, frame: pl.DataFrame | None = None, *changes: tuple[str, str]) -> Cohort:
    write_patients(folder, frame)
    return load_cohort(load_protocol(write_protocol(folder, *changes)))


def finding(cohort: Cohort, code: str) -> Finding:
    found = [each for each in cohort.findings if each.code == code]
    assert len(found) == 1, [each.code for each in cohort.findings]
    return found[0]


def test_a_clean_study_becomes_a_cohort_without_findings(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path)
    assert [each.code for each in cohort.findings] == ["undescribed-outcome-column"]
    assert (cohort.n, cohort.n_events) == (60, 12)
    assert cohort.frame.columns == [
        "t_score", "age", "ivc", "goutallier", "cement_distribution", "avhr",
    ]  # fmt: skip
    assert cohort.frame.schema["ivc"] == pl.Enum(["No", "Yes"])
    assert cohort.variable("cement_distribution").levels == ("Spongy", "Blocky")
    assert cohort.variable("cement_distribution").level_labels["Blocky"].text("zh") == "团块状"
    raw = patients()
    expected = 200 * raw["avh"] / (raw["avh_above"] + raw["avh_below"])
    # The same three operations on the same doubles: rounding in the last place only.
    np.testing.assert_allclose(cohort.frame["avhr"], expected, rtol=1e-14)
    assert (cohort.frame["ivc"] == "Yes").to_list() == (raw["ivc"] == 1).to_list()
    assert cohort.event.tolist() == (raw["vas_mean"] >= 4).to_list()
    assert cohort.data_kind == "reconstructed"
    assert cohort.clusters is None


def test_labels_that_decide_the_outcome_and_are_not_described_are_noted(tmp_path: Path) -> None:
    """Another spelling is no event by the rule, and somebody has to hear of it."""
    frame = patients().with_columns(
        pl.when(pl.col("vas_mean") >= 4)
        .then(pl.lit("Yes"))
        .otherwise(pl.lit("No"))
        .alias("vas_mean")
    )
    frame = with_cells(frame, "vas_mean", {1: "YES ", 2: "Maybe"})
    cohort = cohort_of(tmp_path, frame, ("vas_mean >= 4", "vas_mean == 'Yes'"))
    found = finding(cohort, "undescribed-outcome-column")
    assert (found.severity, found.column) == ("note", "vas_mean")
    assert "another spelling is judged by the rule as it stands" in found.message


def test_values_of_a_cohort_cannot_be_changed(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path)
    with pytest.raises(ValueError, match="read-only"):
        cohort.event[0] = True


def test_every_step_of_the_flow_is_counted(tmp_path: Path) -> None:
    frame = with_cells(patients(), "t_score", {1: "-1.0", 2: "-2.4", 3: None})
    frame = with_cells(frame, "pathology", {4: "tumour", 5: None, 1: "infection"})
    frame = with_cells(frame, "vas_mean", {6: None, 7: None})
    cohort = cohort_of(tmp_path, frame)
    steps = [(step.kind, step.removed, step.remaining) for step in cohort.flow.steps]
    assert steps == [
        ("undetermined", 1, 59),
        ("include", 2, 57),
        ("undetermined", 1, 56),
        ("exclude", 1, 55),
        ("outcome-missing", 2, 53),
    ]
    assert cohort.flow.n_read == 60
    assert (cohort.flow.n, cohort.flow.n_patients) == (53, 53)
    assert cohort.flow.n_events == int(cohort.event.sum())
    assert cohort.rows.tolist() == list(range(8, 61))


def test_missing_predictors_leave_in_a_step_with_a_finding(tmp_path: Path) -> None:
    frame = with_cells(patients(), "age", {1: None, 2: None})
    frame = with_cells(frame, "goutallier", {2: None, 3: None})
    cohort = cohort_of(tmp_path, frame)
    assert {each.code for each in cohort.findings} == {
        "missing-values",
        "undescribed-outcome-column",
    }
    assert cohort.n == 60
    complete = cohort.complete(["age", "goutallier"])
    assert complete.n == 57
    assert complete.flow.steps[-1].kind == "predictor-missing"
    assert complete.flow.steps[-1].removed == 3
    loss = finding(complete, "complete-case-loss")
    assert "3 of 60 rows (5.0%), with 1 of 12 events (8.3%)" in loss.message
    assert complete.rows[0] == 4
    assert cohort.complete(["ivc"]) is cohort
    with pytest.raises(DataError, match="Did you mean 'age'"):
        cohort.complete(["agee"])


def test_lonely_levels_and_extreme_units_are_found(tmp_path: Path) -> None:
    cells: dict[int, object] = {row: "2" if row == 5 else "0-1" for row in range(1, 61)}
    frame = with_cells(patients(), "goutallier", cells)
    found = finding(cohort_of(tmp_path, frame), "lonely-level")
    assert "a single row has the level '2'" in found.message
    ages = patients()["age"].to_list()
    wide = with_cells(patients(), "age", {row + 1: age * 1e9 for row, age in enumerate(ages)})
    cohort = cohort_of(tmp_path, wide)
    assert "one unit of it reads 1.00" in finding(cohort, "extreme-unit").message
    assert "larger unit" in finding(cohort, "extreme-unit").remedy
    assert not {"lonely-level", "extreme-unit"} & {
        each.code for each in cohort_of(tmp_path, patients()).findings
    }


def test_vertebrae_are_clustered_by_patient(tmp_path: Path) -> None:
    identifiers = {row: f"Q{(row + 1) // 2}" for row in range(1, 61)}
    frame = with_cells(patients(), "patient_id", dict(identifiers))
    cohort = cohort_of(tmp_path, frame, ('unit = "patient"', 'unit = "vertebra"'))
    assert cohort.clusters is not None
    assert cohort.clusters.tolist() == [number // 2 for number in range(60)]
    assert cohort.flow.n_patients == 30
    frame = with_cells(frame, "age", {1: None, 2: None})
    complete = cohort_of(tmp_path, frame, ('unit = "patient"', 'unit = "vertebra"')).complete(
        ["age"]
    )
    assert complete.clusters is not None
    assert complete.clusters.tolist() == [number // 2 for number in range(58)]
    assert complete.flow.n_patients == 29
    frame = with_cells(frame, "patient_id", {9: None})
    with pytest.raises(DataError, match=r"empty in 1 row \(9\)"):
        cohort_of(tmp_path, frame, ('unit = "patient"', 'unit = "vertebra"'))


def test_duplicate_patients_break_the_protocol(tmp_path: Path) -> None:
    frame = with_cells(patients(), "patient_id", {8: "P007"})
    found = finding(cohort_of(tmp_path, frame), "duplicate-patients")
    assert found.severity == "error"
    assert found.rows == (7, 8)
    assert found.cells == ("P007", "P007")
    assert "P007" not in found.message


def test_duplicate_rows_are_a_warning(tmp_path: Path) -> None:
    frame = patients().drop("patient_id")
    frame = pl.concat([frame, frame.head(1)])
    cohort = cohort_of(tmp_path, frame, ('patient = "patient_id"', ""))
    assert finding(cohort, "duplicate-rows").rows == (61,)


def test_values_beyond_the_levels_break_the_protocol(tmp_path: Path) -> None:
    frame = with_cells(patients(), "goutallier", {4: "5", 9: "=cmd()"})
    found = finding_of(cohort_of(tmp_path, frame), "unknown-level")
    assert found.severity == "error"
    assert found.rows == (4, 9)
    assert found.cells == ("5", "=cmd()")
    assert "cmd" not in found.message


def finding_of(cohort: Cohort, code: str) -> Finding:
    return next(each for each in cohort.findings if each.code == code)


def test_codes_may_be_written_as_decimals_or_as_labels(tmp_path: Path) -> None:
    frame = with_cells(patients(), "ivc", {1: "1.0", 2: "No", 3: "0"})
    assert cohort_of(tmp_path, frame).frame["ivc"].head(3).to_list() == ["Yes", "No", "No"]


def test_codes_without_labels_are_explained(tmp_path: Path) -> None:
    levels = ('codes = { 0 = "No", 1 = "Yes" }', 'levels = ["No", "Yes"]')
    with pytest.raises(DataError, match=r"'ivc'.*where the file holds codes"):
        cohort_of(tmp_path, None, levels)


def test_levels_that_never_occur_are_a_warning(tmp_path: Path) -> None:
    found = finding(cohort_of(tmp_path, None, ('"3-4"]', '"3-4", "4+"]')), "empty-level")
    assert found.severity == "warning"
    assert "'4+'" in found.message


def test_values_beyond_the_limits_are_used_and_named(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path, with_cells(patients(), "age", {5: "172", 6: "7"}))
    found = finding(cohort, "beyond-plausible")
    assert (found.severity, found.rows, found.cells) == ("warning", (5, 6), ("172.0", "7.0"))
    assert cohort.frame["age"][4] == 172


def test_absurd_values_count_as_missing(tmp_path: Path) -> None:
    frame = patients().with_columns(pl.col("age").cast(pl.Float64))
    frame = frame.with_columns(
        pl.when(pl.int_range(60) == 2).then(5e13).otherwise(pl.col("age")).alias("age")
    )
    cohort = cohort_of(tmp_path, frame)
    found = finding_of(cohort, "absurd-value")
    assert (found.severity, found.rows) == ("error", (3,))
    assert cohort.frame["age"][2] is None


def test_a_derivation_without_finite_result_is_missing(tmp_path: Path) -> None:
    frame = with_cells(patients(), "avh_above", {2: "0"})
    cohort = cohort_of(tmp_path, with_cells(frame, "avh_below", {2: "0"}))
    assert finding_of(cohort, "derived-not-finite").rows == (2,)
    assert cohort.frame["avhr"][1] is None


def test_derived_variables_may_have_labels_and_build_on_others(tmp_path: Path) -> None:
    collapsed = (
        "[variables.age]",
        '[variables.collapse]\nderive = "avhr < 60"\ncodes = { 0 = "No", 1 = "Yes" }\n'
        'timing = "preoperative"\n[variables.age]',
    )
    cohort = cohort_of(tmp_path, None, collapsed)
    assert cohort.frame.schema["collapse"] == pl.Enum(["No", "Yes"])
    low = (cohort.frame["avhr"] < 60).to_list()
    assert (cohort.frame["collapse"] == "Yes").to_list() == low


def test_true_and_false_become_levels(tmp_path: Path) -> None:
    frame = patients().with_columns(pl.col("ivc").cast(pl.Boolean))
    cohort = cohort_of(tmp_path, frame, ('codes = { 0 = "No", 1 = "Yes" }', ""))
    assert cohort.frame.schema["ivc"] == pl.Enum(["false", "true"])


def test_text_without_stated_levels_is_a_warning(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path, None, ('levels = ["0-1", "2", "3-4"]', ""))
    assert finding(cohort, "levels-not-stated").column == "goutallier"
    assert cohort.variable("goutallier").levels == ("0-1", "2", "3-4")


def test_codes_of_missing_values_are_honoured(tmp_path: Path) -> None:
    frame = with_cells(patients(), "age", {1: "-9", 2: "999"})
    cohort = cohort_of(tmp_path, frame, ("plausible = [18, 110]", "missing = [-9, 999]"))
    assert cohort.frame["age"].null_count() == 2


def test_constant_predictors_are_named(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path, patients().with_columns(age=pl.lit(70)))
    assert cohort.constant == ("age",)
    assert finding(cohort, "constant-predictor").severity == "warning"


def test_a_single_event_is_a_finding(tmp_path: Path) -> None:
    frame = patients().with_columns(
        vas_mean=pl.when(pl.int_range(60) == 0).then(8.0).otherwise(1.0)
    )
    cohort = cohort_of(tmp_path, frame)
    assert cohort.n_events == 1
    few = finding(cohort, "few-events-in-class")
    assert few.severity == "warning"
    assert "1 event among 60 rows" in few.message
    with pytest.raises(DataError, match="both outcomes do not occur"):
        cohort_of(tmp_path, with_cells(frame, "age", {1: None})).complete(["age"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("vas_mean >= 4", "vas_mean >= 40"), "has 0 events among 60"),
        (("vas_mean >= 4", "vas_mean >= 0"), "has 60 events among 60"),
        (("t_score <= -2.5", "t_score > 0"), "No row is left after the step 'Osteoporosis on DXA'"),
        (("vas_mean >= 4", "vas_maen >= 4"), r"'vas_maen' \(outcome\). Did you mean 'vas_mean'"),
        (("avh_above +", "avh_abov +"), r"'avh_abov' \(derivation of 'avhr'\). Did you mean"),
        (('"patient_id"', '"patientid"'), r"'patientid' \(patient\). Did you mean 'patient_id'"),
        (('"patients.csv"', '"patient.csv"'), "does not exist"),
    ],
)
def test_what_cannot_be_analysed_is_one_clear_line(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        cohort_of(tmp_path, None, change)
    assert "\n" not in str(caught.value)


def test_a_column_that_nothing_needs_is_an_error_finding(tmp_path: Path) -> None:
    extra = ("[variables.age]", '[variables.agge]\ntiming = "preoperative"\n[variables.age]')
    found = finding(cohort_of(tmp_path, None, extra), "column-not-in-file")
    assert found.severity == "error"
    assert "Did you mean 'age'" in found.message


def test_text_where_numbers_belong_names_its_rows(tmp_path: Path) -> None:
    words = {row: "old" for row in range(1, 61) if row != 2}
    with pytest.raises(
        DataError, match=r"'age' in 'patients.csv' holds text .*59 cells, in rows 1, 3"
    ):
        cohort_of(tmp_path, with_cells(patients(), "age", dict(words)))


def test_an_empty_candidate_is_refused(tmp_path: Path) -> None:
    empty = dict.fromkeys(range(1, 61))
    with pytest.raises(DataError, match=r"'age' in 'patients\.csv' has no value"):
        cohort_of(tmp_path, with_cells(patients(), "age", dict(empty)))
    cohort = cohort_of(
        tmp_path, with_cells(patients(), "age", dict(empty)), ('"compare"', '["ivc"]')
    )
    assert finding_of(cohort, "all-missing").severity == "error"


def test_a_rule_that_does_not_fit_its_column_is_a_protocol_error(tmp_path: Path) -> None:
    wrong = ("vas_mean >= 4", "cement_distribution == 'Spungy'")
    with pytest.raises(ProtocolError, match=r"'event' of \[outcome\].*Did you mean 'Spongy'"):
        cohort_of(tmp_path, None, wrong)


def test_another_file_may_be_named(tmp_path: Path) -> None:
    protocol = load_protocol(write_protocol(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    cohort = load_cohort(protocol, write_patients(elsewhere, patients(40)))
    assert cohort.n == 40


def test_the_order_of_rows_and_columns_does_not_matter(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path)
    frame = patients()
    other = cohort_of(tmp_path, frame.reverse().select(sorted(frame.columns)))
    assert other.frame.columns == cohort.frame.columns
    assert other.frame.reverse().equals(cohort.frame)
    assert other.event[::-1].tolist() == cohort.event.tolist()


@pytest.mark.parametrize("value", ["1e15", "inf", "1e300", "-2e12"])
def test_values_beyond_belief_are_one_error_wherever_they_stand(tmp_path: Path, value: str) -> None:
    for column in ("age", "vas_mean"):
        found = finding(
            cohort_of(tmp_path, with_cells(patients(), column, {3: value})), "absurd-value"
        )
        assert (found.severity, found.column, found.rows) == ("error", column, (3,))


def test_an_absurd_value_that_nothing_reads_breaks_no_rule(tmp_path: Path) -> None:
    frame = patients().with_columns(spare=pl.Series([1e40, *[1.5] * 59]))
    assert finding(cohort_of(tmp_path, frame), "absurd-value").severity == "warning"


def test_the_nearest_level_is_named(tmp_path: Path) -> None:
    frame = with_cells(patients(), "cement_distribution", {1: "spongy", 2: " BLOCKY", 3: "x"})
    found = finding(cohort_of(tmp_path, frame), "unknown-level")
    assert (found.severity, found.rows) == ("error", (1, 2, 3))
    assert "Did you mean 'Spongy', 'Blocky'?" in found.remedy


def test_a_described_outcome_column_is_checked_against_its_limits(tmp_path: Path) -> None:
    described = (
        "[variables.age]",
        '[variables.vas_mean]\nplausible = [0, 10]\ntiming = "postoperative"\n[variables.age]',
    )
    cohort = cohort_of(tmp_path, with_cells(patients(), "vas_mean", {3: "44"}), described)
    assert [each.code for each in cohort.findings] == ["beyond-plausible"]
    assert "1 value lies beyond" in cohort.findings[0].message


RULE = """
[[consistency]]
rule = "avh_above >= avh and age > 18"
reason = { en = "a fractured body is no higher", zh = "骨折椎体不会更高" }
"""


def test_rows_that_break_a_rule_are_named_and_kept(tmp_path: Path) -> None:
    frame = with_cells(patients(), "avh_above", {3: "1", 9: None, 14: "2"})
    cohort = cohort_of(tmp_path, frame, ("[analysis]", f"{RULE}\n[analysis]"))
    found = finding_of(cohort, "inconsistent-row")
    assert (found.severity, found.rows) == ("error", (3, 14))
    assert "break the rule 'avh_above >= avh and age > 18'" in found.message
    assert "a fractured body is no higher" in found.message
    assert cohort.n == 60


def test_a_rule_that_holds_of_everybody_is_no_finding(tmp_path: Path) -> None:
    true = RULE.replace("avh_above >= avh", "avh_above > 0")
    cohort = cohort_of(tmp_path, None, ("[analysis]", f"{true}\n[analysis]"))
    assert [each.code for each in cohort.findings] == ["undescribed-outcome-column"]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("avh_belo > 3", "lacks a column that the protocol needs: 'avh_belo' (consistency)"),
        ("ivc == 'Maybe'", "'Maybe' is not a label of this column"),
        ("ivc > 3", "In 'ivc > 3'"),
    ],
)
def test_a_rule_that_fits_no_column_is_refused(tmp_path: Path, rule: str, told: str) -> None:
    wrong = RULE.replace("avh_above >= avh and age > 18", rule)
    with pytest.raises((DataError, ProtocolError)) as caught:
        cohort_of(tmp_path, None, ("[analysis]", f"{wrong}\n[analysis]"))
    assert told in str(caught.value)
