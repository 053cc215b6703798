"""Pooled Cox models against mice, mitml and survival on the same imputations."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import ArgumentError, FewEventsWarning
from vertebrisk.models.imputation.pooled import PooledFit

REFERENCE = loader.load("imputation_cox")
RTOL = 1e-6
FULL = "age + size + nodes + sqrt(nodes) + hormon + er + age:hormon"
PLAIN = "age + size + nodes + hormon"
LEFT = "Surv(rtime, recur)"


def patients() -> pl.DataFrame:
    """Every sixth woman of Rotterdam, with the gaps of the R script."""
    frame = loader.frame("rotterdam").filter(pl.col("pid") % 6 == 0)
    row = pl.int_range(1, pl.len() + 1)
    return frame.with_columns(
        nodes=pl.when(row % 5 != 0).then("nodes"),
        er=pl.when(~((row % 7 == 1) & (pl.col("meno") == 1))).then("er"),
        size=pl.when(row % 6 != 2)
        .then(pl.col("size").cast(pl.String))
        .cast(pl.Enum(["<=20", "20-50", ">50"])),
        entry=pl.col("rtime") * (row % 4) / 10,
    )


def fitted(right: str, left: str = LEFT, **options: Any) -> PooledFit:
    """The model of what mice drew."""
    made = vr.impute(
        f"{left} ~ {right}", patients(), imputations=6, iterations=1,
        auxiliary=["age", "meno", "size", "nodes", "er", "hormon"],
    )  # fmt: skip
    drawn = {name: np.array(each["values"]).T for name, each in REFERENCE["filled"].items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return vr.fit_imputed(f"{left} ~ {right}", replace(made, filled=drawn), **options)


@pytest.fixture(scope="module")
def full() -> PooledFit:
    return fitted(FULL)


@pytest.fixture(scope="module")
def plain() -> PooledFit:
    return fitted(PLAIN, horizons=REFERENCE["baseline"]["horizons"])


def as_mice(fit: PooledFit, expected: dict[str, Any]) -> None:
    table = fit.coefficients()
    for found, name in [
        ("estimate", "estimate"), ("std_error", "std_error"), ("df", "df"),
        ("p_value", "p_value"), ("conf_low", "conf_low"), ("conf_high", "conf_high"),
        ("missing_information", "fmi"),
    ]:  # fmt: skip
        own = table[found].to_numpy()
        assert_allclose(own, expected[name], rtol=RTOL, atol=1e-12, err_msg=name)
    assert fit.df_complete == expected["df_complete"]


def test_coefficients_as_mice(full: PooledFit, plain: PooledFit) -> None:
    as_mice(full, REFERENCE["full"])
    as_mice(plain, REFERENCE["plain"])


@pytest.mark.parametrize(
    ("right", "left", "options", "name"),
    [
        ("age + size + nodes", LEFT, {"ties": "breslow"}, "breslow"),
        ("age + nodes + strata(meno)", LEFT, {}, "strata"),
        ("age + nodes", "Surv(entry, rtime, recur)", {}, "entry"),
    ],
)
def test_ties_strata_and_late_entry_as_mice(
    right: str, left: str, options: dict[str, Any], name: str
) -> None:
    as_mice(fitted(right, left, **options), REFERENCE[name])


@pytest.mark.parametrize(
    ("key", "term", "kind"),
    [
        ("size", "size", "overall"),
        ("nodes", "nodes", "overall"),
        ("nodes nonlinear", "nodes", "nonlinear"),
        ("age:hormon", "age", "interaction"),
        ("age:hormon", "age:hormon", "overall"),
        ("age", "age", "overall"),
    ],
)
def test_joint_tests_as_mitml(full: PooledFit, key: str, term: str, kind: str) -> None:
    """A term is tested with its interactions, so the small model of 'age' has none either."""
    row = full.anova().filter(term=term, kind=kind).row(0, named=True)
    expected = REFERENCE["tests"][key]["d1"]
    assert row["wald"] == pytest.approx(expected["statistic"], rel=RTOL)
    assert row["df"] == expected["df1"]
    assert row["wald_df"] == pytest.approx(expected["df2"], rel=RTOL)
    assert row["p_value"] == pytest.approx(expected["p_value"], rel=RTOL)


def test_terms_by_all_three_tests(full: PooledFit, plain: PooledFit) -> None:
    row = full.term_tests().filter(term="size").row(0, named=True)
    expected = REFERENCE["tests"]["size"]
    assert row["wald"] == pytest.approx(expected["d1"]["statistic"], rel=RTOL)
    assert row["wald_pooled"] == pytest.approx(expected["d2"]["statistic"], rel=RTOL)
    assert row["wald_pooled_p_value"] == pytest.approx(expected["d2"]["p_value"], rel=RTOL)
    row = plain.term_tests().filter(term="size").row(0, named=True)
    expected = REFERENCE["d3_size"]
    assert row["lr"] == pytest.approx(expected["statistic"], rel=RTOL)
    assert row["lr_df"] == pytest.approx(expected["df2"], rel=RTOL)
    assert row["lr_p_value"] == pytest.approx(expected["p_value"], rel=RTOL)


def test_c_pooled_as_a_logit(plain: PooledFit) -> None:
    uno = {"kind": "uno", "tau": 1826.0}
    for options, key in (({}, "harrell"), (uno, "uno")):
        expected = [REFERENCE[key][name] for name in ("estimate", "conf_low", "conf_high")]
        assert_allclose(plain.c_index(**options), expected, rtol=RTOL)  # type: ignore[arg-type]


def test_baseline_is_the_tables_mean_at_the_pooled_coefficients(plain: PooledFit) -> None:
    (baseline,) = plain.baselines
    found, _, _ = baseline.at(np.array(REFERENCE["baseline"]["horizons"], dtype=np.float64))
    assert_allclose(found, REFERENCE["baseline"]["hazard"], rtol=RTOL)


def test_proportional_hazards_as_d2_of_zph(plain: PooledFit) -> None:
    table = plain.proportional_hazards()
    expected = REFERENCE["proportional"]
    assert table["term"].to_list() == expected["term"]
    assert_allclose(table["statistic"], expected["statistic"], rtol=RTOL)
    assert_allclose(table["p_value"], expected["p_value"], rtol=RTOL)


def test_a_logistic_model_has_no_hazards() -> None:
    made = vr.impute("recur ~ age + nodes", patients(), imputations=2, iterations=1)
    with pytest.raises(ArgumentError, match="neither hazards"):
        vr.fit_imputed("recur ~ age + nodes", made).proportional_hazards()


@pytest.mark.parametrize("name", ["nodes", "er", "size"])
def test_missingness_as_survdiff(name: str) -> None:
    row = vr.missingness(patients(), LEFT, [name]).row(0, named=True)
    expected = REFERENCE["missingness"][name]
    for key in ("n_missing", "n_missing_event", "follow_up_known", "follow_up_missing"):
        assert row[key] == expected[key], key
    assert row["p_value"] == pytest.approx(expected["p_value"], rel=RTOL)
