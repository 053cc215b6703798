"""From print to one estimate a study: the library's numbers by hand, and print as it comes."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.evidence.pooling.evidence_of import EXACT, codes, estimates, reasons
from tests.evidence.pooling.papers import altered, residual_pain, with_statistics

from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.evidence.library import library, library_study
from vertebrisk.evidence.pooling.estimates import incidence, study_estimates
from vertebrisk.evidence.pooling.performance import performance
from vertebrisk.evidence.pooling.study_estimates import (
    StudyEstimate,
    Unused,
    label_of,
    off_scale,
    on_scale,
    proportion,
)

# ---------------------------------------------------------------- incidence


def test_the_incidence_of_the_four_studies_is_the_printed_one() -> None:
    evidence = study_estimates(residual_pain(), "incidence")
    counts = {each.study: (each.n_events, each.n) for each in evidence.estimates}
    assert counts == {
        "anonymous2024": (14, 150),
        "anonymous2021": (18, 120),
        "anonymous2020": (61, 1120),
        "li2021": (37, 268),
    }
    assert evidence.unused == ()
    first = evidence.estimates[0]
    assert_allclose(first.estimate, math.log(14 / 136), rtol=EXACT)
    assert_allclose(first.std_error, math.sqrt(1 / 14 + 1 / 136), rtol=EXACT)
    assert_allclose(first.value, 14 / 150, rtol=EXACT)


def test_a_case_control_study_gives_the_incidence_of_its_population_and_says_so() -> None:
    found = incidence(library_study("anonymous2020"))
    assert isinstance(found, StudyEstimate)
    assert found.source == "population"
    assert "61 of the 122 analysed were chosen by their outcome" in found.notes[0]


def test_thresholds_and_time_points_that_differ_are_told() -> None:
    evidence = study_estimates(residual_pain(), "incidence")
    assert {"thresholds-differ", "time-points-differ"} <= codes(evidence)
    message = next(f.message for f in evidence.findings if f.code == "thresholds-differ")
    assert "VAS >= 4 (Li 2021)" in message
    assert "not stated (Anonymous 2021)" in message
    assert codes(study_estimates([library_study("li2021")], "incidence")) == set()


def test_outcomes_that_are_not_one_are_not_pooled_unasked() -> None:
    with pytest.raises(DataError, match=r"leakage \(chen2025\).*--outcome residual_pain"):
        study_estimates(library(), "incidence")
    evidence = study_estimates(library(), "incidence", outcomes=("residual_pain",))
    assert reasons(evidence) == {"chen2025": "its outcome is Cement leakage"}
    with pytest.raises(DataError, match="No study has the outcome 'pain'"):
        study_estimates(library(), "incidence", outcomes=("pain",))


def test_a_study_counts_once() -> None:
    with pytest.raises(DataError, match="'li2021' is given twice"):
        study_estimates([library_study("li2021")] * 2, "incidence")


def test_no_event_is_half_a_patient_on_the_logit_scale_and_none_to_the_reader() -> None:
    none = proportion("a", "A", 0, 40, source="sample", place="T")
    assert_allclose(none.estimate, math.log(0.5 / 40.5), rtol=EXACT)
    assert (none.value, none.conf_low) == (0.0, 0.0)
    every = proportion("a", "A", 40, 40, source="sample", place="T")
    assert_allclose(every.estimate, -none.estimate, rtol=EXACT)
    assert every.value == 1.0


@pytest.mark.parametrize(
    ("design", "reason"),
    [
        ({"n": {"value": ">200", "place": "T"}}, "printed as bounds"),
        ({"n_events": {"value": "300", "place": "T"}}, "300 events in 268 patients cannot be"),
    ],
)
def test_numbers_that_cannot_be_an_incidence_are_listed(
    design: dict[str, Any], reason: str
) -> None:
    found = incidence(altered("li2021", lambda document: document["design"].update(design)))
    assert isinstance(found, Unused)
    assert reason in found.reason


def test_a_measure_without_its_factor_and_a_factor_without_its_measure() -> None:
    with pytest.raises(ArgumentError, match="--factor fascia_injury"):
        study_estimates(residual_pain(), "odds-ratio")
    with pytest.raises(ArgumentError, match="--factor goes with odds ratios"):
        study_estimates(residual_pain(), "incidence", factor_name="tfi")


# ---------------------------------------------------------------- performance


def test_li_2021_prints_two_apparent_statistics_and_the_interval_says_which() -> None:
    found = performance(library_study("li2021"), "c-statistic", "apparent")
    assert isinstance(found, StudyEstimate)
    assert found.value == 0.774
    span = on_scale(0.852, "logit") - on_scale(0.696, "logit")
    assert_allclose(found.std_error, span / (2 * 1.959963984540054), rtol=EXACT)
    assert "0.774 is taken; the paper also prints 0.780 (Abstract)" in found.notes[0]


def test_without_an_interval_the_error_is_newcombes() -> None:
    found = performance(library_study("li2021"), "c-statistic", "corrected")
    assert isinstance(found, StudyEstimate)
    assert found.value == 0.752
    assert_allclose(found.std_error, newcombe(0.752, 37, 231), rtol=EXACT)


def newcombe(c: float, m: int, n: int) -> float:
    """Newcombe's method 4 written out on the scale of C itself, then taken to the logit."""
    star = (m + n) / 2 - 1
    variance = c * (1 - c) * (1 + star * (1 - c) / (2 - c) + star * c / (1 + c)) / (m * n)
    return math.sqrt(variance) / (c * (1 - c))


