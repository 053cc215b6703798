"""Rules and derivations: what they mean, what they refuse, and that nothing is ever run."""

from __future__ import annotations

import datetime as dt
import math
from contextlib import suppress

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from vertebrisk.design.nodes import (
    Name,
    names_in,
)
from vertebrisk.design.rules import Expression
from vertebrisk.design.syntax import parse_expression, parse_two_sides, quoted
from vertebrisk.errors import ExpressionError

PATIENTS = pl.DataFrame(
    {
        "vas": [2.0, 4.0, None, 6.0],
        "segments": [1, 2, 1, None],
        "cement": ["Spongy", "Blocky", "Spongy", None],
        "leak": [True, False, None, True],
        "flag": [0, 1, None, 1],
        "surgery": [dt.date(2020, 1, 10), dt.date(2020, 3, 1), None, dt.date(2021, 1, 1)],
        "visit": [dt.date(2020, 2, 9), dt.date(2020, 3, 1), dt.date(2020, 3, 1), None],
        "bone density": [-2.5, -3.0, -1.0, None],
        "骨水泥": [3.0, 4.0, 5.0, 6.0],
        "nothing": pl.Series([None] * 4, dtype=pl.Null),
    }
).with_columns(pl.col("cement").cast(pl.Enum(["Spongy", "Blocky"])))

RULES: list[tuple[str, list[bool | None]]] = [
    ("vas >= 4", [False, True, None, True]),
    ("vas > 4", [False, False, None, True]),
    ("vas != 4", [True, False, None, True]),
    ("not vas >= 4", [True, False, None, False]),
    ("vas >= 4 and segments == 1", [False, False, None, None]),
    ("vas >= 4 or segments == 1", [True, True, True, True]),
    ("vas >= 4 or vas < 3 and segments == 2", [False, True, None, True]),
    ("(vas >= 4 or vas < 3) and segments == 1", [True, False, None, None]),
    ('cement == "Blocky"', [False, True, False, None]),
    ('cement in ["Blocky"]', [False, True, False, None]),
    ('cement not in ["Blocky"]', [True, False, True, None]),
    ("vas in [2, 6]", [True, False, None, True]),
    ("vas is missing", [False, False, True, False]),
    ("vas is not missing", [True, True, False, True]),
    ("leak", [True, False, None, True]),
    ("flag", [False, True, None, True]),
    ("not flag", [True, False, None, False]),
    ("leak == true", [True, False, None, True]),
    ("leak == 1", [True, False, None, True]),
    ("`bone density` <= -2.5", [True, True, False, None]),
    ("骨水泥 > 4", [False, False, True, True]),
    ("visit - surgery == 30", [True, False, None, None]),
    ("visit - surgery < 1", [False, True, None, None]),
    ('surgery >= "2020-03-01"', [False, True, None, True]),
    ("nothing >= 4", [None, None, None, None]),
    ("nothing is missing", [True, True, True, True]),
    ("1 < 2", [True, True, True, True]),
    ("max(vas, segments) >= 4", [False, True, None, None]),
    ("mean(vas, 6) == 4", [True, False, None, False]),
]


@pytest.mark.parametrize(("source", "expected"), RULES, ids=[source for source, _ in RULES])
def test_rules(source: str, expected: list[bool | None]) -> None:
    found = Expression.parse(source).rule(PATIENTS)
    assert found.dtype == pl.Boolean
    assert found.to_list() == expected


