"""The portable model: JSON there and back, damaged documents, predictions and their flags."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.models.cases import quiet_fit, simulated

from vertebrisk._types import Json
from vertebrisk.errors import ArgumentError, DataError, ModelError, VertebriskError
from vertebrisk.models.development import Selection
from vertebrisk.models.portable.describing import Outcome, Population, Provenance
from vertebrisk.models.portable.risk_model import RiskModel

FRAME = simulated(250, 6).with_columns(c=pl.col("a").exp() + 1)
FORMULA = "y ~ rcs(a, 4) + b*g + log(c)"
FIT = quiet_fit(FORMULA, FRAME)
MODEL = FIT.model
DOCUMENT: Json = json.loads(json.dumps(MODEL.to_dict()))

FORMULAS = ["a", "a + C(g)", "rcs(a, 4) + b", "a*b", "a*g", "sqrt(c) + c**2", 'C(g, ref="high")']


@pytest.mark.parametrize("right", FORMULAS)
def test_saved_and_loaded_models_predict_the_same(right: str, tmp_path: Path) -> None:
    model = quiet_fit(f"y ~ {right}", FRAME).model
    model.save(tmp_path / "model.json")
    again = RiskModel.load(tmp_path / "model.json")
    assert again.predict(FRAME).equals(model.predict(FRAME))
    assert again.nomogram().points.equals(model.nomogram().points)
    assert again.to_dict() == model.to_dict()


def test_draws_survive_json(tmp_path: Path) -> None:
    fit = quiet_fit("y ~ a + b + g", FRAME, select=Selection("univariable", alpha=0.5))
    draws = fit.validate(40, seed=1).draws
    assert draws is not None
    model = fit.model.with_draws(draws)
    model.save(tmp_path / "model.json")
    again = RiskModel.load(tmp_path / "model.json")
    assert again.interval_kind == "procedure-bootstrap"
    assert again.predict(FRAME).equals(model.predict(FRAME))
    # eight digits are stored: a percentile moves by 1e-8 of the linear predictor
    scored = model.predict(FRAME.head(5))
    columns = np.column_stack([np.ones(5), fit.matrix[:5]])
    limits = np.quantile(draws @ columns.T, [0.025, 0.975], axis=0)
    expected = 1 / (1 + np.exp(-limits))
    assert_allclose([scored["conf_low"], scored["conf_high"]], expected, rtol=1e-6)
    assert fit.model.predict(FRAME)["conf_low"].null_count() == FRAME.height


def test_words_and_numbers_survive() -> None:
    model = MODEL.described(
        outcome=Outcome("y", "Schmerz 疼痛", "vas >= 4", "1 month"),
        population=Population(250, 100, "one hospital", "simulated"),
        provenance=Provenance(study="s", title="t"),
        performance={"c_index": {"apparent": 0.8}},
    )
    again = RiskModel.from_dict(json.loads(json.dumps(model.to_dict())))
    assert again.outcome == model.outcome
    assert again.population == model.population
    assert again.provenance == model.provenance
    assert again.performance == model.performance


def without(*path: str | int) -> Callable[[Json], None]:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        del document[path[-1]]

    return change


def replaced(value: object, *path: str | int) -> Callable[[Json], None]:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value

    return change


def orphan(document: Json) -> None:
    document["design"]["predictors"] = document["design"]["predictors"][1:]


DAMAGE: list[tuple[str, Callable[[Json], None], str]] = [
    ("no schema", without("schema"), "not a vertebrisk model"),
    ("other schema", replaced("vertebrisk/results", "schema"), "not a vertebrisk model"),
    ("newer", replaced(2, "schema_version"), "schema version 2; this vertebrisk reads 1"),
    ("version as text", replaced("1", "schema_version"), "schema version '1'"),
    ("no version", without("schema_version"), "schema version None"),
    ("no intercept", without("intercept"), "damaged: it has no 'intercept'"),
    ("no design", without("design"), "damaged: it has no 'design'"),
    ("no term kind", without("design", "terms", 0, 0, "kind"), "damaged: it has no 'kind'"),
    ("design as list", replaced([], "design"), "damaged: a part of it has another form"),
    ("terms as number", replaced(3, "design", "terms"), "damaged: a part of it has another form"),
    ("NaN", replaced(float("nan"), "intercept"), "a number in it is not finite"),
    ("infinite", replaced(float("inf"), "coefficients", 0, "estimate"), "not finite"),
    ("null", replaced(None, "coefficients", 0, "estimate"), "damaged"),
    ("text", replaced("high", "intercept"), "is damaged"),
    ("one coefficient less", without("coefficients", 0), "coefficients do not match its design"),
    ("other term", replaced("z", "coefficients", 0, "term"), "coefficients do not match"),
    ("small covariance", replaced([[1.0]], "covariance"), "covariance has the wrong size"),
    ("ragged covariance", replaced([[1.0], [1.0, 2.0]], "covariance"), "is damaged"),
    ("ragged draws", replaced([[1.0, 2.0]], "draws"), "is damaged"),
    ("unknown term", replaced("fourier", "design", "terms", 0, 0, "kind"), "kind 'fourier'"),
    ("no outcome", replaced({"nom": "y"}, "outcome"), "damaged: a part of it has another form"),
    ("huge number", replaced(10**400, "intercept"), "damaged"),
    ("interval of no kind", replaced("guess", "interval_kind"), "interval"),
    (
        "other model",
        replaced("weibull", "kind"),
        "of the kind 'weibull'; this",
    ),
    ("term without predictor", orphan, "damaged"),
    ("one knot", replaced([1.0], "design", "terms", 0, 0, "knots"), "damaged"),
    ("NaN knots", replaced([float("nan")] * 4, "design", "terms", 0, 0, "knots"), "damaged"),
    ("no ticks", replaced([], "linear_ticks"), "damaged"),
    ("NaN ticks", replaced([None, 1.0], "linear_ticks"), "damaged"),
]


@pytest.mark.parametrize(("change", "message"), [d[1:] for d in DAMAGE], ids=[d[0] for d in DAMAGE])
def test_damaged_documents(change: Callable[[Json], None], message: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    with pytest.raises(ModelError, match=message):
        RiskModel.from_dict(document)


FILES = [
    ("", DataError, "is not a JSON document"),
    ("{", DataError, "is not a JSON document"),
    ("[1, 2]", ModelError, "is not a JSON object"),
    ('"text"', ModelError, "is not a JSON object"),
    ("{}", ModelError, "not a vertebrisk model"),
    ("[" * 100_000, DataError, "is not a JSON document"),
    ('{"a": ' + "9" * 5_000 + "}", VertebriskError, "JSON|not a vertebrisk model"),
]


@pytest.mark.parametrize(("text", "error", "message"), FILES, ids=[text[:8] for text, *_ in FILES])
def test_files_that_are_no_models(
    text: str, error: type[Exception], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "model.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=message):
        RiskModel.load(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"The model .* does not exist. Check the name"):
        RiskModel.load(tmp_path / "none.json")
    with pytest.raises(DataError, match=r"The model .* is a folder; a file is needed"):
        RiskModel.load(tmp_path)
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="is not a JSON document"):
        RiskModel.load(tmp_path / "binary.json")


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, each in value.items():
            found += _paths(each, (*path, key))
    elif isinstance(value, list):
        for key in range(min(len(value), 2)):
            found += _paths(value[key], (*path, key))
    return found


PATHS = _paths(DOCUMENT)


@settings(max_examples=120)
@given(
    st.sampled_from(PATHS),
    st.sampled_from([None, "x", -1, 1e308, [], {}, [[1]], True, 10**400, float("nan")]),
)
def test_any_damage_is_one_clear_error_or_harmless(path: tuple[str | int, ...], value: Any) -> None:
    """A document from a stranger: an error of ours, or a model that predicts."""
    document = copy.deepcopy(DOCUMENT)
    replaced(value, *path)(document)
    with suppress(VertebriskError), np.errstate(all="ignore"):
        assert RiskModel.from_dict(document).predict(FRAME.head(3)).height == 3


# ------------------------------------------------------------------ predictions


def test_every_kind_of_row() -> None:
    model = quiet_fit("y ~ a + g", FRAME).model
    top = max(model.design.predictor("a").ticks)
    new = pl.DataFrame(
        {
            "g": ["low", "huge", None, "high", "high", "low"],
            "other": range(6),
            "a": [0.1, 0.1, 0.1, None, top + 1.0, np.inf],
        }
    )
    found = model.predict(new)
    assert found.columns == [
        "risk",
        "conf_low",
        "conf_high",
        "linear_predictor",
        "total_points",
        "flags",
    ]
    assert found["flags"].to_list() == [
        "",
        "unknown level: g",
        "missing: g",
        "missing: a",
        "extrapolation: a",
        "not a number: a",
    ]
    assert found["risk"].is_null().to_list() == [False, True, True, True, False, True]
    for name in found.columns[:-1]:
        assert found[name].is_null().to_list() == found["risk"].is_null().to_list()
        assert not found[name].is_nan().any()


def test_the_range_of_the_patients_includes_its_ends() -> None:
    model = quiet_fit("y ~ a", FRAME).model
    low, high = np.quantile(FRAME["a"].to_numpy(), [0.01, 0.99])
    found = model.predict({"a": [low, low - 1e-6, high, high + 1e-6, 0.0]})
    said = "extrapolation: a"
    assert found["flags"].to_list() == ["", said, "", said, ""]
    assert found["risk"].null_count() == 0


def test_several_reasons_are_joined() -> None:
    model = quiet_fit("y ~ a + b + g", FRAME).model
    found = model.predict({"a": [None, 99.0], "b": ["x", "0.5"], "g": ["odd", "low"]})
    assert found["flags"].to_list() == [
        "missing: a; not a number: b; unknown level: g",
        "extrapolation: a",
    ]


def test_outside_the_domain_of_a_transformation() -> None:
    model = quiet_fit("y ~ log(c)", FRAME).model
    found = model.predict({"c": [-1.0, 0.0, 2.0]})
    assert found["risk"].is_null().to_list() == [True, True, False]
    assert all(flag for flag in found["flags"].to_list()[:2])


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("a", ["1", "2"], dtype=pl.Enum(["2", "1"])),
        pl.Series("a", [True, False]),
        pl.Series("a", [None, None], dtype=pl.Null),
    ],
    ids=["labels", "truths", "nothing"],
)
def test_columns_of_another_type_never_break(column: pl.Series) -> None:
    found = quiet_fit("y ~ a", FRAME).model.predict(pl.DataFrame([column]))
    assert found.height == 2
    if column.dtype == pl.Enum(["2", "1"]):  # read as what they say, not as their positions
        expected = quiet_fit("y ~ a", FRAME).model.predict({"a": [1.0, 2.0]})["risk"]
        assert found["risk"].null_count() == 2 or found["risk"].equals(expected)


def test_dates_are_no_numbers() -> None:
    from datetime import date

    found = quiet_fit("y ~ a", FRAME).model.predict({"a": [date(1970, 1, 2), date(1970, 1, 3)]})
    assert found["risk"].null_count() == 2


def test_no_patients() -> None:
    found = MODEL.predict(FRAME.clear())
    assert found.height == 0
    assert found.schema["risk"] == pl.Float64


def test_missing_columns_are_named() -> None:
    with pytest.raises(DataError, match="The model needs b, c, which the data do not have"):
        MODEL.predict(FRAME.drop("b", "c"))


def test_a_logistic_model_takes_no_horizon() -> None:
    with pytest.raises(ModelError, match="cannot be asked for another horizon"):
        MODEL.predict(FRAME, horizon=12)
    with pytest.raises(ModelError, match="predicts the risk at 1 month"):
        MODEL.described(
            outcome=Outcome("y", time_point="1 month"),
            population=MODEL.population,
            provenance=MODEL.provenance,
            performance={},
        ).predict(FRAME, horizon=1.0)


def test_level_of_prediction_is_checked() -> None:
    with pytest.raises(ArgumentError, match="level is 95"):
        MODEL.predict(FRAME, level=95)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 249), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_rows_keep_their_number_and_order(rows: list[int], random: Any) -> None:
    whole = MODEL.predict(FRAME)
    found = MODEL.predict(FRAME[rows])
    assert found.height == len(rows)
    for name in ("linear_predictor", "conf_low", "total_points"):
        # a matrix product of other size adds in another order: one last digit
        assert_allclose(found[name], whole[name].to_numpy()[rows], rtol=1e-12, atol=1e-13)
    columns = list(FRAME.columns)
    random.shuffle(columns)
    assert MODEL.predict(FRAME[rows].select(columns)).equals(found)


def test_development_patients_have_their_fitted_risks() -> None:
    assert_allclose(MODEL.predict(FRAME)["risk"], FIT.risk, rtol=1e-12)


def test_interval_holds_the_risk() -> None:
    found = MODEL.predict(FRAME)
    assert (found["conf_low"] < found["risk"]).all()
    assert (found["risk"] < found["conf_high"]).all()
    assert (found["conf_low"] > 0).all()


def test_equation_gives_the_linear_predictor() -> None:
    model = quiet_fit("y ~ a + g", FRAME).model
    text = model.equation()
    assert text.count(" a") == 1
    assert "[g = middle]" in text
    value = float(text.split()[0])
    assert_allclose(value, model.intercept, rtol=1e-5)  # six digits are printed