def test_performance_on_other_patients_is_preferred_and_the_rest_is_named() -> None:
    studies = [
        library_study("li2021"),
        with_statistics(
            "anonymous2021", auc_external="0.70", n_external="90", n_events_external="12"
        ),
        with_statistics("anonymous2024", c_index_external="0.66", c_index_external_se="0.05"),
    ]
    evidence = study_estimates(studies, "c-statistic")
    found = estimates(evidence)
    assert set(found) == {"anonymous2021", "anonymous2024"}
    assert_allclose(found["anonymous2021"].std_error, newcombe(0.70, 12, 78), rtol=EXACT)
    assert_allclose(found["anonymous2024"].std_error, 0.05 / (0.66 * 0.34), rtol=EXACT)
    assert "no external C-statistic" in reasons(evidence)["li2021"]
    assert "performance-kinds-apart" in codes(evidence)
    apparent = study_estimates(studies, "c-statistic", performance_kind="apparent")
    assert set(estimates(apparent)) == {"li2021"}
    assert "apparent-performance-pooled" in codes(apparent)


def test_ratio_and_slope_of_other_patients() -> None:
    study = with_statistics(
        "anonymous2021",
        oe_external="0.80",
        oe_external_low="0.50",
        oe_external_high="1.28",
        calibration_slope_external="0.90",
        calibration_slope_external_low="0.50",
        calibration_slope_external_high="1.30",
    )
    (ratio,) = study_estimates([study], "oe").estimates
    assert_allclose(ratio.estimate, math.log(0.8), rtol=EXACT)
    assert_allclose(ratio.std_error, math.log(1.28 / 0.5) / 3.919927969080108, rtol=EXACT)
    (slope,) = study_estimates([study], "slope").estimates
    assert_allclose((slope.estimate, slope.std_error), (0.9, 0.8 / 3.919927969080108), rtol=EXACT)


def test_other_patients_are_external_and_a_study_counts_once() -> None:
    def cohorts(document: dict[str, Any]) -> None:
        document["statistic"] = [
            {"name": name, "value": value, "place": "Results"} | more
            for name, value, more in (
                ("auc", "0.80", {}),
                ("auc", "0.72", {"patients": "validation cohort"}),
                ("n", "90", {"patients": "validation cohort"}),
                ("n_events", "12", {"patients": "validation cohort"}),
                ("auc", "0.65", {"patients": "another hospital"}),
            )
        ]

    study = altered("anonymous2021", cohorts)
    found = performance(study, "c-statistic", "external")
    assert isinstance(found, StudyEstimate)
    assert (found.value, found.n, found.n_events) == (0.72, 90, 12)
    assert_allclose(found.std_error, newcombe(0.72, 12, 78), rtol=EXACT)
    assert found.notes == (
        "on other patients: validation cohort",
        "a study counts once; not taken: another hospital",
    )
    apparent = performance(study, "c-statistic", "apparent")
    assert isinstance(apparent, StudyEstimate)
    assert (apparent.value, apparent.n) == (0.80, 120)


def test_a_c_index_of_time_to_event_is_told() -> None:
    study = with_statistics("chen2025", c_index="0.78", c_index_low="0.70", c_index_high="0.84")
    found = performance(study, "c-statistic", "apparent")
    assert isinstance(found, StudyEstimate)
    assert any("time to event" in note for note in found.notes)


def test_an_interval_that_does_not_hold_its_value_is_not_used() -> None:
    study = with_statistics("anonymous2021", auc="0.90", auc_low="0.60", auc_high="0.80")
    found = performance(study, "c-statistic", "apparent")
    assert isinstance(found, StudyEstimate)
    assert found.basis == "events and patients (Newcombe)"
    assert found.notes == ("the printed interval, 0.60 to 0.80, cannot be that of 0.90",)


@pytest.mark.parametrize(
    ("values", "measure", "kind", "reason"),
    [
        ({"calibration_slope": "1.00"}, "slope", "apparent", "1 by construction"),
        ({"calibration_slope_external": "0.9"}, "slope", "external", "neither an interval"),
        ({"auc_external": "0.7"}, "c-statistic", "external", "neither an interval"),
        ({"auc": "78.0"}, "c-statistic", "apparent", "cannot be used as a number"),
        ({"auc": ">0.7"}, "c-statistic", "apparent", "cannot be used as a number"),
        ({"oe_external": "-1"}, "oe", "external", "cannot be used as a number"),
    ],
)
def test_performance_that_cannot_be_used_is_listed(
    values: dict[str, str], measure: Any, kind: Any, reason: str
) -> None:
    found = performance(with_statistics("anonymous2021", **values), measure, kind)
    assert isinstance(found, Unused)
    assert reason in found.reason


# ---------------------------------------------------------------- scales and names


@given(st.floats(1e-6, 1 - 1e-6))
def test_a_scale_is_left_as_it_was_entered(value: float) -> None:
    for scale in ("logit", "log", "identity"):
        # one rounding each way; near 1 the logit keeps fewer digits of 1 - value
        assert_allclose(off_scale(on_scale(value, scale), scale), value, rtol=1e-9)


@given(st.integers(1, 99), st.integers(100, 400))
def test_the_event_turned_is_the_logit_turned(n_events: int, n: int) -> None:
    one = proportion("a", "A", n_events, n, source="sample", place="T")
    other = proportion("a", "A", n - n_events, n, source="sample", place="T")
    assert_allclose(one.estimate, -other.estimate, rtol=1e-9, atol=1e-12)
    assert_allclose(one.std_error, other.std_error, rtol=1e-12)


@pytest.mark.parametrize(
    ("identity", "label"),
    [("li2021", "Li 2021"), ("lin_2021", "Lin 2021"), ("li2021b", "Li 2021b"), ("osaka", "osaka")],
)
def test_an_id_becomes_author_and_year(identity: str, label: str) -> None:
    assert label_of(identity) == label