VALUES: list[tuple[str, list[float | None]]] = [
    ("1 + 2 * 3", [7.0] * 4),
    ("(1 + 2) * 3", [9.0] * 4),
    ("10 - 4 - 3", [3.0] * 4),
    ("24 / 4 / 3", [2.0] * 4),
    ("-2**2", [-4.0] * 4),
    ("(-2)**2", [4.0] * 4),
    ("2**-1", [0.5] * 4),
    ("vas / segments", [2.0, 2.0, None, None]),
    ("visit - surgery", [30.0, 0.0, None, None]),
    ("leak", [1.0, 0.0, None, 1.0]),
    ("leak + flag", [1.0, 1.0, None, 2.0]),
    ("min(vas, 3)", [2.0, 3.0, None, 3.0]),
    ("abs(vas - 4)", [2.0, 0.0, None, 2.0]),
    ("sqrt(vas)", [math.sqrt(2), 2.0, None, math.sqrt(6)]),
    ("log(exp(vas))", [2.0, 4.0, None, 6.0]),
    ("1e-1 * .5 * 2.", [0.1] * 4),
]


@pytest.mark.parametrize(("source", "expected"), VALUES, ids=[source for source, _ in VALUES])
def test_values(source: str, expected: list[float | None]) -> None:
    found = Expression.parse(source).values(PATIENTS)
    assert found.dtype == pl.Float64
    assert found.is_null().to_list() == [value is None for value in expected]
    known = [value for value in expected if value is not None]
    assert_allclose(found.drop_nulls(), known, rtol=1e-14)  # a handful of roundings


UNDEFINED = ["a / b >= 4", "log(a) > 2", "sqrt(a) > 1", "a ** 0.5 > 3", "a / b == a / b"]


@pytest.mark.parametrize("source", UNDEFINED)
def test_undefined_numbers_satisfy_no_comparison(source: str) -> None:
    """0 / 0, log(-1) and the root of -1 are no numbers: a patient must not pass by them."""
    frame = pl.DataFrame({"a": [0.0 if "/" in source else -1.0], "b": [0.0]})
    assert Expression.parse(source).rule(frame).to_list() != [True]


@pytest.mark.parametrize("source", ["true", "1 < 2", "vas >= 4"])
def test_rules_on_no_patients(source: str) -> None:
    assert Expression.parse(source).rule(PATIENTS.clear()).to_list() == []


def test_constants_on_no_patients() -> None:
    assert Expression.parse("1 + 1").values(PATIENTS.clear()).to_list() == []


ERRORS = [
    ("vsa >= 4", r"there is no column 'vsa'.*Did you mean 'vas'"),
    ("vas", r"'vas' holds numbers other than 0 and 1; compare it"),
    ("vas + 1", r"gives a number; a rule must be true or false"),
    ("cement", r"'cement' holds labels.*such as cement == 'Blocky'. Its labels are 'Spongy', "),
    ("surgery >= 2020-06-01", r"a date is compared with a number. Dates are quoted: '2020-06-01'"),
    ("vas >= 4 and cement", r"such as cement == 'Blocky'"),
    ("surgery >= 2020", r"Dates are quoted: '2020-06-01'"),
    ('cement == "Blockey"', r"'Blockey' is not a label.*Did you mean 'Blocky'"),
    ('cement > "Blocky"', r"texts have no order"),
    ("cement == 1", r"a text is compared with a number.*labels are 'Spongy', 'Blocky'"),
    ('vas + cement == "x"', r"arithmetic needs numbers, but one part is a text"),
    ("vas and leak", r"holds numbers other than 0 and 1"),
    ("(vas + 1) and leak", r"'and', 'or' and 'not' join comparisons"),
    ("surgery > 3", r"a date is compared with a number"),
    ('surgery > "2020-13-01"', r"'2020-13-01' is not a date; write year-month-day"),
    ("vas:segments > 1", r"':' joins terms of a formula"),
    ("tan(vas) > 1", r"there is no function 'tan'; known are abs, exp"),
    ("sqr(vas) > 1", r"Did you mean 'sqrt'"),
    ("sqrt(vas, 2) > 1", r"sqrt\(\) takes one argument, not 2"),
    ("max() > 1", r"max\(\) needs at least one argument"),
    ("log(vas, base=2) > 1", r"log\(\) takes no named options"),
]


