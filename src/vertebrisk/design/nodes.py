"""The trees that rules, derivations and formulas are read into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotation marks."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    """true or false."""

    value: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    value: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with arguments and named options."""

    function: str
    arguments: tuple[Node, ...]
    options: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class Negative:
    """The unary minus."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Power:
    """A power with a plain number as exponent."""

    base: Node
    exponent: float


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands of one precedence, read from the left: first, then (operator, operand)."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands and how they are compared."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Membership:
    """``x in [a, b]``, or ``x not in [a, b]``."""

    operand: Node
    values: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """``x is missing``, or ``x is not missing``."""

    operand: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Not:
    """The negation of a condition."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Logic:
    """Conditions joined by ``and`` or by ``or``."""

    operator: str
    operands: tuple[Node, ...]


Node: TypeAlias = (
    Number
    | Text
    | Truth
    | Name
    | Call
    | Negative
    | Power
    | Chain
    | Comparison
    | Membership
    | Missing
    | Not
    | Logic
)


def names_in(node: Node) -> tuple[str, ...]:
    """Variables that an expression uses, each once, in order of appearance."""
    return tuple(dict.fromkeys(_names(node)))


def _names(node: Node) -> Iterator[str]:
    if isinstance(node, Name):
        yield node.value
    for child in _children(node):
        yield from _names(child)


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Call(_, arguments, options):
            return (*arguments, *(value for _, value in options))
        case Negative(operand) | Missing(operand, _) | Not(operand) | Power(operand, _):
            return (operand,)
        case Chain(first, rest):
            return (first, *(operand for _, operand in rest))
        case Comparison(_, left, right):
            return (left, right)
        case Membership(operand, values, _):
            return (operand, *values)
        case Logic(_, operands):
            return operands
        case _:
            return ()
