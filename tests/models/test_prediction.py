"""Many patients at once: in whatever pieces they are scored, the answer is that of each alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal

from vertebrisk import fit_cox, fit_logistic
from vertebrisk.models.portable import limits, prediction
from vertebrisk.models.portable.flagging import Flags
from vertebrisk.models.portable.risk_model import RiskModel

# Sums of doubles in another order, where columns of a spline cancel.
RTOL = 1e-10


def patients(n: int = 300) -> pl.DataFrame:
    rng = np.random.default_rng(8)
    age, leak = rng.normal(72, 8, n).round(1), rng.integers(0, 2, n)
    grade = rng.integers(0, 3, n)
    eta = -1.0 + 0.05 * (age - 72) + 0.7 * leak + 0.4 * grade
    months = rng.exponential(30 * np.exp(-eta)).clip(0.1, 36).round(1)
    return pl.DataFrame(
        {
            "age": age,
            "leak": np.array(["no", "yes"])[leak],
            "grade": np.array(["1", "2", "3"])[grade],
            "ward": np.array(["a", "b"])[rng.integers(0, 2, n)],
            "pain": rng.random(n) < 1.0 / (1.0 + np.exp(-eta)),
            "months": months,
            "died": months < 36,
        }
    )


def asked() -> pl.DataFrame:
    """Patients to predict, some with what cannot be used."""
    frame = patients(100).with_row_index()
    at = pl.col("index")
    age = pl.when(at % 7 == 0).then(None).when(at % 11 == 0).then(140.0).otherwise("age")
    return frame.with_columns(
        age.alias("age"),
        pl.when(at % 5 == 0).then(pl.lit("perhaps")).otherwise("leak").alias("leak"),
        pl.when(at % 13 == 0).then(None).otherwise("grade").alias("grade"),
        pl.when(at % 17 == 0).then(pl.lit("c")).when(at % 19 == 0).then(None).otherwise("ward")
        .alias("ward"),
    )  # fmt: skip


def cox(terms: str) -> RiskModel:
    formula = f"Surv(months, died) ~ {terms}"
    return fit_cox(formula, patients(), horizons=[6, 12], time_unit="months").model


def models() -> dict[str, RiskModel]:
    data = patients()
    found = {
        "numbers": fit_logistic("pain ~ rcs(age, 4) + leak + grade", data).model,
        "categories": fit_logistic("pain ~ leak * grade", data).model,
        "cox": cox("leak + grade"),
        "strata": cox("rcs(age, 3) + leak + strata(ward)"),
    }
    rng = np.random.default_rng(9)
    for name in ("numbers", "categories"):
        centre = np.array([found[name].intercept, *found[name].beta])
        draws = centre + rng.normal(0.0, 0.1, (201, centre.size))
        found[f"{name}, drawn"] = found[name].with_draws(draws)
    population = replace(found["numbers"].population, design="case-control")
    found["sampled"] = replace(found["numbers"], population=population)
    return found


MODELS = models()


@pytest.mark.parametrize("name", MODELS)
def test_the_pieces_in_which_rows_are_scored_do_not_show(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = MODELS[name].predict(asked())
    assert whole["risk"].null_count() > 0
    assert whole["risk"].is_not_null().sum() > 20
    for room, part, size in (
        (prediction, "ROWS", 7), (limits, "CHUNK", 500), (prediction, "PATTERNS", 0),
    ):  # fmt: skip
        monkeypatch.setattr(room, part, size)
    pieces = MODELS[name].predict(asked())
    assert_frame_equal(whole, pieces, rel_tol=RTOL, abs_tol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_a_patient_alone_is_that_patient_among_others(name: str) -> None:
    whole = MODELS[name].predict(asked())
    alone = pl.concat([MODELS[name].predict(row) for row in asked().iter_slices(1)])
    assert_frame_equal(whole, alone, rel_tol=RTOL, abs_tol=1e-12)


def test_limits_of_draws_are_quantiles() -> None:
    model = MODELS["numbers, drawn"]
    assert model.draws is not None
    frame = patients(50)
    codes = {
        each.name: np.array([each.code(value) for value in frame[each.name]])
        for each in model.design.predictors
    }
    columns = np.column_stack([np.ones(50), model.design.matrix(codes)])
    drawn = 1.0 / (1.0 + np.exp(-columns @ model.draws.T))
    for level in (0.95, 0.8):
        found = model.predict(frame, level=level)
        tail = (1.0 - level) / 2.0
        # the quantile of log odds and that of risks differ by interpolation between two draws
        low, high = np.quantile(np.log(drawn / (1.0 - drawn)), (tail, 1.0 - tail), axis=1)
        assert_allclose(found["conf_low"], 1.0 / (1.0 + np.exp(-low)), rtol=1e-10)
        assert_allclose(found["conf_high"], 1.0 / (1.0 + np.exp(-high)), rtol=1e-10)


@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), max_size=8))
def test_flags_are_the_remarks_of_a_row_in_order(marks: list[list[bool]]) -> None:
    flags = Flags(6)
    for number, where in enumerate(marks):
        flags.mark(np.array(where), f"remark {number}")
    expected = [
        "; ".join(f"remark {number}" for number, where in enumerate(marks) if where[row])
        for row in range(6)
    ]
    assert flags.column().to_list() == expected
    assert flags.none.tolist() == [not each for each in expected]


def test_no_patients_have_no_risks() -> None:
    for model in MODELS.values():
        empty = model.predict(asked().head(0))
        assert empty.height == 0
        assert empty["flags"].dtype == pl.String
