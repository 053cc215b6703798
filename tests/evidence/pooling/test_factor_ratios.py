"""Odds ratios of a factor from print: names, directions, errors; rows that cannot be used."""

from __future__ import annotations

import math
from typing import Any

import pytest
from numpy.testing import assert_allclose
from tests.evidence.pooling.evidence_of import EXACT, codes, estimates, ratios, reasons
from tests.evidence.pooling.papers import altered, with_rows

from vertebrisk.evidence.library import library_study
from vertebrisk.evidence.published import PublishedStudy


def test_fascia_injury_under_its_three_names() -> None:
    evidence = ratios("fascia_injury")
    found = estimates(evidence)
    assert {key: (each.estimate, each.std_error) for key, each in found.items()} == {
        "anonymous2020": (1.682, 0.584),
        # the recorded reading of the transposed digits, not the printed 1.337
        "li2021": (pytest.approx(1.377, rel=EXACT), 0.602),
    }
    assert any("Digits transposed" in note for note in found["li2021"].notes)
    assert any("thoracolumbar fascia injury" in note for note in found["anonymous2020"].notes)
    assert "without a number" in reasons(evidence)["anonymous2024"]
    assert "no variable that is this factor" in reasons(evidence)["anonymous2021"]


def test_cement_distribution_is_turned_to_one_direction() -> None:
    evidence = ratios("cement_distribution")
    found = estimates(evidence)
    # li2021: -0.800 is spongy against blocky; anonymous2020 prints satisfied, -1.376
    assert_allclose(found["li2021"].estimate, 0.800, rtol=EXACT)
    assert_allclose(found["li2021"].std_error, 0.392, rtol=EXACT)
    assert_allclose(found["anonymous2020"].estimate, 1.376, rtol=EXACT)
    assert_allclose(found["anonymous2020"].std_error, 0.595, rtol=EXACT)
    assert "Called a protective factor" in reasons(evidence)["anonymous2021"]
    assert any("read as spongy against blocky" in note for note in found["li2021"].notes)


def test_a_sign_that_is_read_otherwise_is_turned() -> None:
    found = estimates(ratios("number_of_fractures"))["anonymous2020"]
    assert_allclose((found.estimate, found.std_error), (2.319, 0.473), rtol=EXACT)


def test_crude_ratios_are_those_of_the_printed_counts() -> None:
    found = estimates(ratios("cement_distribution", source="crude"))
    blocky = found["li2021"]
    assert_allclose(blocky.estimate, math.log(21 * 156 / (16 * 75)), rtol=EXACT)
    assert_allclose(blocky.std_error, math.sqrt(1 / 21 + 1 / 16 + 1 / 75 + 1 / 156), rtol=EXACT)
    dissatisfied = found["anonymous2020"]
    assert_allclose(dissatisfied.estimate, math.log(33 * 42 / (28 * 19)), rtol=EXACT)
    assert dissatisfied.source == "crude"
    assert "Dissatisfied in 33 of 61 with the outcome and in 19 of 61 without" in dissatisfied.notes


def test_a_liquefaction_signal_is_no_cleft() -> None:
    evidence = ratios("intravertebral_cleft")
    assert set(estimates(evidence)) == {"li2021"}
    assert "'liquefaction' is not it" in reasons(evidence)["anonymous2020"]
    assert set(estimates(ratios("liquefaction_signal"))) == {"anonymous2020"}


def test_adjusted_and_crude_are_never_mixed_silently() -> None:
    def without_row(document: dict[str, Any]) -> None:
        rows = document["model"][0]["coefficient"]
        document["model"][0]["coefficient"] = [each for each in rows if each["term"] != "tfi"]

    studies = [library_study("li2021"), altered("anonymous2020", without_row)]
    mixed = ratios("fascia_injury", studies)
    assert {each.source for each in mixed.estimates} == {"adjusted", "crude"}
    assert "sources-mixed" in codes(mixed)
    crude = estimates(mixed)["anonymous2020"]
    assert any(note.startswith("not adjusted: 'tfi' is not among") for note in crude.notes)
    adjusted = ratios("fascia_injury", studies, source="adjusted")
    assert set(estimates(adjusted)) == {"li2021"}
    assert "sources-mixed" not in codes(adjusted)
    both_crude = ratios("fascia_injury", studies, source="crude")
    assert {each.source for each in both_crude.estimates} == {"crude"}


