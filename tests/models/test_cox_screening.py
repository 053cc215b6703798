"""Univariable Cox regression, and fits of every kind laid out as tables."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference.loader import frame

import vertebrisk as vr
from vertebrisk.design.terms import parse_terms
from vertebrisk.errors import ArgumentError, ExpressionError
from vertebrisk.models.layout import multivariable_rows, univariable_rows
from vertebrisk.models.survival.screening import screen_cox_term, screen_univariable_cox

OUTCOME = "Surv(time, status)"
VARIABLES = ["karno", "celltype", "rcs(age, 3)", "trt"]


def test_each_variable_is_fitted_alone() -> None:
    data = frame("veteran")
    table = screen_univariable_cox(data, OUTCOME, VARIABLES, ties="breslow", level=0.9)
    for name in VARIABLES:
        fit = vr.fit_cox(f"{OUTCOME} ~ {name}", data, ties="breslow")
        own = table.filter(pl.col("term") == name)
        ratios = fit.hazard_ratios(0.9)
        assert_allclose(own["hazard_ratio"], ratios["estimate"], rtol=1e-12)
        assert_allclose(own["hr_low"], ratios["conf_low"], rtol=1e-12)
        assert_allclose(own["std_error"], ratios["std_error"], rtol=1e-12)
        tests = fit.term_tests()
        assert_allclose(own["lr_statistic"], tests["lr_statistic"][0], rtol=1e-9)
        assert own["df"].to_list() == [tests["df"][0]] * own.height
        assert own["level"].to_list() == ratios["level"].to_list()


def test_missing_values_cost_their_own_variable_only() -> None:
    data = frame("lung")
    table = screen_univariable_cox(data, "Surv(time, status == 2)", ["ph.ecog", "meal.cal", "sex"])
    assert table["n"].to_list() == [227, 181, 228]


def test_strata_and_late_entry_are_kept() -> None:
    data = frame("veteran").with_columns(entry=pl.col("time") * 0.3)
    outcome = "Surv(entry, time, status)"
    table = screen_univariable_cox(data, outcome, ["karno"])
    fit = vr.fit_cox(f"{outcome} ~ karno", data)
    assert_allclose(table["estimate"][0], fit.beta[0], rtol=1e-12)


def test_what_cannot_be_estimated_has_a_note() -> None:
    data = frame("veteran").with_columns(
        only=((pl.col("celltype") == "large") & (pl.col("status") == 0)).cast(pl.Int64),
        constant=pl.lit(3.0),
    )
    table = screen_univariable_cox(data, OUTCOME, ["only", "constant"])
    infinite, constant = table.to_dicts()
    assert infinite["hazard_ratio"] == 0.0
    assert infinite["p_value"] is None
    assert infinite["lr_p_value"] < 1.0
    assert infinite["note"] == "no finite estimate"
    assert constant["note"] == "the same in all patients"
    none = data.with_columns(status=pl.lit(0))
    note = screen_univariable_cox(none, OUTCOME, ["karno"])["note"][0]
    assert note == "no event among the patients who have a value"


def test_clustered_errors() -> None:
    data = frame("lung").drop_nulls(["inst", "age"])
    fit = vr.fit_cox("Surv(time, status == 2) ~ age", data, cluster="inst")
    rows = screen_cox_term(data, fit.likelihood, parse_terms(("age",))[0], fit.clusters)
    assert_allclose(float(str(rows[0]["std_error"])), np.sqrt(fit.cov[0, 0]), rtol=1e-12)
    assert "lr_statistic" not in rows[0]


def test_tables_have_no_constant_and_lay_out_hazard_ratios() -> None:
    data = frame("veteran")
    fit = vr.fit_cox(f"{OUTCOME} ~ karno + celltype", data)
    rows = multivariable_rows(fit)
    assert [row.kind for row in rows] == ["estimate", "overall", "reference", *["estimate"] * 3]
    assert_allclose(rows[0].ratio or 0.0, np.exp(fit.beta[0]), rtol=1e-12)
    screen = screen_univariable_cox(data, OUTCOME, ["karno", "celltype"])
    alone = univariable_rows(screen, fit.development.design, {"karno": True})
    assert [row.kind for row in alone] == [row.kind for row in rows]
    assert_allclose(alone[0].ratio or 0.0, screen["hazard_ratio"][0], rtol=1e-12)
    assert alone[0].selected is True


def test_arguments_are_checked() -> None:
    data = frame("veteran")
    with pytest.raises(ArgumentError, match="give a list of names"):
        screen_univariable_cox(data, OUTCOME, "karno")
    with pytest.raises(ExpressionError, match=r"write Surv\(time, event\)"):
        screen_univariable_cox(data, "status", ["karno"])
    with pytest.raises(ArgumentError, match="ties is 'exact'"):
        screen_univariable_cox(data, OUTCOME, ["karno"], ties="exact")  # type: ignore[arg-type]
