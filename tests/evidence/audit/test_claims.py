"""Performance, directions, repeats, nomogram, decision curve, and papers side by side."""

from __future__ import annotations

from typing import Any

import pytest
from tests.evidence.audit.papers import ROW, failed, found, paper, statistic, table

from vertebrisk.evidence.audit.auditing import audit
from vertebrisk.evidence.audit.subject import subject_of
from vertebrisk.evidence.library import library_study
from vertebrisk.evidence.published import PublishedStudy


def ids(**tables: Any) -> list[str]:
    return [check.id for check in failed(**tables)]


def test_auc_and_c_index_of_one_model_are_one_number() -> None:
    apart = [statistic("auc", "0.780"), statistic("c_index", "0.774")]
    assert ids(statistic=apart) == ["auc-is-c-index"]
    assert ids(statistic=[statistic("auc", "0.78"), statistic("c_index", "0.776")]) == []
    other = [statistic("auc", "0.780"), statistic("auc", "0.74", patients="validation")]
    assert ids(statistic=other) == []


@pytest.mark.parametrize(
    ("low", "high", "wrong"),
    [
        ("0.696", "0.852", []),
        ("0.79", "0.85", ["auc-interval"]),
        ("0.772", "0.777", ["auc-interval"]),
        ("0.30", "0.99", ["auc-interval"]),
    ],
)
def test_an_interval_of_the_auc_encloses_it_and_is_as_wide_as_its_size(
    low: str, high: str, wrong: list[str]
) -> None:
    rows = [statistic("auc", "0.774"), statistic("auc_low", low), statistic("auc_high", high)]
    assert ids(statistic=rows) == wrong


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("sensitivity", "0.775", False),
        ("sensitivity", "0.783", True),
        ("sensitivity", "78.3", True),
        ("specificity", "81.9", False),
        ("specificity", "0.8170", True),
        ("sensitivity", "0.78", False),
    ],
)
def test_a_sensitivity_is_a_share_of_whole_patients(name: str, value: str, wrong: bool) -> None:
    # 31 of 40 is 0.775; 131 of 160 is 0.81875.
    assert ids(statistic=[statistic(name, value)]) == ["whole-patients"] * wrong


def test_youden_and_hosmer_lemeshow() -> None:
    rows = [statistic("sensitivity", "0.775"), statistic("specificity", "0.819")]
    assert ids(statistic=[*rows, statistic("youden_index", "0.594")]) == []
    assert ids(statistic=[*rows, statistic("youden_index", "0.549")]) == ["youden-index"]
    test = [statistic("hosmer_lemeshow", "6.204"), statistic("hosmer_lemeshow_p", "0.624")]
    assert ids(statistic=test) == []
    test[1] = statistic("hosmer_lemeshow_p", "0.003")
    assert ids(statistic=[*test, statistic("hosmer_lemeshow_df", "8")]) == ["hosmer-lemeshow"]


def word(variable: str, direction: str, **keys: Any) -> dict[str, Any]:
    said = {"text": "It is said", "place": "Discussion", "variable": variable}
    return said | {"direction": direction} | keys


def test_words_against_the_side_of_one() -> None:
    assert ids(model=[table(ROW)], statement=[word("cleft", "higher")]) == []
    assert ids(model=[table(ROW)], statement=[word("cleft", "lower")]) == ["words-against-ratio"]
    weak = {"term": "cleft", "level": "Yes", "ratio": "1.1", "conf_low": "0.5", "conf_high": "2.4"}
    assert ids(model=[table(weak)], statement=[word("cleft", "lower")]) == []


def compared(**cells: Any) -> dict[str, Any]:
    return {"variable": "cleft", "place": "Table 1"} | cells


def test_a_coefficient_against_a_strong_difference_of_the_groups() -> None:
    levels = {"No": {"count": ["8", "140"]}, "Yes": {"count": ["32", "20"]}}
    turned = {"term": "cleft", "level": "Yes", "estimate": "-2.8", "std_error": "0.5"}
    assert ids(compared=[compared(levels=levels)], model=[table(turned)]) == ["direction-in-groups"]
    mild = {"term": "cleft", "level": "Yes", "estimate": "-0.4", "std_error": "0.3"}
    assert ids(compared=[compared(levels=levels)], model=[table(mild)]) == []


def test_words_against_p() -> None:
    row = compared(p_value="0.003")
    assert ids(compared=[row], statement=[word("cleft", "same")]) == ["words-against-p"]
    assert ids(compared=[row], statement=[word("cleft", "different", p_value="<0.05")]) == []
    row = compared(p_value="0.3")
    assert ids(compared=[row], statement=[word("cleft", "different", p_value="<0.05")]) == [
        "words-against-p"
    ]