ROW = {"term": "tfi", "level": "Yes"}


@pytest.mark.parametrize(
    ("row", "table", "estimate", "error", "basis"),
    [
        ({"estimate": "1.5", "std_error": "0.5"}, {}, 1.5, 0.5, "B and its standard error"),
        (
            {"ratio": "4.48", "conf": "1.68-11.94"},
            {"conf_level": "95"},
            math.log(4.48),
            math.log(11.94 / 1.68) / (2 * 1.959963984540054),
            "odds ratio and its interval",
        ),
        (
            {"ratio": "4.48", "conf": "1.97~10.2"},
            {"conf_level": "90"},
            math.log(4.48),
            math.log(10.2 / 1.97) / (2 * 1.6448536269514722),
            "odds ratio and its interval",
        ),
        ({"estimate": "1.5", "wald": "9.0"}, {}, 1.5, 0.5, "B and its Wald statistic"),
        ({"estimate": "-1.5", "z": "-3.0"}, {}, -1.5, 0.5, "B and its z statistic"),
        (
            {"estimate": "1.5", "estimate_low": "0.5", "estimate_high": "2.5"},
            {},
            1.5,
            2 / (2 * 1.959963984540054),
            "B and its interval",
        ),
        (
            {"ratio": "0.25", "conf": "0.1-0.625", "per": -1},
            {},
            math.log(4),
            math.log(6.25) / (2 * 1.959963984540054),
            "odds ratio and its interval",
        ),
    ],
)
def test_an_error_is_had_from_what_is_printed(
    row: dict[str, Any], table: dict[str, Any], estimate: float, error: float, basis: str
) -> None:
    found = ratios("fascia_injury", [with_rows("anonymous2020", [ROW | row], **table)])
    (only,) = found.estimates
    assert_allclose((only.estimate, only.std_error), (estimate, error), rtol=EXACT)
    assert only.basis == basis


@pytest.mark.parametrize(
    ("row", "table", "reason"),
    [
        ({"ratio": "4.48"}, {}, "no standard error and no usable interval"),
        ({"ratio": "4.48", "conf": "12.2-1.1"}, {}, "no usable interval"),
        ({"ratio": "4.48", "conf": "0-12.2"}, {}, "no usable interval"),
        ({"ratio": ">4.48", "conf": "1.1-12.2"}, {}, "without a number"),
        ({"estimate": "1.5", "std_error": "0.000"}, {}, "no standard error"),
        ({"estimate": "-1.5", "ratio": "4.48", "std_error": "0.5"}, {}, "contradicts itself"),
        ({"estimate": "1.5", "std_error": "0.5"}, {"kind": "cox"}, "hazard ratios"),
    ],
)
def test_a_row_that_cannot_be_used_is_listed(
    row: dict[str, Any], table: dict[str, Any], reason: str
) -> None:
    study = with_rows("anonymous2020", [ROW | row], **table)
    evidence = ratios("fascia_injury", [study], source="adjusted")
    assert evidence.estimates == ()
    assert reason in reasons(evidence)["anonymous2020"]


def test_an_error_beside_an_interval_of_another_is_told() -> None:
    row = ROW | {"estimate": "1.5", "std_error": "0.5", "ratio": "4.48", "conf": "3.0-6.7"}
    (found,) = ratios("fascia_injury", [with_rows("anonymous2020", [row])]).estimates
    assert found.std_error == 0.5
    assert any("the standard error 0.5 and the interval 3.0 to 6.7" in note for note in found.notes)
    (honest,) = ratios("fascia_injury", [library_study("anonymous2020")]).estimates
    assert not any("differ" in note for note in honest.notes)


def test_a_ratio_per_ten_units_is_brought_to_one() -> None:
    row = {"term": "age", "ratio": "1.50", "conf": "1.10-2.05", "per": 10}
    study = with_rows("anonymous2020", [row])
    (found,) = ratios("age", [study]).estimates
    assert_allclose(found.estimate, math.log(1.5) / 10, rtol=EXACT)
    error = math.log(2.05 / 1.10) / (2 * 1.959963984540054) / 10
    assert_allclose(found.std_error, error, rtol=EXACT)


