"""Agreement of two readers equals R, and input that resists."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

from vertebrisk.comparison.agreement import agreement_categorical, agreement_continuous
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.kernels.agreement import (
    cohen_kappa,
    gwet_coefficient,
    intraclass_agreement,
    intraclass_consistency,
    mean_squares,
    of_the_mean,
)

REFERENCE = loader.load("readers")
RTOL = 1e-10  # closed forms in double precision on both sides
close: Callable[..., None] = assert_allclose  # also takes None, and fails on it


@pytest.mark.parametrize(
    ("name", "weightings"), [("grade", ["none", "linear", "quadratic"]), ("sign", ["none"])]
)
def test_kappa_agrees_with_vcd_and_gwet_with_its_definition(
    name: str, weightings: list[str]
) -> None:
    wanted = REFERENCE[name]
    record = agreement_categorical(loader.frame("readers"), f"{name}_a", f"{name}_b")
    assert [list(row) for row in record.table] == wanted["table"]
    assert list(record.levels) == wanted["levels"]
    assert len(record.coefficients) == 2 * len(weightings)
    for weighting in weightings:
        suffix = "" if weighting == "none" else f"_{weighting}"
        kappa, own = record.coefficient(f"kappa{suffix}"), wanted[weighting]
        close([kappa.estimate, kappa.std_error], [own["estimate"], own["se"]], rtol=RTOL)
        close([kappa.conf_low, kappa.conf_high], own["limits"], rtol=RTOL)
        gwet = record.coefficient(f"ac2{suffix}" if suffix else "ac1")
        own = wanted["gwet"][weighting]
        close([gwet.estimate, gwet.std_error], [own["estimate"], own["se"]], rtol=RTOL)
        close([gwet.conf_low, gwet.conf_high], [own["low"], own["high"]], rtol=RTOL)
    psych = wanted["psych"]
    kappa = record.coefficient("kappa")
    close(
        [kappa.estimate, kappa.conf_low, kappa.conf_high],
        [psych["kappa"], psych["kappa_low"], psych["kappa_high"]],
        rtol=RTOL,
    )


def test_the_example_of_irrcac() -> None:
    """Its README prints the table's variant of AC1's error, over n; ours is over n - 1."""
    table = np.array([[13.0, 0, 0], [0, 20, 7], [0, 4, 56]])
    kappa, gwet = (make(table, np.eye(3), 0.95) for make in (cohen_kappa, gwet_coefficient))
    close([kappa.estimate, kappa.std_error], [0.7964094, 0.05891072], atol=5e-8)
    close([gwet.estimate, gwet.std_error * np.sqrt(99 / 100)], [0.8493305, 0.04321747], atol=5e-8)


def test_intraclass_forms_agree_with_psych() -> None:
    record = agreement_continuous(loader.frame("readers"), "angle_a", "angle_b")
    wanted = REFERENCE["icc"][0]["forms"]
    for name, key in (
        ("ICC(2,1)", "ICC2"), ("ICC(3,1)", "ICC3"), ("ICC(2,2)", "ICC2k"), ("ICC(C,2)", "ICC3k")
    ):  # fmt: skip
        found, own = record.form(name), wanted[key]
        close(
            [found.estimate, found.conf_low, found.conf_high],
            [own["estimate"], own["low"], own["high"]],
            rtol=RTOL,
        )
        close([found.statistic, found.p_value], [own["statistic"], own["p_value"]], rtol=1e-9)


def test_the_table_of_shrout_and_fleiss() -> None:
    case = REFERENCE["icc"][1]
    ms = mean_squares(np.array(case["scores"], dtype=float))
    single = intraclass_agreement(ms, 0.95), intraclass_consistency(ms, 0.95)
    assert [round(each.estimate, 2) for each in single] == [0.29, 0.71]  # as printed in 1979
    mean = [of_the_mean(each, ms.k) for each in single]
    assert [round(each.estimate, 2) for each in mean] == [0.62, 0.91]
    for found, key in zip((*single, *mean), ("ICC2", "ICC3", "ICC2k", "ICC3k"), strict=True):
        own = case["forms"][key]
        close([found.conf_low, found.conf_high], [own["low"], own["high"]], rtol=RTOL)


def test_bland_altman_agrees_with_r() -> None:
    found = agreement_continuous(loader.frame("readers"), "angle_a", "angle_b").bland_altman
    wanted = REFERENCE["bland_altman"]
    names = ("bias", "bias_low", "bias_high", "sd", "lower", "upper")
    close([getattr(found, name) for name in names], [wanted[name] for name in names], rtol=RTOL)
    close([found.lower_low, found.lower_high], wanted["lower_limits"], rtol=RTOL)
    close([found.upper_low, found.upper_high], wanted["upper_limits"], rtol=RTOL)
    slope = ("slope", "slope_low", "slope_high", "slope_p")
    close([getattr(found, name) for name in slope], [wanted[name] for name in slope], rtol=1e-9)


def test_json_counts_on_a_grid_and_holds_no_reading() -> None:
    record = agreement_continuous(loader.frame("readers"), "angle_a", "angle_b")
    content = json.loads(json.dumps(record.to_dict(), allow_nan=False))
    assert "means" not in content["bland_altman"]
    assert sum(cell["n"] for cell in content["bland_altman"]["cells"]) == record.n


def test_missing_readings_are_counted() -> None:
    record = agreement_categorical(
        {"a": ["x", None, "y", "x"], "b": ["x", "y", "y", None]}, "a", "b"
    )
    assert (record.n, record.missing, record.agreed) == (2, 2, 1.0)
    assert [finding.code for finding in record.findings] == ["readings-missing"]


def test_order_of_levels_is_that_of_the_enum() -> None:
    kind = pl.Enum(["mild", "moderate", "severe"])
    frame = pl.DataFrame(
        {"a": ["mild", "severe", "moderate"], "b": ["mild", "severe", "severe"]},
        schema={"a": kind, "b": kind},
    )
    assert agreement_categorical(frame, "a", "b").levels == ("mild", "moderate", "severe")


def test_levels_that_only_one_reader_used_are_a_finding() -> None:
    record = agreement_categorical({"a": [0, 1, 1, 0], "b": [0, 2, 2, 0]}, "a", "b")
    assert record.findings[0].code == "levels-not-shared"
    assert record.coefficient("kappa").estimate is not None


def test_one_level_has_no_kappa_but_a_share() -> None:
    record = agreement_categorical({"a": [1, 1, 1], "b": [1, 1, 1]}, "a", "b")
    assert record.coefficient("kappa").estimate is None
    assert record.coefficient("ac1").estimate == 1
    assert [finding.code for finding in record.findings] == ["kappa-undefined"]


@pytest.mark.parametrize("second", [4, 5])
def test_equal_patients_have_no_intraclass_correlation(second: int) -> None:
    record = agreement_continuous({"a": [4, 4, 4], "b": [second] * 3}, "a", "b")
    assert record.form("ICC(2,1)").estimate is None
    assert (record.bland_altman.bias, record.bland_altman.sd) == (4 - second, 0)
    assert [finding.code for finding in record.findings] == ["icc-undefined"]


def test_perfect_agreement_is_one() -> None:
    record = agreement_continuous({"a": [4, 5, 9], "b": [4, 5, 9]}, "a", "b")
    assert [form.estimate for form in record.forms] == [1, 1, 1, 1]
    json.dumps(record.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("columns", "arguments", "words"),
    [
        ({"a": [1, 2], "b": [1, 2]}, ("a", "c"), "no column 'c'"),
        ({"a": [1, 2], "b": [1, 2]}, ("a", "a"), "Both readers are column 'a'"),
        ({"a": [1, None], "b": [None, 2]}, ("a", "b"), "0 patients were read in both"),
        ({"a": [1, 2], "b": ["x", "y"]}, ("a", "b"), "must share one coding"),
        ({"a": list(range(30)), "b": list(range(30))}, ("a", "b"), "agreement_continuous"),
    ],
)
def test_readings_that_cannot_be_compared(
    columns: dict[str, Any], arguments: tuple[str, str], words: str
) -> None:
    with pytest.raises((ArgumentError, DataError), match=words):
        agreement_categorical(columns, *arguments)


def test_a_level_that_is_not_listed_is_refused() -> None:
    with pytest.raises(
        DataError, match="holds 1 level that levels does not list; allowed are 0, 1"
    ):
        agreement_categorical({"a": [0, 1], "b": [0, 2]}, "a", "b", levels=[0, 1])


def test_one_patient_gives_no_limits() -> None:
    with pytest.raises(ArgumentError, match=r"1 patient was read .*at least 2 are needed"):
        agreement_continuous({"a": [1.0], "b": [2.0]}, "a", "b")


def test_a_text_among_the_readings_is_refused() -> None:
    with pytest.raises(DataError, match=r"1 cell of text \(row 2\)"):
        agreement_continuous({"a": ["1", "x"], "b": ["1", "2"]}, "a", "b")


def test_a_name_that_is_not_there_is_refused_with_those_that_are() -> None:
    readings = {"a": [0, 0, 1, 1, 1, 0], "b": [0, 0, 1, 1, 0, 0]}
    with pytest.raises(ArgumentError, match=r"no coefficient 'kapa'; allowed are kappa, ac1\."):
        agreement_categorical(readings, "a", "b").coefficient("kapa")
    with pytest.raises(ArgumentError, match=r"no form 'ICC\(1,1\)'; allowed are ICC\(2,1\)"):
        agreement_continuous(readings, "a", "b").form("ICC(1,1)")
    both = agreement_continuous(readings, "a", "b")
    assert both.form("ICC(A,1)") is both.form("ICC(2,1)")
