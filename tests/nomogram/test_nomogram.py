"""Points and scales against rms::nomogram."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from tests.models.cases import fit_case, quiet_fit, reference_frame, simulated
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.errors import ModelError
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.nomogram.build import (
    build_nomogram,
    empty_nomogram,
    linear_predictor_ticks,
    patient_points,
)
from vertebrisk.nomogram.results import NomogramAxis

CASES: dict[str, dict[str, Any]] = loader.load("nomogram")["cases"]
# rotterdam has log(er + 1), whose axis over er + 1 has other marks; nint_5 fewer marks
SAME = [name for name in CASES if name not in ("rotterdam", "nint_5")]
same = pytest.mark.parametrize("name", SAME)
ATOL = 1e-9  # points from 0 to 100, linear in coefficients that agree to 1e-12


@cache
def fitted(name: str) -> LogisticFit:
    return fit_case(CASES[name])


def axis_name(axis: NomogramAxis) -> str:
    held = ", ".join(f"{name}={value}" for name, value in axis.held)
    return f"{axis.variable} ({held})" if held else axis.variable


@same
def test_axes_values_and_points(name: str) -> None:
    reference = CASES[name]["axes"]
    axes = fitted(name).model.nomogram().axes
    assert [axis_name(axis) for axis in axes] == [each["name"] for each in reference]
    for axis, expected in zip(axes, reference, strict=True):
        if axis.categorical:
            assert list(axis.values) == expected["values"]
        else:
            assert axis.numbers is not None
            assert_allclose(axis.numbers, expected["values"], rtol=1e-14, atol=1e-15)
            assert_allclose([float(v) for v in axis.values], axis.numbers, rtol=1e-6)
        assert_allclose(axis.points, expected["points"], atol=ATOL)


@same
def test_points_frame_is_the_axes(name: str) -> None:
    nomogram = fitted(name).model.nomogram()
    assert nomogram.points.columns == ["variable", "value", "points"]
    assert_array_equal(
        nomogram.points["points"], np.concatenate([axis.points for axis in nomogram.axes])
    )
    values = [value for axis in nomogram.axes for value in axis.values]
    assert nomogram.points["value"].to_list() == values


@same
def test_scale_and_total_points(name: str) -> None:
    expected = CASES[name]
    nomogram = fitted(name).model.nomogram()
    assert_allclose(nomogram.points_per_unit, expected["points_per_unit"], rtol=1e-10)
    assert_allclose(nomogram.intercept, expected["intercept"], rtol=1e-10)
    assert_allclose(nomogram.total["total_points"], expected["total_points"], rtol=1e-14)
    assert nomogram.max_total == expected["total_points"][-1]
    linear = (
        expected["intercept"] + np.array(expected["total_points"]) / expected["points_per_unit"]
    )
    assert_allclose(nomogram.total["risk"], expit(linear), rtol=1e-9)
    assert_allclose(
        linear_predictor_ticks(fitted(name).linear_predictor), expected["lp"]["value"], atol=1e-12
    )


@same
def test_exact_points_of_risks(name: str) -> None:
    """rms interpolates on a thousand points; the exact ones were computed beside them."""
    expected = CASES[name]["risk"]
    ticks = fitted(name).model.nomogram().risk_ticks
    points = dict(zip(ticks["risk"].round(6), ticks["total_points"], strict=True))
    shared = 0
    for value, exact in zip(expected["value"], expected["exact_points"], strict=True):
        if round(value, 6) in points:
            shared += 1
            assert_allclose(points[round(value, 6)], exact, atol=1e-8)
    assert shared >= len(expected["value"]) - 1
    assert ticks["risk"].is_sorted()
    assert ticks["total_points"].is_sorted()


def test_untransformed_axes_of_rotterdam() -> None:
    """All axes but the one whose variable had to be derived."""
    reference = CASES["rotterdam"]["axes"]
    fit = fitted("rotterdam")
    nomogram = fit.model.nomogram()
    scale = nomogram.points_per_unit / CASES["rotterdam"]["points_per_unit"]
    for axis, expected in zip(nomogram.axes[:-1], reference[:-1], strict=True):
        assert axis.variable == expected["variable"]
        assert_allclose(axis.points, np.array(expected["points"]) * scale, atol=1e-8)


@pytest.mark.parametrize("right", ["log(dose)", "dose**-1", "log(dose) + age", "log(dose)*age"])
def test_marks_of_a_transformed_variable_stay_in_its_domain(right: str) -> None:
    """Round marks that span 0.3 to 40 begin at 0, where the logarithm does not."""
    rng = np.random.default_rng(3)
    dose, age = rng.uniform(0.3, 40, 200), rng.normal(70, 8, 200)
    event = rng.random(200) < expit(0.6 * np.log(dose) - 1)
    fit = quiet_fit(f"y ~ {right}", pl.DataFrame({"dose": dose, "age": age, "y": event}))
    nomogram = fit.model.nomogram()
    assert np.isfinite(nomogram.points["points"].to_numpy()).all()
    assert np.isfinite(nomogram.total["risk"].to_numpy()).all()
    scored = fit.model.predict(pl.DataFrame({"dose": [1.0], "age": [70.0]}))
    assert scored["total_points"].null_count() == 0


FORMULAS = [
    "a + b + g",
    "rcs(a, 4) + b",
    "a*g + b",
    "a*b",
    "a*b*g",
    "g",
    "a**2 + sqrt(c) + log(c)",
    "powers(c, -1, 0) + b",
]


@pytest.mark.parametrize("right", FORMULAS)
def test_points_add_up_to_the_risk(right: str) -> None:
    frame = simulated(300, 4).with_columns(c=pl.col("a").exp() + 20)
    fit = quiet_fit(f"y ~ {right}", frame)
    model, nomogram = fit.model, fit.model.nomogram()
    scored = model.predict(frame.head(20))
    for position in range(20):
        row = frame.row(position, named=True)
        codes = {each.name: each.code(row[each.name]) for each in model.design.predictors}
        read = patient_points(nomogram, model.design, model.beta, codes)
        total = sum(points for _, points in read)
        assert_allclose(total, scored["total_points"][position], rtol=1e-9, atol=1e-9)
        linear = nomogram.intercept + total / nomogram.points_per_unit
        assert_allclose(expit(linear), scored["risk"][position], rtol=1e-10)
        for axis, _ in read:
            if all(name == "g" for name, _ in axis.held):  # a number may lie between the marks
                assert all(row[name] == value for name, value in axis.held)


@pytest.mark.parametrize("right", FORMULAS)
def test_axes_start_at_zero_and_the_widest_reaches_a_hundred(right: str) -> None:
    frame = simulated(300, 4).with_columns(c=pl.col("a").exp() + 20)
    points: dict[str, list[FloatArray]] = {}
    for axis in quiet_fit(f"y ~ {right}", frame).model.nomogram().axes:
        points.setdefault(axis.variable, []).append(axis.points)
    spans = [np.concatenate(each) for each in points.values()]
    for span in spans:
        assert_allclose(span.min(), 0.0, atol=1e-10)
    assert_allclose(max(span.max() for span in spans), 100.0, rtol=1e-12)


def test_points_read_at_a_mark_are_those_of_the_axis() -> None:
    fit = fitted("pima_mixed")
    nomogram, design = fit.model.nomogram(), fit.design
    codes = {each.name: each.code(each.adjust_to) for each in design.predictors}
    for axis in nomogram.axes:
        for value, points in zip(axis.values, axis.points, strict=True):
            code = design.predictor(axis.variable).code(value)
            read = patient_points(nomogram, design, fit.beta, {**codes, axis.variable: code})
            found = {each.variable: got for each, got in read}
            assert_allclose(found[axis.variable], points, atol=1e-9)


def test_a_model_without_predictors_or_effects_has_none() -> None:
    fit = quiet_fit("y ~ a", simulated(100, 1))
    design = fit.design.keep([])
    with pytest.raises(ModelError, match="A model without predictors has no nomogram"):
        build_nomogram(design, 0.0, np.empty(0), np.array([0.0]))
    with pytest.raises(ModelError, match="All coefficients are zero"):
        build_nomogram(fit.design, 0.0, np.zeros(1), np.array([0.0, 1.0]))
    stand_in = empty_nomogram(-1.0)
    assert stand_in.axes == ()
    assert_allclose(stand_in.total["risk"], expit(-1.0))


def test_chains_of_interactions_are_refused() -> None:
    frame = simulated(300, 2).with_columns(c=pl.col("a") ** 2)
    fit = quiet_fit("y ~ a + b + c + a:b + b:c", frame)
    with pytest.raises(ModelError, match="form a chain of predictors"):
        fit.model.nomogram()


def test_record_is_plain() -> None:
    document = fitted("pvp").model.nomogram().to_dict()
    assert document["points"]["variable"][:2] == ["cleft", "cleft"]
    assert isinstance(document["points_per_unit"], float)


def test_other_scales_change_no_risk() -> None:
    """Nine points a unit or ninety: the total says the same."""
    case = CASES["pima"]
    frame = reference_frame(case)
    scored = fitted("pima").model.predict(frame)
    nomogram = fitted("pima").model.nomogram()
    linear = nomogram.intercept + scored["total_points"] / nomogram.points_per_unit
    assert_allclose(expit(linear.to_numpy()), scored["risk"], rtol=1e-10)
