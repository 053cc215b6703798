"""A rule about the predictors of a model as a tree of plain values, and its truth.

The tree is what JSON can hold and what a page can walk: a number; a text, which is the name
of a predictor; or a list of an operator and its operands. A level stands there as its
position. Truth is 1, 0, or NaN where a missing value leaves it open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.design import Design
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
    Text,
    Truth,
    names_in,
)
from vertebrisk.design.rules import MOST_OPERANDS
from vertebrisk.design.syntax import parse_expression
from vertebrisk.errors import ExpressionError

Tree: TypeAlias = Any  # float | str | list of an operator and trees
NO_LEVEL = -1.0  # of a level that no patient of the model had
ONE_ARGUMENT = ("log", "sqrt", "exp", "abs")
ANY_ARGUMENTS = ("min", "max", "mean")


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule that reads predictors alone; made by `Condition.of`."""

    source: str
    tree: Tree

    @classmethod
    def of(cls, source: str, design: Design) -> Condition:
        """A rule as the predictors of a design have it.

        Raises
        ------
        ExpressionError
            When it cannot be parsed, reads something else, or compares what cannot be compared.
        """
        node = parse_expression(source)
        strange = [name for name in names_in(node) if name not in design.variables]
        if strange:
            raise ExpressionError(f"'{source}' reads '{strange[0]}', which is no predictor.")
        return cls(source, _truth(node, design))

    def truth(self, codes: Mapping[str, FloatArray]) -> FloatArray:
        """1, 0 or NaN for each coded patient, shape (n,)."""
        size = next(iter(codes.values())).size if codes else 0
        with np.errstate(all="ignore"):
            return np.broadcast_to(_value(self.tree, codes), (size,)).astype(np.float64)

    def broken(self, codes: Mapping[str, FloatArray]) -> BoolArray:
        """Which coded patients break it, shape (n,); not those for whom it is open."""
        return np.asarray(self.truth(codes) == 0.0)


def _truth(node: Node, design: Design) -> Tree:
    """The tree of a part that must be true or false."""
    match node:
        case Truth(value):
            return float(value)
        case Comparison(operator, left, right):
            return [operator, *_compared(left, right, operator, design)]
        case Membership(operand, values, negated):
            found = [["==", *_compared(operand, each, "==", design)] for each in values]
            return ["not", ["or", *found]] if negated else ["or", *found]
        case Missing(Name(value), negated):
            return ["not", ["missing", value]] if negated else ["missing", value]
        case Not(operand):
            return ["not", _truth(operand, design)]
        case Logic(operator, operands):
            return [operator, *(_truth(each, design) for each in operands)]
        case _:
            raise ExpressionError("A part that must be true or false is neither; compare it.")


def _compared(left: Node, right: Node, operator: str, design: Design) -> tuple[Tree, Tree]:
    """Both sides of a comparison: two numbers, or a predictor and one of its levels."""
    for one, other in ((left, right), (right, left)):
        levels = _levels(one, design)
        if not levels:
            continue
        if operator not in ("==", "!=") or not isinstance(other, Text):
            raise ExpressionError("A category is compared with its levels by == and != alone.")
        level = float(levels.index(other.value)) if other.value in levels else NO_LEVEL
        name = one.value if isinstance(one, Name) else ""
        return (name, level) if one is left else (level, name)
    return _number(left, design), _number(right, design)


def _levels(node: Node, design: Design) -> tuple[str, ...]:
    return design.predictor(node.value).levels if isinstance(node, Name) else ()


def _number(node: Node, design: Design) -> Tree:
    match node:
        case Number(value):
            return float(value)
        case Name(value):
            if design.predictor(value).categorical:
                raise ExpressionError(f"'{value}' holds levels, and arithmetic needs numbers.")
            return value
        case Negative(operand):
            return ["-", _number(operand, design)]
        case Power(base, exponent):
            return ["**", _number(base, design), float(exponent)]
        case Chain(first, rest):
            if len(rest) >= MOST_OPERANDS or any(each not in "+-*/" for each, _ in rest):
                raise ExpressionError("Arithmetic joins too many parts, or terms of a formula.")
            tree = _number(first, design)
            for operator, operand in rest:
                tree = [operator, tree, _number(operand, design)]
            return tree
        case Call(function, arguments, options):
            single = function in ONE_ARGUMENT and len(arguments) == 1
            if options or not arguments or not (single or function in ANY_ARGUMENTS):
                raise ExpressionError(f"{function}() is not understood here.")
            return [function, *(_number(each, design) for each in arguments)]
        case Text(value):
            raise ExpressionError(f"'{value}' is a text, where a number is needed.")
        case _:
            return _truth(node, design)


Operation: TypeAlias = Callable[..., Any]


def _both(left: Any, right: Any) -> Any:
    """True only where both are, false where one is, otherwise open where one is."""
    false = np.equal(left, 0.0) | np.equal(right, 0.0)
    return np.where(false, 0.0, np.asarray(left) * right)


def _opposite(truth: Any) -> Any:
    return 1.0 - np.asarray(truth)


def _comparing(compare: Operation) -> Operation:
    def compared(left: Any, right: Any) -> Any:
        known = np.isfinite(left) & np.isfinite(right)
        return np.where(known, compare(left, right), np.nan)

    return compared


_COMPARISONS: Mapping[str, Operation] = {
    "==": _comparing(np.equal),
    "!=": _comparing(np.not_equal),
    "<": _comparing(np.less),
    "<=": _comparing(np.less_equal),
    ">": _comparing(np.greater),
    ">=": _comparing(np.greater_equal),
}
_OPERATIONS: Mapping[str, Operation] = {
    **_COMPARISONS,
    "not": _opposite,
    "and": lambda *parts: reduce(_both, parts),
    "or": lambda *parts: _opposite(reduce(_both, map(_opposite, parts))),
    "+": np.add,
    "-": lambda *parts: np.subtract(*parts) if len(parts) > 1 else np.negative(parts[0]),
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "log": np.log,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "abs": np.abs,
    "min": lambda *parts: reduce(np.minimum, parts),
    "max": lambda *parts: reduce(np.maximum, parts),
    "mean": lambda *parts: reduce(np.add, parts) / len(parts),
}


def _value(tree: Tree, codes: Mapping[str, FloatArray]) -> Any:
    if isinstance(tree, str):
        return codes[tree]
    if isinstance(tree, float):
        return np.float64(tree)
    operator, *operands = tree
    if operator == "missing":
        return np.isnan(codes[operands[0]]).astype(np.float64)
    return _OPERATIONS[operator](*(_value(each, codes) for each in operands))