@pytest.mark.parametrize(("source", "message"), ERRORS, ids=[source for source, _ in ERRORS])
def test_evaluation_errors_teach(source: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        Expression.parse(source).rule(PATIENTS)


@pytest.mark.parametrize("source", ["pain == 1", "1 == pain", "pain in [1, 2]"])
def test_a_comparison_with_an_empty_column_says_that_it_is_empty(source: str) -> None:
    empty = pl.DataFrame({"pain": [None, None]}, schema={"pain": pl.String})
    with pytest.raises(ExpressionError, match="'pain' has no value in any row"):
        Expression.parse(source).rule(empty)


def test_a_derived_variable_is_a_number() -> None:
    with pytest.raises(ExpressionError, match="gives a date; a derived variable is a number"):
        Expression.parse("surgery").values(PATIENTS)


SYNTAX_ERRORS = [
    ("", "An expression is empty"),
    ("   ", "An expression is empty"),
    ("vas = 4", "'=' does not compare; write '=='"),
    ("1 < vas < 4", "comparisons cannot be chained; join two of them with 'and'"),
    ("vas >=", "a name, a number or a text was expected, 'the end' was found"),
    ("(vas > 4", r"'\)' was expected, 'the end' was found"),
    ("vas > 4)", r"'\)' was not expected here"),
    ("vas > 4 segments", "'segments' was not expected here"),
    ("vas is 4", "'missing' was expected, '4' was found"),
    ("cement in Blocky", r"'\[' was expected"),
    ("vas ** segments > 1", "a power must be a plain number"),
    ("vas ** 99 > 1", "powers beyond 10 are not allowed"),
    ("vas ** 1e400 > 1", "powers beyond 10 are not allowed"),
    ("vas > 4; import os", r"';' is not understood.*character 8"),
    ("vas @ 4", "'@' is not understood"),
    ('cement == "Blocky', "'\"' is not understood"),
    ("`bone density > 1", "'`' is not understood"),
    ("vas % 2", "'%' is not understood"),
]


@pytest.mark.parametrize(("source", "message"), SYNTAX_ERRORS)
def test_syntax_errors_name_the_place(source: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        parse_expression(source)


INJECTIONS = [
    "__import__('os').system('true')",
    "().__class__.__bases__[0]",
    "vas.__class__",
    "eval('1')",
    "exec('1')",
    "lambda: 1",
    "[x for x in vas]",
    "vas if vas else 1",
    'f"{vas}"',
    "vas; 1",
    "vas := 1",
    "{vas}",
    "vas[0]",
    "getattr(vas, 'sum')()",
    "open('protocol.toml')",
    "`vas`.len()",
    "pl.col('vas')",
    "vas\n>= 4; 1",
    "globals()",
    "${vas}",
]


@pytest.mark.parametrize("source", INJECTIONS)
def test_nothing_is_run(source: str) -> None:
    with pytest.raises(ExpressionError, match=r"not understood|expected|no function|no column"):
        Expression.parse(source).rule(PATIENTS)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "not " * 10_000 + "leak",
        "-" * 10_000 + "1",
        "abs(" * 10_000 + "1" + ")" * 10_000,
        "(" * 10_000,
        "vas in [" + "(" * 10_000,
        "abs(x=" * 10_000,
    ],
    ids=["brackets", "not", "minus", "calls", "open", "list", "options"],
)
def test_deep_nesting_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError, match="nested more than 50 deep"):
        parse_expression(source)


def test_reasonable_nesting_is_allowed() -> None:
    source = "(" * 40 + "leak" + ")" * 40
    assert Expression.parse(source).rule(PATIENTS).to_list() == [True, False, None, True]


def test_too_long() -> None:
    with pytest.raises(ExpressionError, match="100001 characters is too long; 100000 are allowed"):
        parse_expression("x" * 100_001)


LONG = {
    "names": "vas+" * 24_999 + "vas",
    "or": " or ".join(["flag"] * 12_000),
    "quotes": '"' * 99_999,
    "spaces": " " * 99_998 + "1",
    "digits": "1" * 99_999,
    "backticks": "`" * 99_999,
    "list": "vas in [" + ",".join(["1"] * 49_000) + "]",
}