def test_a_table_that_quotes_another_says_the_same_and_is_checked_once() -> None:
    quote = {"id": "abstract", "quotes": "final", "place": "Abstract"}
    wrong = ROW | {"p_value": "0.004"}
    assert len(failed(model=[table(wrong), table(wrong, **quote)])) == 1
    other = {"term": "cleft", "level": "Yes", "ratio": "3.970"}
    assert ids(model=[table(ROW), table(other, **quote)]) == ["repeated-number"]


def points(variable: str, shown: str, **keys: str) -> dict[str, str]:
    return {"variable": variable, "points": shown, "place": "Figure 2"} | keys


def test_points_of_a_nomogram_are_the_coefficients_times_one_factor() -> None:
    rows = [
        {"term": "cleft", "level": "Yes", "estimate": "1.332"},
        {"term": "age", "estimate": "0.051"},
    ]
    age = [points("age", "0", value="50"), points("age", "100", value="100")]
    # 100 points are 50 x 0.051 = 2.55, so that 1.332 is 52.2.
    cleft = [points("cleft", "0", level="No"), points("cleft", "52", level="Yes")]
    assert ids(model=[table(*rows)], nomogram=[*age, *cleft]) == []
    cleft[1] = points("cleft", "62", level="Yes")
    assert ids(model=[table(*rows)], nomogram=[*age, *cleft]) == ["nomogram-points"]


def test_no_net_benefit_beyond_the_highest_risk() -> None:
    # exp(-3 + 1.332) over 1 more is 0.159.
    rows = [ROW, {"term": "constant", "estimate": "-3.000"}]
    assert ids(model=[table(*rows)], statistic=[statistic("net_benefit_high", "0.15")]) == []
    assert ids(model=[table(*rows)], statistic=[statistic("net_benefit_high", "0.60")]) == [
        "decision-curve-range"
    ]


def test_events_per_candidate_and_comparisons_are_told() -> None:
    rows = [compared(p_value="0.3"), compared(variable="grade", p_value="0.01")]
    [check] = found("events-per-candidate", compared=rows, model=[table(ROW)])
    assert check.recomputed == "13.33"
    [check] = found("comparisons-made", compared=rows)
    assert check.message.startswith("1 of 2 have P < 0.05")


def test_rows_that_repeat_in_another_paper_are_named() -> None:
    one = paper(model=[table(ROW, ROW | {"level": "No", "estimate": "1.111", "ratio": "3.037"})])
    other, twin = library_study("anonymous2020"), one.model_copy(update={"id": "twin"})

    def verdict(second: PublishedStudy) -> str:
        checks = audit(one, second).checks
        return next(each.verdict for each in checks if each.id == "repeated-across-papers")

    assert verdict(other) == "consistent"
    assert verdict(twin) == "inconsistent"


def test_the_papers_of_the_library_say_what_is_known_of_them() -> None:
    def seen(study: str) -> set[tuple[str, str]]:
        return {(check.id, check.about) for check in audit(study).inconsistent}

    assert {
        ("ratio-of-coefficient", "Posterior fascia oedema = Yes"),
        ("sign-of-coefficient", "Cement distribution = Blocky"),
        ("auc-is-c-index", "AUC and C-index"),
    } <= seen("li2021")
    assert {
        ("p-of-wald", "Number of fractured vertebrae"),
        ("words-against-ratio", "Number of fractured vertebrae"),
        ("direction-in-groups", "Number of fractured vertebrae"),
    } <= seen("anonymous2020")
    protective = (
        "Cement diffuses to the fracture line = Yes",
        "Vertebral height recovery rate",
        "Cobb angle improvement rate",
        "Bone mineral density (T score)",
    )
    assert {("words-against-ratio", each) for each in protective} <= seen("anonymous2021")
    assert ("time-of-the-event", "Cement leakage") in seen("chen2025")
    assert seen("anonymous2024") == set()


def test_a_table_of_training_and_validation_sets_may_have_empty_cells() -> None:
    split = {
        "id": "split",
        "place": "Table 4",
        "groups": [
            {"name": "Training", "n": "140"}, {"name": "Validation", "n": "60"},
            {"name": "All", "n": "200", "total": True},
        ],
        "row": [
            {"variable": "age", "mean_sd": ["71.2±8.1", "70.8±7.7", ""], "p_value": "0.741"},
            {"variable": "cleft", "levels": {"Yes": ["36(25.7%)", "16(26.7%)", "52(26.0%)"]}},
        ],
    }  # fmt: skip
    subject = subject_of(paper(comparison=[split]))
    table = subject.comparisons[-1]
    assert [group.total for group in table.groups] == [False, False, True]
    assert table.rows[0].mean[2] is None
    assert [cell.text for cell in table.rows[1].levels[0].count if cell] == ["36", "16", "52"]
    assert ids(comparison=[split]) == []
    assert subject.main is subject.comparisons[0]
