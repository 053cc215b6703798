"""Formulas and the designs built from them."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vertebrisk._types import FloatArray
from vertebrisk.design.build import VariableInfo, build_design
from vertebrisk.design.design import Design, Predictor, level_text
from vertebrisk.design.encode import encode
from vertebrisk.design.formulas import parse_formula
from vertebrisk.design.terms import parse_terms
from vertebrisk.errors import DataError, ExpressionError, FitError, ModelError

FRAME = pl.DataFrame(
    {
        "age": [60.0, 70.0, 80.0, 65.0, 75.0, 85.0, 62.0, 90.0],
        "x": [0.0, 1.0, -1.0, 2.0, 0.5, 3.0, 1.5, 2.5],
        "grade": ["b", "a", "c", "b", "b", "a", "c", "b"],
        "code": [2, 1, 10, 2, 1, 10, 2, 2],
        "leak": [True, False, True, False, False, True, False, True],
        "bone density": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
    }
)

TERMS = [
    ("y ~ a + b", ["a", "b"]),
    ("y ~ a*b", ["a", "b", "a:b"]),
    ("y ~ a:b + a", ["a", "a:b"]),
    ("y ~ a + b + a", ["a", "b"]),
    ("y ~ a:b + b:a", ["a:b"]),
    ("y ~ a*b*c", ["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"]),
    ("y ~ rcs(a, 4) + log(b) + sqrt(c) + d**2", ["rcs(a, 4)", "log(b)", "sqrt(c)", "d**2"]),
    ("y ~ rcs(a)", ["rcs(a, 5)"]),
    ("y ~ fp(a) + fp(b, 1) + fp(c, 2)", ["fp(a)", "fp(b, 1)", "fp(c)"]),
    ("y ~ powers(a, 3, -0.5) + powers(`b c`, 0, 0)", ["powers(a, -0.5, 3)", "powers(b c, 0, 0)"]),
    ('y ~ C(a, ref="x") + C(b)', ["a", "b"]),
    ("y ~ `bone density` + C(`a b`)", ["bone density", "a b"]),
    ("y ~ (a + b)", ["a", "b"]),
    ("y ~ a**2 + a", ["a**2", "a"]),
    ("vas >= 4 and b == 1 ~ a", ["a"]),
]


@pytest.mark.parametrize(("source", "names"), TERMS, ids=[source for source, _ in TERMS])
def test_terms_of_a_formula(source: str, names: list[str]) -> None:
    assert [term.name for term in parse_formula(source).terms] == names


def test_the_outcome_keeps_its_text() -> None:
    assert parse_formula("vas_mean >= 4 ~ age").outcome.source == "vas_mean >= 4"
    assert parse_formula("vas_mean >= 4 ~ age").variables == ("age",)
    odd = parse_formula('group == "a~b" and b > 1 ~ age').outcome
    assert odd.source == 'group == "a~b" and b > 1'


FORMULA_ERRORS = [
    ("y", "a formula needs '~' between the outcome and the predictors"),
    ("y ~", "a name, a number or a text was expected"),
    ("~ a", "a name, a number or a text was expected"),
    ("y ~ a ~ b", "'~' was not expected here"),
    ("Surv(time, event) ~ a", r"Surv\(\) describes a time to an event; .*binary outcome"),
    ("y ~ a - b", r"'-' and '/' have no meaning in a formula"),
    ("y ~ a / b", r"'-' and '/' have no meaning in a formula"),
    ("y ~ poly(a, 2)", r"There is no function 'poly' in a formula; known are C, rcs, log, sqrt"),
    ("y ~ rsc(a, 4)", "Did you mean 'rcs'"),
    ("y ~ rcs(a, 2)", r"rcs\(a, k\) takes 3 to 10 knots"),
    ("y ~ rcs(a, 11)", r"rcs\(a, k\) takes 3 to 10 knots"),
    ("y ~ rcs(a, 3.5)", r"rcs\(a, k\) takes 3 to 10 knots"),
    ("y ~ rcs(a, 1e999)", r"rcs\(a, k\) takes 3 to 10 knots"),
    ("y ~ rcs(a, b)", r"rcs\(a, k\) takes 3 to 10 knots"),
    ("y ~ fp(a, 3)", r"fp\(a\) takes the greatest degree, 1 or 2"),
    ("y ~ fp(a, df=4)", r"fp\(a\) takes the greatest degree, 1 or 2"),
    ("y ~ fp(2)", r"fp\(\) takes a variable's name first"),
    ("y ~ powers(a)", r"powers\(a, \.\.\.\) takes 1 to 4 numbers"),
    ("y ~ powers(a, 1, 2, 3, -1, -2)", "takes 1 to 4 numbers"),
    ("y ~ powers(a, b)", "takes 1 to 4 numbers"),
    ("y ~ powers(a, 1, scale=0)", "a scale above 0"),
    ("y ~ powers(a, 1, base=2)", "takes 1 to 4 numbers"),
    ("y ~ powers(a, 11)", "Powers beyond 10 are not allowed"),
    ("y ~ rcs(a, 4, 5)", "given arguments that it does not take"),
    ("y ~ log(a + 1)", r"log\(\) takes a variable's name first"),
    ("y ~ log()", r"log\(\) takes a variable's name first"),
    ("y ~ log(a, base=2)", "given arguments that it does not take"),
    ("y ~ C(a, rev=1)", "given arguments that it does not take"),
    ("y ~ C(a, ref=b)", "is a label: ref"),
    ("y ~ 1", "A term is a name"),
    ("y ~ a > 3", "A term is a name"),
    ("y ~ -a", "A term is a name"),
    ("y ~ (a + b)**2", "A term is a name"),
    ("y ~ a*b*c*d*e", "At most four variables can be crossed"),
]


@pytest.mark.parametrize(("source", "message"), FORMULA_ERRORS)
def test_formula_errors(source: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        parse_formula(source)


def test_a_list_of_terms_takes_one_term_an_entry() -> None:
    assert [term.name for term in parse_terms(("age", "rcs(x, 3)"))] == ["age", "rcs(x, 3)"]
    with pytest.raises(ExpressionError, match="not a term of a formula but a sum of several"):
        parse_terms(("age + x",))


def build(right: str, info: dict[str, VariableInfo] | None = None) -> tuple[Design, FloatArray]:
    design, codes = build_design(FRAME, parse_formula(f"y ~ {right}").terms, info)
    return design, design.matrix(codes)


def test_indicators_of_a_category() -> None:
    design, matrix = build("C(grade) + age")
    assert [(c.term, c.level) for c in design.columns] == [
        ("grade", "b"),
        ("grade", "c"),
        ("age", ""),
    ]
    assert_array_equal(matrix[:, 0], (FRAME["grade"] == "b").to_numpy().astype(float))
    assert_array_equal(matrix[:, 1], (FRAME["grade"] == "c").to_numpy().astype(float))
    assert design.slices == {"grade": slice(0, 2), "age": slice(2, 3)}


def test_reference_and_order_of_levels() -> None:
    assert build('C(grade, ref="c")')[0].predictor("grade").levels == ("c", "a", "b")
    assert build("C(code)")[0].predictor("code").levels == ("1", "2", "10")
    assert build("C(code, ref=10)")[0].predictor("code").levels == ("10", "1", "2")
    assert build("leak")[0].predictor("leak").levels == ("false", "true")
    ordered = {"grade": VariableInfo(levels=("c", "b", "a", "never"), level_labels=("C", "B"))}
    predictor = build("grade", ordered)[0].predictor("grade")
    assert predictor.levels == ("c", "b", "a")
    assert predictor.level_label("b") == "B"
    assert predictor.level_label("a") == "a"
    enum = FRAME.with_columns(pl.col("grade").cast(pl.Enum(["z", "b", "a", "c"])))
    design, _ = build_design(enum, parse_formula("y ~ grade").terms)
    assert design.predictor("grade").levels == ("b", "a", "c")


def test_most_frequent_level_and_median_are_held() -> None:
    design, _ = build("grade + age")
    assert design.predictor("grade").adjust_to == "b"
    assert design.predictor("age").adjust_to == 72.5


def test_interactions_vary_the_first_factor_fastest() -> None:
    design, matrix = build("C(grade):C(code)")
    assert [c.level for c in design.columns] == ["b:2", "c:2", "b:10", "c:10"]
    grade, code = FRAME["grade"].to_numpy(), FRAME["code"].to_numpy()
    for column, (g, c) in zip(matrix.T, [("b", 2), ("c", 2), ("b", 10), ("c", 10)], strict=True):
        assert_array_equal(column, (grade == g) & (code == c))
    assert [c.level for c in build("age:C(grade)")[0].columns] == ["b", "c"]


def test_transformations() -> None:
    _, matrix = build("log(age) + sqrt(age) + age**2 + age**-1")
    age = FRAME["age"].to_numpy()
    expected = np.column_stack([np.log(age), np.sqrt(age), age**2, 1 / age])
    assert_allclose(matrix, expected, rtol=1e-14)  # one rounding each


TRANSFORMATION_ERRORS = [
    ("log(x)", FitError, r"log\(x\) needs values above 0"),
    ("sqrt(x)", FitError, r"sqrt\(x\) needs values of 0 or more"),
    ("x**-1", FitError, r"x\*\*-1 is infinite at 0"),
    ("x**0.5", FitError, r"x\*\*0.5 needs values of 0 or more"),
    ("rcs(grade, 3)", ExpressionError, r"'rcs\(grade, 3\)' needs numbers, but 'grade' holds"),
    ("log(leak)", ExpressionError, r"'log\(leak\)' needs numbers"),
    ("C(age):log(age)", ExpressionError, "needs a number, but 'age' is a category"),
    ("weight", DataError, r"There is no column 'weight'; the columns are age, x"),
    ("aeg", DataError, "Did you mean 'age'"),
    ('C(grade, ref="d")', ExpressionError, "'d' is not a level of 'grade'; its levels are a, b, c"),
]


@pytest.mark.parametrize(("right", "error", "message"), TRANSFORMATION_ERRORS)
def test_designs_that_cannot_be_built(right: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        build(right)


def test_too_many_texts() -> None:
    frame = pl.DataFrame({"name": [f"patient {i}" for i in range(60)]})
    with pytest.raises(DataError, match="'name' has 60 different texts, too many for a predictor"):
        build_design(frame, parse_formula("y ~ name").terms)


def test_encoding_new_patients() -> None:
    design, _ = build("age + C(grade) + C(code) + leak")
    new = pl.DataFrame(
        {
            "age": ["70", "old", None],
            "grade": ["c", "z", None],
            "code": [10.0, 2.5, None],
            "leak": ["true", "no", None],
            "unused": [1, 2, 3],
        }
    )
    encoded = encode(design, new)
    nan = np.nan
    assert_array_equal(encoded.codes["age"], [70.0, nan, nan])
    assert_array_equal(encoded.codes["grade"], [2.0, nan, nan])
    assert_array_equal(encoded.codes["code"], [2.0, nan, nan])
    assert_array_equal(encoded.codes["leak"], [1.0, nan, nan])
    for name in design.variables:
        assert encoded.unusable[name].tolist() == [False, True, False]


def test_numbers_that_come_as_labels_are_read_or_flagged() -> None:
    design, _ = build("age")
    labels = pl.DataFrame({"age": pl.Series(["70", "80"], dtype=pl.Enum(["80", "70"]))})
    codes = encode(design, labels).codes["age"]
    assert np.array_equal(codes, [70.0, 80.0]) or np.isnan(codes).all()


def test_encoding_names_what_is_lacking() -> None:
    design, _ = build("age + grade")
    with pytest.raises(DataError, match=r"The model needs age, which the data do not have.*'agee'"):
        encode(design, pl.DataFrame({"agee": [1.0], "grade": ["a"]}))


def test_design_survives_json() -> None:
    design, matrix = build('rcs(age, 3)*C(grade, ref="b") + age**2 + log(age) + `bone density`')
    again = Design.from_dict(json.loads(json.dumps(design.to_dict())))
    assert again == design
    codes = again.codes({name: FRAME[name].to_list() for name in again.variables})
    assert_array_equal(again.matrix(codes), matrix)


def test_unknown_kind_of_term() -> None:
    document = build("age")[0].to_dict()
    document["terms"][0][0]["kind"] = "fourier"
    with pytest.raises(ModelError, match="has the kind 'fourier', which this version does not"):
        Design.from_dict(document)


def test_design_keeps_only_what_is_named() -> None:
    design, _ = build("age + C(grade) + x + age:x")
    kept = design.keep(["age", "age:x"])
    assert [term.name for term in kept.terms] == ["age", "age:x"]
    assert kept.variables == ("age", "x")
    with pytest.raises(KeyError, match="grade"):
        kept.predictor("grade")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.0, "1"), (2.5, "2.5"), (True, "true"), (np.bool_(False), "false"), ("a", "a")],
)
def test_level_texts(value: object, text: str) -> None:
    assert level_text(value) == text


def test_codes_of_single_values() -> None:
    category = Predictor("g", "g", levels=("a", "1"))
    assert category.code("a") == 0.0
    assert category.code(1.0) == 1.0
    number = Predictor("n", "n")
    assert number.code("3.5") == 3.5
    for predictor, value in ((category, "z"), (category, None), (number, None), (number, "x")):
        assert np.isnan(predictor.code(value))


def test_ticks_are_all_values_when_few_and_round_when_many() -> None:
    values = np.linspace(21.3, 63.2, 40)
    frame = pl.DataFrame({"few": np.tile([1.0, 3.0, 7.0, 9.0], 10), "many": values})
    design, _ = build_design(frame, parse_formula("y ~ few + many").terms)
    assert design.predictor("few").ticks == (1.0, 3.0, 7.0, 9.0)
    assert design.predictor("few").discrete
    many = design.predictor("many")
    assert not many.discrete
    assert many.ticks == tuple(float(t) for t in range(20, 70, 5))
    assert many.limits is not None
    assert_allclose(many.limits, np.quantile(values, [0.01, 0.99]), rtol=1e-15)
