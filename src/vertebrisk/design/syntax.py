"""The one grammar of rules, derivations and formulas: text in, tree out.

Nothing is ever evaluated as Python. A text is cut into tokens, and the tokens
are read by recursive descent with a bound on nesting, so that a protocol from a
stranger can neither run code nor exhaust the stack. From weakest to strongest
the operators are::

    or   and   not   == != < <= > >= in, not in, is missing, is not missing
    + -   * /   :   unary -   **

Names with spaces or operators in them stand in backticks; letters of any script
need none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

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
)
from vertebrisk.errors import ExpressionError

MAX_NESTING = 50
MAX_LENGTH = 100_000
MAX_POWER = 10.0


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<quoted>`[^`]+`)
    | (?P<name>[^\W\d]\w*)
    | (?P<operator>\*\*|==|!=|<=|>=|[-+*/:<>()\[\],=~])
    )""",
    re.VERBOSE,
)
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
_KEYWORDS = frozenset({"and", "or", "not", "in", "is", "missing", "true", "false"})


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str
    position: int


def _tokens(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    end = len(source.rstrip())
    while position < end:
        match = _TOKEN.match(source, position)
        if match is None:
            start = position + len(source[position:]) - len(source[position:].lstrip())
            raise ExpressionError(_at(source, start, f"'{source[start]}' is not understood"))
        kind = str(match.lastgroup)
        value = match.group(kind)
        start = match.start(kind)
        if kind == "name" and value.lower() in _KEYWORDS:
            kind, value = "keyword", value.lower()
        elif kind == "quoted":
            kind, value = "name", value[1:-1]
        elif kind == "text":
            value = value[1:-1]
        tokens.append(_Token(kind, value, start))
        position = match.end()
    tokens.append(_Token("end", "", end))
    return tokens


def _at(source: str, position: int, problem: str) -> str:
    excerpt = source if len(source) <= 120 else f"{source[:117]}..."
    return f"In the expression '{excerpt}': {problem} (character {position + 1})."


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, source: str) -> None:
        if len(source) > MAX_LENGTH:
            raise ExpressionError(
                f"An expression of {len(source)} characters is too long; {MAX_LENGTH} are allowed."
            )
        self.source = source
        self.tokens = _tokens(source)
        self.index = 0
        self.nesting = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.index]

    def problem(self, text: str) -> ExpressionError:
        return ExpressionError(_at(self.source, self.token.position, text))

    def take(self, kind: str, *values: str) -> str | None:
        """Consume the next token if it is of this kind, and one of these values."""
        token = self.token
        if token.kind == kind and (not values or token.value in values):
            self.index += 1
            return token.value
        return None

    def need(self, kind: str, value: str) -> None:
        if self.take(kind, value) is None:
            found = self.token.value or "the end"
            raise self.problem(f"'{value}' was expected, '{found}' was found")

    def deeper(self) -> None:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise ExpressionError(
                f"An expression is nested more than {MAX_NESTING} deep; write it in simpler parts."
            )

    def either(self) -> Node:
        self.deeper()
        operands = [self.both()]
        while self.take("keyword", "or"):
            operands.append(self.both())
        self.nesting -= 1
        return operands[0] if len(operands) == 1 else Logic("or", tuple(operands))

    def both(self) -> Node:
        operands = [self.negation()]
        while self.take("keyword", "and"):
            operands.append(self.negation())
        return operands[0] if len(operands) == 1 else Logic("and", tuple(operands))

    def negation(self) -> Node:
        if self.take("keyword", "not"):
            self.deeper()
            operand = self.negation()
            self.nesting -= 1
            return Not(operand)
        return self.relation()

    def relation(self) -> Node:
        left = self.sum()
        operator = self.take("operator", *_COMPARISONS)
        if operator:
            right = self.sum()
            if self.token.value in _COMPARISONS:
                raise self.problem("comparisons cannot be chained; join two of them with 'and'")
            return Comparison(operator, left, right)
        if self.take("keyword", "is"):
            negated = self.take("keyword", "not") is not None
            self.need("keyword", "missing")
            return Missing(left, negated)
        if self.take("keyword", "in"):
            return Membership(left, self.values(), negated=False)
        if self.take("keyword", "not"):
            self.need("keyword", "in")
            return Membership(left, self.values(), negated=True)
        if self.token.value == "=":
            raise self.problem("'=' does not compare; write '=='")
        return left

    def values(self) -> tuple[Node, ...]:
        self.need("operator", "[")
        values = [self.sum()]
        while self.take("operator", ","):
            values.append(self.sum())
        self.need("operator", "]")
        return tuple(values)

    def sum(self) -> Node:
        return self.chain(self.product, ("+", "-"))

    def product(self) -> Node:
        return self.chain(self.interaction, ("*", "/"))

    def interaction(self) -> Node:
        return self.chain(self.sign, (":",))

    def chain(self, operand: Callable[[], Node], operators: tuple[str, ...]) -> Node:
        first = operand()
        rest: list[tuple[str, Node]] = []
        while (operator := self.take("operator", *operators)) is not None:
            rest.append((operator, operand()))
        return first if not rest else Chain(first, tuple(rest))

    def sign(self) -> Node:
        if self.take("operator", "-"):
            self.deeper()
            operand = self.sign()
            self.nesting -= 1
            return Number(-operand.value) if isinstance(operand, Number) else Negative(operand)
        return self.power()

    def power(self) -> Node:
        base = self.atom()
        if self.take("operator", "**") is None:
            return base
        negative = self.take("operator", "-") is not None
        digits = self.take("number")
        if digits is None:
            raise self.problem("a power must be a plain number, such as x**2")
        exponent = -float(digits) if negative else float(digits)
        if abs(exponent) > MAX_POWER:
            raise self.problem(f"powers beyond {MAX_POWER:g} are not allowed")
        return Power(base, exponent)

    def atom(self) -> Node:
        if (digits := self.take("number")) is not None:
            return Number(float(digits))
        if self.token.kind == "text":
            return Text(str(self.take("text")))
        if (word := self.take("keyword", "true", "false")) is not None:
            return Truth(word == "true")
        if self.take("operator", "("):
            inner = self.either()
            self.need("operator", ")")
            return inner
        if self.token.kind == "name":
            name = str(self.take("name"))
            return self.call(name) if self.take("operator", "(") else Name(name)
        found = self.token.value or "the end"
        raise self.problem(f"a name, a number or a text was expected, '{found}' was found")

    def call(self, function: str) -> Call:
        arguments: list[Node] = []
        options: list[tuple[str, Node]] = []
        while self.take("operator", ")") is None:
            if arguments or options:
                self.need("operator", ",")
            following = self.tokens[self.index + 1] if self.token.kind == "name" else self.token
            if self.token.kind == "name" and following.value == "=":
                option = str(self.take("name"))
                self.need("operator", "=")
                options.append((option, self.either()))
            else:
                arguments.append(self.either())
        return Call(function, tuple(arguments), tuple(options))

    def finish(self, *stops: str) -> None:
        if self.token.kind != "end" and self.token.value not in stops:
            raise self.problem(f"'{self.token.value}' was not expected here")


def parse_expression(source: str) -> Node:
    """Tree of a rule or derivation; raises ExpressionError with the place of the trouble."""
    parser = _Parser(source)
    if parser.token.kind == "end":
        raise ExpressionError("An expression is empty; write a rule such as 'vas_mean >= 4'.")
    node = parser.either()
    parser.finish()
    return node


def parse_two_sides(source: str) -> tuple[str, Node, Node]:
    """Text of the left side of a formula ``left ~ right``, and the trees of both sides."""
    parser = _Parser(source)
    left = parser.either()
    parser.finish("~")
    written = source[: parser.token.position].strip()
    if parser.take("operator", "~") is None:
        raise parser.problem("a formula needs '~' between the outcome and the predictors")
    right = parser.either()
    parser.finish()
    return written, left, right


_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


def quoted(name: str) -> str:
    """A variable's name as rules and formulas write it: in backticks where it needs them."""
    if _PLAIN_NAME.fullmatch(name) is not None and name.lower() not in _KEYWORDS:
        return name
    if "`" in name:
        raise ExpressionError(
            f"The name '{name}' holds a backtick, so no rule or formula can write it. "
            "Rename the column in the file."
        )
    return f"`{name}`"
