"""Fractional polynomials of known powers: columns, shift and scale, and fits, against R."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.models.cases import quiet_fit
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.design.build import build_design
from vertebrisk.design.design import Design
from vertebrisk.design.formulas import parse_formula
from vertebrisk.design.powers import basis, column_names, shift_and_scale
from vertebrisk.errors import ExpressionError, FitError

REFERENCE = loader.load("fractional")
KNOWN = REFERENCE["known"]
SCALES = [
    (file, name, *pair)
    for file, found in REFERENCE["scales"].items()
    for name, pair in found.items()
]
FRAME = pl.DataFrame(
    {
        "y": [0, 1, 0, 1, 1, 0, 1, 0],
        "x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        "low": [-3.0, -1.0, 0.0, 1.0, 2.0, 2.5, 4.0, 9.0],
        "few": [1, 2, 3, 1, 2, 3, 1, 2],
        "g": ["a", "b"] * 4,
    }
)


@pytest.mark.parametrize(("file", "name", "shift", "scale"), SCALES)
def test_shift_and_scale_are_those_of_mfp(file: str, name: str, shift: float, scale: float) -> None:
    found = shift_and_scale(loader.frame(file)[name].cast(pl.Float64).to_numpy())
    assert_allclose(found, (shift, scale), rtol=1e-14)


def test_each_repetition_of_a_power_multiplies_by_the_logarithm() -> None:
    x = np.array([0.5, 2.0, 8.0])
    log = np.log((x + 1) / 2)
    columns = [log, log**2, ((x + 1) / 2) ** 2, ((x + 1) / 2) ** 2 * log, ((x + 1) / 2) ** 3]
    found = basis(x, (3, 2, 0, 2, 0), 1.0, 2.0)
    assert_allclose(found, np.column_stack(columns), rtol=1e-15)


def test_a_value_that_the_shift_does_not_make_positive_has_no_columns() -> None:
    assert np.isnan(basis(np.array([-1.0, -2.0, np.nan]), (0.5, 2), 1.0, 1.0)).all()


def test_columns_are_written_as_people_write_them() -> None:
    powers = (-2, 0, 0, 1, 1, 0.5)
    assert column_names("age", powers, 0, 10) == (
        "(age/10)^-2",
        "log(age/10)",
        "log(age/10)^2",
        "(age/10)^0.5",
        "age/10",
        "age/10*log(age/10)",
    )
    assert column_names("age", (-1, 0), 1, 10) == ("((age + 1)/10)^-1", "log((age + 1)/10)")
    assert column_names("age", (-1, 0), 1, 1) == ("(age + 1)^-1", "log(age + 1)")
    assert column_names("age", (0.5, 0.5, 0.5), 0, 1) == (
        "age^0.5",
        "age^0.5*log(age)",
        "age^0.5*log(age)^2",
    )


@pytest.mark.parametrize("name", KNOWN)
def test_known_powers_are_fitted_as_in_r(name: str) -> None:
    case, frame = KNOWN[name], loader.frame(KNOWN[name]["data"])
    fit = (
        quiet_fit(case["formula"], frame)
        if case["kind"] == "logistic"
        else vr.fit_cox(case["formula"], frame)
    )
    table = fit.coefficients()
    # cubes times squared logarithms are nearly collinear, which costs some of sixteen digits
    assert_allclose(table["estimate"], case["fit"]["coef"], rtol=1e-6)
    assert_allclose(table["std_error"], case["fit"]["se"], rtol=1e-6)
    assert fit.log_likelihood == pytest.approx(case["fit"]["log_likelihood"], rel=1e-9)


def test_a_design_keeps_powers_shift_and_scale() -> None:
    terms = parse_formula("y ~ powers(low, 0, -1) + powers(x, 2):g").terms
    design, codes = build_design(FRAME, terms)
    matrix = design.matrix(codes)
    again = Design.from_dict(design.to_dict())
    assert again == design
    assert_allclose(again.matrix(codes), matrix)
    assert design.terms[0].source == "powers(low, -1, 0, shift=3.5, scale=10.0)"
    written = parse_formula(f"y ~ {design.terms[0].source}").terms
    half = {"low": codes["low"][:4]}
    relearnt, own = build_design(FRAME[:4], written)
    assert_allclose(relearnt.matrix(own), design.keep([design.terms[0].name]).matrix(half))


def test_marks_of_an_axis_stay_where_the_polynomial_has_a_value() -> None:
    frame = FRAME.with_columns(wide=pl.Series(np.geomspace(0.04, 40, 8)))
    for term in ("powers(wide, -1)", "powers(low, 0)"):
        design, _ = build_design(frame, parse_formula(f"y ~ {term}").terms)
        marks = np.asarray(design.predictors[0].ticks)
        assert np.isfinite(design.terms[0].columns({design.variables[0]: marks})).all()


@pytest.mark.parametrize(
    ("term", "error", "message"),
    [
        ("powers(g, 1)", ExpressionError, "needs numbers, but 'g' holds labels"),
        (
            "powers(low, -1, shift=1)",
            FitError,
            "needs values above -1, and the smallest of 'low' is",
        ),
        ("fp(few)", FitError, r"needs at least 6 distinct values, and 'few' has 3.*C\(few\)"),
        ("fp(few, 1)", FitError, "needs at least 4 distinct values"),
        ("fp(g)", ExpressionError, "needs numbers, but 'g' holds labels"),
        ("fp(x):g", ExpressionError, r"cannot be found inside the interaction fp\(x\):g"),
        ("fp(x)*low", ExpressionError, "cannot be found inside the interaction"),
        ("fp(x) + rcs(x, 3)", ExpressionError, r"'x' enters as fp\(x\) and rcs\(x, 3\)"),
        ("x + fp(x)", ExpressionError, "Keep one of them"),
        ("fp(x) + low:x", ExpressionError, "Keep one of them"),
    ],
)
def test_what_cannot_be_a_fractional_polynomial_is_refused_in_one_line(
    term: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        build_design(FRAME, parse_formula(f"y ~ {term}").terms)
    assert "\n" not in str(caught.value)


@given(
    st.lists(st.floats(-50, 50), min_size=6, max_size=30, unique=True),
    st.lists(st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0]), min_size=1, max_size=2),
)
def test_shifted_values_are_positive_and_columns_finite(
    values: list[float], powers: list[float]
) -> None:
    x = np.round(np.array(values), 3)
    if np.unique(x).size < 2:
        return
    shift, scale = shift_and_scale(x)
    assert (x + shift).min() > 0
    assert 10**-0.5001 <= (x + shift).mean() / scale <= 10**0.5001
    assert np.isfinite(basis(x, powers, shift, scale)).all()
