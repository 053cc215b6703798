"""What cannot be estimated is refused with one sentence that says why and what to do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.models.cases import quiet_fit, simulated
from tests.reference import loader

from vertebrisk.errors import (
    ArgumentError,
    DataError,
    ExpressionError,
    FewEventsWarning,
    FitError,
    VertebriskError,
)
from vertebrisk.models.layout import multivariable_rows, univariable_rows
from vertebrisk.models.logistic.fitting import fit_logistic
from vertebrisk.models.selection.screening import screen_univariable

FRAME = simulated(200, 1).with_columns(
    twice=2 * pl.col("a") - 1,
    total=pl.col("a") + pl.col("b"),
    same=pl.lit(3.0),
    word=pl.lit("all"),
    marker=pl.col("y").cast(pl.Float64) + pl.int_range(200) % 7 * 0.1,
    empty=pl.when(pl.col("y")).then(pl.lit("no")).otherwise(
        pl.when(pl.int_range(200) % 3 == 0).then(pl.lit("yes")).otherwise(pl.lit("no"))
    ),
    always=pl.lit(True),
    score=pl.int_range(200) % 5,
    unknown=pl.Series([None] * 200, dtype=pl.Float64),
    blank=pl.Series([None] * 200, dtype=pl.String),
    thirds=pl.Series([0, 1, 9, 1] * 50),
)  # fmt: skip

FIT_ERRORS: list[tuple[str, type[Exception], str]] = [
    ("y ~ marker + b", FitError,
     "No finite maximum-likelihood estimate exists: marker separates the patients with and "
     "without 'y'. Merge levels, leave the predictor out, or use Firth's"),
    ("y ~ b + C(empty)", FitError, "empty = yes separates the patients"),
    ("y ~ a + twice", FitError, "twice is an exact combination of the predictors before,"),
    ("y ~ a + b + total", FitError, "total is an exact combination"),
    ("y ~ a + same", FitError, "same is the same in all patients with complete data"),
    ("y ~ a + word", FitError, "word is the same in all patients"),
    ("always ~ a", DataError, "The outcome 'always' has 200 events among 200 patients"),
    ("not always ~ a", DataError, "The outcome 'always' has 0 events among 200 patients"),
    ("unknown ~ a", VertebriskError, "No patient has the outcome 'unknown' and a value"),
    ("blank ~ a", ExpressionError, "^'blank' has no value in any row"),
    ("thirds ~ a", ExpressionError, "such as 'thirds == 9'. Its numbers are 0, 1, 9"),
    ("g ~ a", ExpressionError, "holds labels, not true and false"),
    ("score ~ a", ExpressionError, "'score' holds numbers other than 0 and 1; compare it"),
    ("z ~ a", DataError, "There is no column 'z'"),
    ("y ~ aa", DataError, "There is no column 'aa'.*Did you mean 'a'"),
    ("y ~ rcs(g, 4)", ExpressionError, "needs numbers, but 'g' holds"),
    ("y ~ log(a)", FitError, "needs values above 0"),
    ("y ~ unknown", VertebriskError, "has no value in any row"),
    ("Surv(a, y) ~ b", ExpressionError, "fit_logistic takes a binary outcome"),
    ("y ~ a - b", ExpressionError, "have no meaning in a formula"),
    ("y ~ sin(a)", ExpressionError, "There is no function 'sin'"),
    ("y ~ rcs(a, 99)", ExpressionError, "3 to 10 knots"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "error", "message"), FIT_ERRORS)
def test_what_cannot_be_fitted(formula: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        quiet_fit(formula, FRAME)


def test_a_spline_of_five_values_has_their_interior_as_knots() -> None:
    assert quiet_fit("y ~ rcs(score, 4)", FRAME).design.terms[0].factors[0].knots == (1.0, 2.0, 3.0)


def test_too_many_parameters() -> None:
    rng = np.random.default_rng(2)
    columns = {f"x{k}": rng.normal(size=12) for k in range(11)}
    frame = pl.DataFrame({**columns, "y": np.arange(12) % 2 == 0})
    with pytest.raises(FitError, match="The model has 12 parameters for 12 patients"):
        quiet_fit(f"y ~ {' + '.join(columns)}", frame)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimator": "probit"}, "estimator is 'probit'; allowed are ml, firth"),
        ({"select": "forward"}, "method is 'forward'; allowed are"),
        ({"weights": "g"}, "The weights 'g' are not numbers"),
        ({"weights": "a"}, "must be whole numbers of 0 or more"),
    ],
)
def test_arguments_that_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        quiet_fit("y ~ a", FRAME, **options)


def test_columns_of_weights_and_clusters_must_exist() -> None:
    for option in ("weights", "cluster"):
        with pytest.raises(DataError, match="There is no column 'patient'"):
            quiet_fit("y ~ a", FRAME, **{option: "patient"})


def test_no_table_at_all() -> None:
    with pytest.raises(ArgumentError, match="The table is of type int; a polars, pandas"):
        quiet_fit("y ~ a", 3)


@pytest.mark.parametrize("intervals", ["bootstrap", ""])
def test_intervals_by_name(intervals: str) -> None:
    with pytest.raises(ArgumentError, match="allowed are wald, profile"):
        quiet_fit("y ~ a", FRAME).coefficients(intervals=intervals)


def test_levels_by_share() -> None:
    fit = quiet_fit("y ~ a", FRAME)
    for call in (fit.coefficients, fit.odds_ratios, fit.roc):
        with pytest.raises(ArgumentError, match="level is 95; a number between 0 and 1"):
            call(95)


def test_clusters_have_no_profile() -> None:
    frame = FRAME.with_columns(patient=pl.int_range(200) // 2)
    fit = quiet_fit("y ~ a", frame, cluster="patient")
    with pytest.raises(ArgumentError, match="assume independent rows; with clusters use Wald"):
        fit.coefficients(intervals="profile")


def test_too_few_groups() -> None:
    with pytest.raises(ArgumentError, match="groups is 2; Hosmer and Lemeshow's test needs 3"):
        quiet_fit("y ~ a", FRAME).hosmer_lemeshow(2)


def test_few_events_are_warned_of_and_kept() -> None:
    frame = loader.frame("pvp")
    with pytest.warns(FewEventsWarning, match="37 events for 5 candidate parameters: 7.4 a"):
        fit = fit_logistic("pain ~ cleft + fascia + muscle + cement", frame)
    assert [finding.code for finding in fit.findings] == ["few-events"]
    assert fit_logistic("pain ~ cleft", frame).findings == ()


def test_rows_left_out_are_counted_by_reason() -> None:
    frame = FRAME.with_columns(
        y=pl.when(pl.int_range(200) < 4).then(None).otherwise(pl.col("y")),
        a=pl.when(pl.int_range(200).is_between(2, 8)).then(None).otherwise(pl.col("a")),
    )
    fit = quiet_fit("y ~ a + b", frame)
    assert fit.n_dropped == {"outcome missing": 4, "predictor missing": 5}
    assert fit.n == 191
    assert quiet_fit("y ~ a", FRAME).n_dropped == {}


def test_nan_is_missing() -> None:
    values = FRAME["a"].to_numpy().copy()
    values[:5] = np.nan
    fit = quiet_fit("y ~ a", FRAME.with_columns(a=pl.Series(values)))
    assert fit.n_dropped == {"predictor missing": 5}


def test_infinite_values_are_refused() -> None:
    values = FRAME["a"].to_numpy().copy()
    values[0] = np.inf
    with pytest.raises(DataError, match="'a' has 1 missing or infinite value; correct"):
        quiet_fit("y ~ a", FRAME.with_columns(a=pl.Series(values)))


def test_several_culprits_are_spoken_of_in_the_plural() -> None:
    frame = FRAME.with_columns(one=pl.lit(1.0), two=pl.lit(2.0), b=2 * pl.col("a"), c=-pl.col("a"))
    with pytest.raises(FitError, match="one, two are the same in all"):
        quiet_fit("y ~ one + two", frame)
    with pytest.raises(FitError, match="b, c are exact combinations"):
        quiet_fit("y ~ a + b + c", frame)


def test_more_candidates_than_patients_are_counted() -> None:
    rng = np.random.default_rng(1)
    wide = FRAME.head(20).with_columns(
        **{f"v{k}": pl.Series(rng.normal(size=20)) for k in range(30)}
    )
    wide = wide.with_columns(y=pl.Series(np.arange(20) % 2 == 0))
    with pytest.raises(FitError, match="30 parameters, and there are 20 patients"):
        quiet_fit("y ~ " + " + ".join(f"v{k}" for k in range(30)), wide)


def test_outcome_as_boolean_number_or_rule() -> None:
    frame = FRAME.with_columns(number=pl.col("y").cast(pl.Int64), vas=pl.col("y") * 3.0 + 2.0)
    fits = [quiet_fit(f"{left} ~ a + g", frame) for left in ("y", "number", "vas >= 4", "y == 1")]
    for fit in fits[1:]:
        assert_allclose(fit.beta, fits[0].beta, rtol=1e-14)
    assert [fit.outcome for fit in fits] == ["y", "number", "vas", "y"]
    assert_allclose(quiet_fit("not y ~ a + g", frame).beta, -fits[0].beta, rtol=1e-8)


def test_pandas_and_dicts_are_accepted() -> None:
    pandas = pytest.importorskip("pandas")
    columns = {name: FRAME[name].to_list() for name in ("y", "a", "b")}
    reference = quiet_fit("y ~ a + b", FRAME).beta
    for table in (columns, pandas.DataFrame(columns), FRAME.lazy()):
        assert_allclose(quiet_fit("y ~ a + b", table).beta, reference, rtol=1e-14)


# ------------------------------------------------------------------ tables as papers print them


def test_layout_of_the_final_model() -> None:
    rows = multivariable_rows(quiet_fit("y ~ a + C(g) + always2", FRAME.with_columns(
        always2=pl.int_range(200) % 2 == 0)))  # fmt: skip
    kinds = [(row.kind, row.term, row.level) for row in rows]
    assert kinds == [
        ("estimate", "a", ""),
        ("overall", "g", ""),
        ("reference", "g", "low"),
        ("estimate", "g", "middle"),
        ("estimate", "g", "high"),
        ("estimate", "always2", "true"),
        ("intercept", "(Intercept)", ""),
    ]
    assert rows[1].df == 2
    assert rows[1].estimate is None
    assert rows[5].reference == "false"
    assert rows[0].estimate is not None
    assert rows[0].ratio is not None
    assert_allclose(rows[0].ratio, math.exp(rows[0].estimate), rtol=1e-14)


def test_layout_of_the_screen() -> None:
    fit = quiet_fit("y ~ a + C(g)", FRAME)
    screen = screen_univariable(FRAME, "y", ["a", "g"])
    rows = univariable_rows(screen, fit.design, {"a": True, "g": False})
    assert [row.kind for row in rows] == [
        "estimate",
        "overall",
        "reference",
        "estimate",
        "estimate",
    ]
    assert [row.selected for row in rows] == [True, False, None, False, False]
    assert rows[1].lr_statistic == screen.filter(pl.col("term") == "g")["lr_statistic"][0]


@pytest.mark.parametrize(
    "column",
    [pl.col("a") * 1e-6, 2015 - pl.col("a")],
    ids=["a unit far too large", "a constant far from the data"],
)
def test_ratios_beyond_the_largest_number_are_infinite(column: pl.Expr) -> None:
    """A year of surgery, say: the constant belongs to the year 0 and its exponential overflows."""
    rows = multivariable_rows(quiet_fit("y ~ x", FRAME.with_columns(x=column)))
    assert all(row.ratio is not None and row.ratio >= 0.0 for row in rows)


def test_clustered_errors_do_not_depend_on_where_a_predictor_lies() -> None:
    near = FRAME.with_columns(p=pl.int_range(pl.len()) % 40)
    far = near.with_columns(a=pl.col("a") + 1e9)
    errors = [
        fit_logistic("y ~ a + g", each, cluster="p").coefficients()["std_error"][1:]
        for each in (near, far)
    ]
    assert_allclose(errors[1], errors[0], rtol=1e-4)  # nine of sixteen digits are the shift's
