"""Rules and derivations of random text: what they compute is what plain Python computes."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from vertebrisk.design.nodes import (
    Call,
    Chain,
    Comparison,
    Logic,
    Membership,
    Missing,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Power,
    Truth,
)
from vertebrisk.design.rules import Expression

_NAMES = ("a", "b", "c")


def _numbers(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(st.sampled_from(_NAMES), st.integers(0, 9).map(str))
    if depth == 0:
        return leaf
    inner = _numbers(depth - 1)
    return st.one_of(
        leaf,
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(" ".join),
        inner.map(lambda x: f"({x})"),
        inner.map(lambda x: f"-({x})"),
        st.tuples(inner, st.integers(0, 3)).map(lambda p: f"({p[0]})**{p[1]}"),
        st.tuples(inner, inner).map(lambda p: f"max({p[0]}, {p[1]})"),
        inner.map(lambda x: f"abs({x})"),
    )


def _truths(depth: int) -> st.SearchStrategy[str]:
    compared = st.tuples(
        _numbers(1), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), _numbers(1)
    ).map(" ".join)
    member = st.tuples(st.sampled_from(_NAMES), st.lists(st.integers(0, 3), min_size=1, max_size=3))
    leaf = st.one_of(
        compared,
        st.sampled_from(_NAMES).map(lambda x: f"{x} is missing"),
        member.map(lambda p: f"{p[0]} in {p[1]}"),
        member.map(lambda p: f"{p[0]} not in {p[1]}"),
    )
    if depth == 0:
        return leaf
    inner = _truths(depth - 1)
    return st.one_of(
        leaf,
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map(lambda x: f"not ({x})"),
        inner.map(lambda x: f"({x})"),
    )


Value = float | bool | None


def plain(node: Node, row: dict[str, Value]) -> Any:
    """Three-valued evaluation of one row, written for this test only."""
    match node:
        case Number(value) | Truth(value):
            return value
        case Name(name):
            return row[name]
        case Negative(operand):
            found = plain(operand, row)
            return None if found is None else -found
        case Power(base, exponent):
            found = plain(base, row)
            return None if found is None else float(found) ** exponent
        case Call(function, arguments, _):
            values = [plain(argument, row) for argument in arguments]
            if None in values:
                return None
            return max(values) if function == "max" else abs(values[0])
        case Chain(first, rest):
            total = plain(first, row)
            for operator, operand in rest:
                found = plain(operand, row)
                if total is None or found is None:
                    total = None
                elif operator == "+":
                    total = total + found
                elif operator == "-":
                    total = total - found
                else:
                    total = total * found
            return total
        case Comparison(operator, left, right):
            x, y = plain(left, row), plain(right, row)
            if x is None or y is None:
                return None
            answers = {
                "<": x < y,
                "<=": x <= y,
                ">": x > y,
                ">=": x >= y,
                "==": x == y,
                "!=": x != y,
            }
            return answers[operator]
        case Membership(operand, allowed, negated):
            found = plain(operand, row)
            if found is None:
                return None
            return (found in [plain(each, row) for each in allowed]) != negated
        case Missing(operand, negated):
            return (plain(operand, row) is None) != negated
        case Not(operand):
            found = plain(operand, row)
            return None if found is None else not found
        case Logic(operator, operands):
            parts = [plain(operand, row) for operand in operands]
            decisive = operator == "or"
            if decisive in parts:
                return decisive
            return None if None in parts else not decisive
        case _:
            raise AssertionError(node)


_rows = st.lists(
    st.fixed_dictionaries({name: st.one_of(st.none(), st.integers(-3, 3)) for name in _NAMES}),
    min_size=1,
    max_size=4,
)


def _frame(rows: list[dict[str, int | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(_NAMES, pl.Int64))


@settings(max_examples=150)
@given(_truths(2), _rows)
def test_rules_against_plain_python(source: str, rows: list[dict[str, int | None]]) -> None:
    expression = Expression.parse(source)
    expected = [plain(expression.node, dict(row)) for row in rows]
    assert expression.rule(_frame(rows)).to_list() == expected


@settings(max_examples=150)
@given(_numbers(3), _rows)
def test_values_against_plain_python(source: str, rows: list[dict[str, int | None]]) -> None:
    expression = Expression.parse(source)
    found = expression.values(_frame(rows)).to_list()
    for row, value in zip(rows, found, strict=True):
        expected = plain(expression.node, dict(row))
        if expected is None:
            assert value is None
        else:
            assert_allclose(value, expected, rtol=1e-12)


@settings(max_examples=100)
@given(_numbers(3), _rows)
def test_precedence_is_that_of_python(source: str, rows: list[dict[str, int | None]]) -> None:
    """The tree itself, not only its evaluation: Python reads these texts alike."""
    row = {name: float(value or 0) for name, value in rows[0].items()}
    expected = eval(source, {"__builtins__": {}, "max": max, "abs": abs}, dict(row))
    found = Expression.parse(source).values(pl.DataFrame([row]))
    assert_allclose(found[0], float(expected), rtol=1e-12)
