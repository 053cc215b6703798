"""Estimates from a table: every form of every measure, and cells that are wrong."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from numpy.testing import assert_allclose

from vertebrisk.errors import DataError
from vertebrisk.evidence.pooling.estimate_tables import MAX_STUDIES, read_estimates
from vertebrisk.evidence.pooling.study_estimates import StudyEstimate

WIDTH = 2 * 1.959963984540054
# Printed digits through one formula; only the arithmetic of doubles lies between.
EXACT = 1e-12


def read(tmp_path: Path, text: str, measure: Any) -> tuple[StudyEstimate, ...]:
    path = tmp_path / "studies.csv"
    path.write_text(text, encoding="utf-8")
    return read_estimates(path, measure)


@pytest.mark.parametrize(
    ("measure", "text", "estimate", "error"),
    [
        ("incidence", "study,events,n\na,14,150", math.log(14 / 136), math.sqrt(1 / 14 + 1 / 136)),
        (
            "odds-ratio",
            "study,ratio,conf_low,conf_high\na,3.79,1.175,12.227",
            math.log(3.79),
            math.log(12.227 / 1.175) / WIDTH,
        ),
        ("odds-ratio", "study,estimate,std_error\na,1.332,0.598", 1.332, 0.598),
        (
            "odds-ratio",
            "study,events_exposed,n_exposed,events_unexposed,n_unexposed\na,21,96,16,172",
            math.log(21 * 156 / (16 * 75)),
            math.sqrt(1 / 21 + 1 / 16 + 1 / 75 + 1 / 156),
        ),
        (
            "c-statistic",
            "study,auc,auc_low,auc_high\na,0.774,0.696,0.852",
            math.log(0.774 / 0.226),
            (math.log(0.852 / 0.148) - math.log(0.696 / 0.304)) / WIDTH,
        ),
        ("c-statistic", "study,auc,auc_se\na,0.7,0.04", math.log(0.7 / 0.3), 0.04 / 0.21),
        ("oe", "study,oe,events,n\na,0.8,20,200", math.log(0.8), math.sqrt(0.9 / 20)),
        (
            "oe",
            "study,events,expected,n\na,20,25,200",
            math.log(0.8),
            math.sqrt(0.9 / 20),
        ),
        ("slope", "study,slope,slope_low,slope_high\na,0.9,0.5,1.3", 0.9, 0.8 / WIDTH),
        ("slope", "study,slope,slope_se\na,0.9,0.2", 0.9, 0.2),
    ],
)
def test_every_form_of_a_measure(
    tmp_path: Path, measure: Any, text: str, estimate: float, error: float
) -> None:
    (found,) = read(tmp_path, text + "\n", measure)
    assert_allclose((found.estimate, found.std_error), (estimate, error), rtol=EXACT)


def test_further_columns_are_properties_and_names_may_be_given(tmp_path: Path) -> None:
    text = "Study,Label,events,n,country,year\nsato,Sato et al.,5,80,JP,2019\nkim2020,,7,90,,NA\n"
    sato, kim = read(tmp_path, text, "incidence")
    assert (sato.label, kim.label) == ("Sato et al.", "Kim 2020")
    assert sato.about["country"] == "JP"
    assert kim.about["country"] == "not stated"
    assert (sato.about["n"], sato.about["n_events"]) == ("80", "5")
    assert sato.place == "studies.csv, row 1"


def test_each_row_may_have_its_own_form(tmp_path: Path) -> None:
    text = (
        "study,ratio,conf_low,conf_high,estimate,std_error\n"
        "a,3.79,1.175,12.227,,\nb,NA,,-,1.377,0.602\n"
    )
    first, second = read(tmp_path, text, "odds-ratio")
    assert (first.basis, second.basis) == ("interval", "estimate and standard error")


def test_decimal_commas_and_typographic_signs(tmp_path: Path) -> None:
    text = "study;estimate;std_error\na;\u22121,5;0,5\nb;0,4;0,25\n"
    found = read(tmp_path, text, "odds-ratio")
    assert [each.estimate for each in found] == [-1.5, 0.4]


@pytest.mark.parametrize(
    ("measure", "text", "message"),
    [
        ("incidence", "name,events,n\na,1,2", r"no column 'study'; its columns are name"),
        ("incidence", "study,x\na,1", r"no column for an incidence.*study and: events, n"),
        ("incidence", "study,events,n\na,1,", r"row 1: 'n' of 'a' is empty"),
        ("incidence", "study,events,n\na,1.5,9", r"row 1: 'events' is '1.5', where a whole"),
        ("incidence", "study,events,n\na,-1,9", r"'events' is '-1', where a whole number"),
        ("incidence", "study,events,n\na,12,9", r"12 events in 9 patients"),
        ("incidence", "study,events,n\na,0,0", r"0 events in 0 patients"),
        ("incidence", "study,events,n\na,many,9", r"'events' is 'many', which is not a number"),
        ("incidence", "study,events,n\na,<5,9", r"'events' is '<5', a bound"),
        ("incidence", "study,events,n\n,5,9", r"row 1: 'study' is empty"),
        ("incidence", "study,events,n\na,1,9\na,2,9", r"names the study 'a' twice"),
        ("odds-ratio", "study,ratio,conf_low,conf_high\na,2,3,4", r"does not lie between"),
        ("odds-ratio", "study,ratio,conf_low,conf_high\na,2,1,", r"one limit of the interval"),
        ("odds-ratio", "study,ratio,conf_low,conf_high\na,2,-1,4", r"must lie above 0"),
        ("odds-ratio", "study,ratio,conf_low,conf_high\na,-2,-3,4", r"not its logarithm"),
        ("odds-ratio", "study,ratio\na,2", r"no number for an odds ratio with an error"),
        ("odds-ratio", "study,estimate,std_error\na,2,0", r"a standard error above 0"),
        ("odds-ratio", "study,estimate\na,2", r"'std_error' is ''"),
        (
            "odds-ratio",
            "study,events_exposed,n_exposed,events_unexposed,n_unexposed\na,9,5,1,5",
            r"9/5 against 1/5 is no 2 x 2 table",
        ),
        (
            "odds-ratio",
            "study,events_exposed,n_exposed,events_unexposed,n_unexposed\na,0,5,0,5",
            r"has no odds ratio",
        ),
        ("c-statistic", "study,auc,auc_low,auc_high\na,77.4,69.6,85.2", r"not in percent"),
        ("c-statistic", "study,auc,auc_low,auc_high\na,0.9,0.8,1.0", r"between 0 and 1"),
        ("c-statistic", "study,auc\na,0.8", r"no number for the C-statistic with an error"),
        ("slope", "study,slope,slope_se\na,0.8,-1", r"a standard error above 0"),
    ],
)
def test_a_table_that_is_wrong_is_one_line_with_its_row(
    tmp_path: Path, measure: Any, text: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, text + "\n", measure)


def test_a_table_of_patients_is_recognised(tmp_path: Path) -> None:
    rows = "".join(f"p{place},1,2\n" for place in range(MAX_STUDIES + 1))
    with pytest.raises(DataError, match=r"at most 300. Is it a table of patients"):
        read(tmp_path, "study,events,n\n" + rows, "incidence")


def test_another_kind_of_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "studies.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(DataError, match=r"studies\.csv"):
        read_estimates(path, "incidence")
    with pytest.raises(DataError, match="does not exist"):
        read_estimates(tmp_path / "none.csv", "incidence")