@pytest.mark.parametrize("name", list(LONG))
def test_long_texts_are_read_quickly(name: str) -> None:
    with suppress(ExpressionError):
        parse_expression(LONG[name])


@pytest.mark.parametrize("joint", ["+", "*", " or ", " and ", "-"])
def test_long_sums_are_evaluated_or_refused(joint: str) -> None:
    """Two thousand parts are few beside what 100,000 characters hold."""
    source = joint.join(["flag"] * 2_000)
    frame = pl.DataFrame({"flag": [0, 1]})
    with suppress(ExpressionError):  # a bound on the number of parts would be an answer too
        expression = Expression.parse(source)
        found = expression.rule(frame) if joint.strip().isalpha() else expression.values(frame)
        assert found.len() == 2


PIECES = [*"ab1.e+-*/:<>=!()[],~\"'` \n&{}", "and ", "or ", "not ", "is ", "missing", "in "]
PIECES += ["true", "log(", "C(", "rcs(", "ref=", "**", "==", "é", "骨", "\x00", "٣"]
ALPHABET = st.sampled_from(PIECES)


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=60), st.lists(ALPHABET, max_size=25).map("".join)))
def test_any_text_parses_or_raises_expression_error(source: str) -> None:
    for parse in (parse_expression, parse_two_sides):
        with suppress(ExpressionError):
            parse(source)


@settings(max_examples=200)
@given(st.lists(ALPHABET, max_size=15).map("".join))
def test_any_expression_evaluates_or_raises_expression_error(source: str) -> None:
    frame = pl.DataFrame({"a": [1.0, None, -2.0], "b": ["x", "y", None], "e": [True, None, False]})
    try:
        expression = Expression.parse(source)
    except ExpressionError:
        return
    for evaluate in (expression.rule, expression.values):
        with suppress(ExpressionError):
            assert len(evaluate(frame)) == frame.height


def test_names_in_order_and_once() -> None:
    node = parse_expression("b + a > max(b, `c d`) and not e is missing")
    assert names_in(node) == ("b", "a", "c d", "e")


@given(st.text(st.characters(exclude_characters="`", exclude_categories=["Cs"]), min_size=1,
               max_size=8))  # fmt: skip
def test_quoted_names_are_read_back(name: str) -> None:
    assert parse_expression(quoted(name)) == Name(name)


def test_a_backtick_cannot_be_quoted() -> None:
    with pytest.raises(ExpressionError, match=r"holds a backtick.*Rename the column"):
        quoted("a`b")


def test_numpy_is_not_reached_by_names() -> None:
    """A column may be called like a builtin, and is a column."""
    frame = pl.DataFrame({"eval": [1.0, 3.0], "__import__": [2.0, 2.0]})
    assert Expression.parse("eval > __import__").rule(frame).to_list() == [False, True]
    assert np.isfinite(Expression.parse("eval").values(frame).to_numpy()).all()


def test_a_date_may_stand_on_either_side() -> None:
    expected = Expression.parse("surgery > '2020-02-01'").rule(PATIENTS).to_list()
    assert expected == [False, True, None, True]
    assert Expression.parse("'2020-02-01' < surgery").rule(PATIENTS).to_list() == expected


def test_texts_of_few_rows_are_never_named() -> None:
    common = pl.DataFrame({"pain": ["No", "Yes"] * 3})
    with pytest.raises(ExpressionError, match=r"pain == 'Yes'\. Its labels are 'No', 'Yes'"):
        Expression.parse("pain").rule(common)
    private = pl.DataFrame({"pain": ["Ann", "Bob"]})
    with pytest.raises(ExpressionError, match=r"pain == 'Yes'\.$") as caught:
        Expression.parse("pain").rule(private)
    assert "Ann" not in str(caught.value)