def test_a_coefficient_beside_a_ratio_per_ten_units_is_no_contradiction() -> None:
    row = {"term": "age", "estimate": "0.041", "std_error": "0.016", "ratio": "1.51", "per": 10}
    (found,) = ratios("age", [with_rows("anonymous2020", [row])]).estimates
    assert (found.estimate, found.std_error) == (0.041, 0.016)


def test_two_levels_against_a_third_have_no_printed_error() -> None:
    own = own_factors("2", "3-4")
    evidence = ratios("goutallier", [library_study("li2021")], factors=own, source="adjusted")
    assert "with a third one" in reasons(evidence)["li2021"]
    found = estimates(ratios("fat_infiltration", [library_study("li2021")]))
    assert_allclose(found["li2021"].estimate, 2.622, rtol=EXACT)


def own_factors(reference: str, level: str) -> dict[str, Any]:
    from vertebrisk.evidence.pooling.factors import Factor

    name = {"variable": "goutallier", "level": level, "reference": reference, "reason": "grades"}
    document = {"label": "Fat", "compares": f"{level} against {reference}", "name": (name,)}
    return {"goutallier": Factor.model_validate(document)}


def test_levels_joined_by_the_factor_add_their_counts() -> None:
    from vertebrisk.evidence.pooling.factors import Factor

    name = {
        "variable": "goutallier",
        "level": "3-4",
        "reference": ("0-1", "2"),
        "reason": "grades",
    }
    factor = Factor.model_validate({"label": "Fat", "compares": "3-4", "name": (name,)})
    evidence = ratios("fat", [library_study("li2021")], factors={"fat": factor})
    (found,) = evidence.estimates
    assert found.source == "crude"
    assert_allclose(found.estimate, math.log(20 * 186 / (17 * 45)), rtol=EXACT)
    assert any("keeps levels of 'goutallier' apart" in note for note in found.notes)


def counts(yes: list[str], no: list[str]) -> PublishedStudy:
    def change(document: dict[str, Any]) -> None:
        levels = {"Yes": {"count": yes}, "No": {"count": no}}
        row = {"place": "Table 1", "variable": "tfi", "levels": levels}
        document["compared"] = [row]

    return altered("anonymous2020", change)


def test_an_empty_cell_gets_half_a_patient_and_a_note() -> None:
    evidence = ratios("fascia_injury", [counts(["5", "0"], ["56", "61"])], source="crude")
    (found,) = evidence.estimates
    assert_allclose(found.estimate, math.log(5.5 * 61.5 / (56.5 * 0.5)), rtol=EXACT)
    assert any("half a patient" in note for note in found.notes)


@pytest.mark.parametrize(
    ("yes", "no", "reason"),
    [
        (["0", "0"], ["61", "61"], "a margin of the 2 x 2 table"),
        (["50", "16"], ["17", "45"], "exceed the sizes of the groups"),
        (["<5", "16"], ["17", "45"], "prints no counts"),
        (["4.5", "16"], ["17", "45"], "prints no counts"),
    ],
)
def test_counts_that_are_no_table_are_listed(yes: list[str], no: list[str], reason: str) -> None:
    evidence = ratios("fascia_injury", [counts(yes, no)], source="crude")
    assert reason in reasons(evidence)["anonymous2020"]


def test_counts_follow_from_percentages_of_columns_only() -> None:
    def shares(yes: list[str], no: list[str]) -> PublishedStudy:
        def change(document: dict[str, Any]) -> None:
            levels = {"Yes": {"percent": yes}, "No": {"percent": no}}
            document["compared"] = [{"place": "T", "variable": "tfi", "levels": levels}]

        return altered("anonymous2020", change)

    columns = shares(["72.1", "26.2"], ["27.9", "73.8"])
    (found,) = ratios("fascia_injury", [columns], source="crude").estimates
    assert_allclose(found.estimate, math.log(44 * 45 / (17 * 16)), rtol=EXACT)
    rows = shares(["73.3", "26.7"], ["27.4", "72.6"])
    assert (
        "prints no counts"
        in reasons(ratios("fascia_injury", [rows], source="crude"))["anonymous2020"]
    )
