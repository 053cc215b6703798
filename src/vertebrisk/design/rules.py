"""Rules and derivations evaluated on a table.

A rule compares labels, numbers and dates and yields true, false or missing; a
comparison with a missing value is missing. A derivation yields a number.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import polars as pl

from vertebrisk._checks import nearest
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
from vertebrisk.design.syntax import parse_expression, quoted
from vertebrisk.errors import ExpressionError

Kind = Literal["number", "text", "truth", "date", "duration"]
MOST_OPERANDS = 100
MOST_SHOWN_TEXTS = 8
FEWEST_OF_SHOWN_TEXT = 3
_KIND_NAMES: dict[Kind, str] = {
    "number": "a number",
    "text": "a text",
    "truth": "true or false",
    "date": "a date",
    "duration": "a span of time",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed rule or derivation; made by `Expression.parse`, never by hand."""

    source: str
    node: Node

    @classmethod
    def parse(cls, source: str) -> Expression:
        """Parse, or raise ExpressionError with the place of the trouble."""
        return cls(source, parse_expression(source))

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the expression reads."""
        return names_in(self.node)

    def rule(self, frame: pl.DataFrame) -> pl.Series:
        """Boolean series, one value a row, null where missing values leave it open."""
        expr, kind = self._compiled(frame)
        if kind == "number" and isinstance(self.node, Name):
            _check_truth(frame, self.node.value)
            return (frame[self.node.value].cast(pl.Float64) == 1.0).alias("result")
        if kind == "text" and isinstance(self.node, Name):
            raise ExpressionError(_compare_instead(frame, self.node.value))
        if kind != "truth":
            raise ExpressionError(
                f"'{self.source}' gives {_KIND_NAMES[kind]}; a rule must be true or false, "
                "such as 'vas_mean >= 4'."
            )
        return _evaluated(frame, expr)

    def values(self, frame: pl.DataFrame) -> pl.Series:
        """Float series, one value a row: what a derived variable is."""
        expr, kind = self._compiled(frame)
        if kind == "duration":
            expr, kind = expr.dt.total_days(), "number"
        if kind not in ("number", "truth"):
            span = ", such as the days between two: 'last_visit - surgery'"
            raise ExpressionError(
                f"'{self.source}' gives {_KIND_NAMES[kind]}; a derived variable is a number"
                f"{span if kind == 'date' else ''}."
            )
        return _evaluated(frame, expr.cast(pl.Float64))

    def is_duration(self, frame: pl.DataFrame) -> bool:
        """True where the values are spans between dates, which count days."""
        return self._compiled(frame)[1] == "duration"

    def _compiled(self, frame: pl.DataFrame) -> tuple[pl.Expr, Kind]:
        try:
            return _compile(self.node, frame)
        except ExpressionError as error:
            raise ExpressionError(f"In '{self.source}': {error}") from None


def _evaluated(frame: pl.DataFrame, expr: pl.Expr) -> pl.Series:
    result = frame.select(expr.alias("result"))["result"]
    if len(result) == frame.height:
        return result
    return result.new_from_index(0, frame.height)  # a constant


def _column_kind(frame: pl.DataFrame, name: str) -> Kind:
    if name not in frame.columns:
        raise ExpressionError(f"there is no column '{name}'.{nearest(name, frame.columns)}")
    dtype = frame.schema[name]
    if dtype.is_numeric() or dtype == pl.Null:
        return "number"
    if dtype == pl.Boolean:
        return "truth"
    if dtype in (pl.Date, pl.Datetime):
        return "date"
    if dtype == pl.Duration:
        return "duration"
    return "text"


def _compare_instead(frame: pl.DataFrame, name: str) -> str:
    if frame[name].null_count() == frame.height:
        return f"'{name}' has no value in any row."
    labels = _common_labels(frame, name)
    shown = f" Its labels are {', '.join(map(repr, labels[:8]))}." if labels else ""
    example = labels[-1] if labels else "Yes"
    return (
        f"'{name}' holds labels, not true and false; compare it, such as "
        f"{quoted(name)} == {example!r}.{shown}"
    )


def _common_labels(frame: pl.DataFrame, name: str) -> list[str]:
    """Labels of a column; of plain texts only if few and shared, since cells stay private."""
    dtype = frame.schema[name]
    if isinstance(dtype, pl.Enum):
        return [str(label) for label in dtype.categories]
    counts = frame[name].drop_nulls().value_counts()
    if counts.height > MOST_SHOWN_TEXTS or (counts["count"] < FEWEST_OF_SHOWN_TEXT).any():
        return []
    return sorted(str(text) for text in counts[name].to_list())


def _as_truth(frame: pl.DataFrame, name: str) -> pl.Expr:
    _check_truth(frame, name)
    return pl.col(name) == 1


def _check_truth(frame: pl.DataFrame, name: str) -> None:
    """Refuse a column with numbers other than 0 and 1."""
    column = frame[name]
    known = (column.drop_nulls() if column.null_count() else column).cast(pl.Float64)
    values = known.to_numpy()
    if not ((values == 0.0) | (values == 1.0)).all():
        counts = known.alias("number").value_counts()
        shown, example = "", ">= 4"
        if counts.height <= MOST_SHOWN_TEXTS and (counts["count"] >= FEWEST_OF_SHOWN_TEXT).all():
            numbers = [f"{number:g}" for number in counts["number"].sort().to_list()]
            shown = f" Its numbers are {', '.join(numbers)}."
            example = f"== {numbers[-1]}"
        raise ExpressionError(
            f"'{name}' holds numbers other than 0 and 1; compare it, such as "
            f"'{quoted(name)} {example}'.{shown}"
        )


def _compile(node: Node, frame: pl.DataFrame) -> tuple[pl.Expr, Kind]:
    match node:
        case Number(value):
            return pl.lit(value), "number"
        case Text(value):
            return pl.lit(value), "text"
        case Truth(value):
            return pl.lit(value), "truth"
        case Name(value):
            kind = _column_kind(frame, value)
            column = pl.col(value)
            return (column.cast(pl.String) if kind == "text" else column), kind
        case Negative(operand):
            return -_number(operand, frame), "number"
        case Power(base, exponent):
            return _number(base, frame).cast(pl.Float64) ** exponent, "number"
        case Chain(first, rest):
            return _arithmetic(first, rest, frame)
        case Call():
            return _call(node, frame)
        case Comparison():
            return _comparison(node, frame), "truth"
        case Membership(operand, values, negated):
            found = _any([_comparison(Comparison("==", operand, each), frame) for each in values])
            return (~found if negated else found), "truth"
        case Missing(operand, negated):
            expr, _ = _compile(operand, frame)
            return (expr.is_not_null() if negated else expr.is_null()), "truth"
        case Not(operand):
            return ~_truth(operand, frame), "truth"
        case Logic(operator, operands):
            parts = [_truth(operand, frame) for operand in operands]
            return (_any(parts) if operator == "or" else _all(parts)), "truth"


def _any(parts: list[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(parts) if len(parts) > 1 else parts[0]


def _all(parts: list[pl.Expr]) -> pl.Expr:
    return pl.all_horizontal(parts) if len(parts) > 1 else parts[0]


def _number(node: Node, frame: pl.DataFrame) -> pl.Expr:
    expr, kind = _compile(node, frame)
    if kind == "truth":
        return expr.cast(pl.Float64)
    if kind != "number":
        raise ExpressionError(f"arithmetic needs numbers, but one part is {_KIND_NAMES[kind]}.")
    return expr


def _truth(node: Node, frame: pl.DataFrame) -> pl.Expr:
    expr, kind = _compile(node, frame)
    if kind == "number" and isinstance(node, Name):
        return _as_truth(frame, node.value)
    if kind == "text" and isinstance(node, Name):
        raise ExpressionError(_compare_instead(frame, node.value))
    if kind != "truth":
        raise ExpressionError(
            f"'and', 'or' and 'not' join comparisons, but one part is {_KIND_NAMES[kind]}."
        )
    return expr


def _arithmetic(
    first: Node, rest: tuple[tuple[str, Node], ...], frame: pl.DataFrame
) -> tuple[pl.Expr, Kind]:
    if len(rest) >= MOST_OPERANDS:
        raise ExpressionError(
            f"{len(rest) + 1} parts are joined by arithmetic; at most {MOST_OPERANDS} are allowed. "
            "Derive parts of it first, or use mean(...)."
        )
    expr, kind = _compile(first, frame)
    if kind == "date" and len(rest) == 1 and rest[0][0] == "-":
        other, other_kind = _compile(rest[0][1], frame)
        if other_kind == "date":
            return (expr - other), "duration"
    expr = _number(first, frame)
    for operator, operand in rest:
        other = _number(operand, frame)
        if operator == "+":
            expr = expr + other
        elif operator == "-":
            expr = expr - other
        elif operator == "*":
            expr = expr * other
        elif operator == "/":
            expr = expr / other
        else:
            raise ExpressionError(
                f"'{operator}' joins terms of a formula; it has no place in a rule."
            )
    return expr, "number"


def _comparison(node: Comparison, frame: pl.DataFrame) -> pl.Expr:
    left, left_kind = _compile(node.left, frame)
    right, right_kind = _compile(node.right, frame)
    if left_kind == "date" and isinstance(node.right, Text):
        right, right_kind = pl.lit(_date(node.right.value)), "date"
    if right_kind == "date" and isinstance(node.left, Text):
        left, left_kind = pl.lit(_date(node.left.value)), "date"
    if {left_kind, right_kind} == {"duration", "number"}:
        left = left.dt.total_days() if left_kind == "duration" else left
        right = right.dt.total_days() if right_kind == "duration" else right
        left_kind = right_kind = "number"
    if {left_kind, right_kind} == {"truth", "number"}:
        left, right, left_kind, right_kind = (
            left.cast(pl.Float64),
            right.cast(pl.Float64),
            "number",
            "number",
        )
    if left_kind != right_kind:
        _check_not_empty(node, frame)
        hint = _label_hint(node, frame)
        if {left_kind, right_kind} == {"date", "number"}:
            hint = f" Dates are quoted: {_date_meant(node)}."
        raise ExpressionError(
            f"{_KIND_NAMES[left_kind]} is compared with {_KIND_NAMES[right_kind]}.{hint}"
        )
    if left_kind == "number":
        left, right = _known(left), _known(right)
    if left_kind == "text":
        _check_label(node, frame)
    if left_kind == "text" and node.operator not in ("==", "!="):
        raise ExpressionError(
            f"texts have no order, so '{node.operator}' does not apply; use ==, != or in [...]."
        )
    operations = {
        "==": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }
    return operations[node.operator]


def _known(expr: pl.Expr) -> pl.Expr:
    """Numbers with what is no number (0/0, log(-1), 1/0) taken as missing."""
    number = expr.cast(pl.Float64)
    return pl.when(number.is_finite()).then(number)


def _check_not_empty(node: Comparison, frame: pl.DataFrame) -> None:
    for side in (node.left, node.right):
        if isinstance(side, Name) and frame[side.value].null_count() == frame.height:
            raise ExpressionError(f"'{side.value}' has no value in any row.")


def _labels(node: Node, frame: pl.DataFrame) -> list[str]:
    if isinstance(node, Name) and isinstance(frame.schema.get(node.value), pl.Enum):
        return [str(label) for label in frame[node.value].dtype.categories]  # type: ignore[attr-defined]
    return []


def _label_hint(node: Comparison, frame: pl.DataFrame) -> str:
    labels = _labels(node.left, frame) or _labels(node.right, frame)
    return f" Its labels are {', '.join(repr(label) for label in labels[:8])}." if labels else ""


def _check_label(node: Comparison, frame: pl.DataFrame) -> None:
    for side, other in ((node.left, node.right), (node.right, node.left)):
        labels = _labels(side, frame)
        if labels and isinstance(other, Text) and other.value not in labels:
            raise ExpressionError(
                f"'{other.value}' is not a label of this column.{nearest(other.value, labels)}"
                f"{_label_hint(node, frame)}"
            )


def _date_meant(node: Comparison) -> str:
    """The date that 2020-06-01 without quotes, a subtraction, was meant to be."""
    for side in (node.left, node.right):
        if isinstance(side, Chain) and isinstance(side.first, Number):
            parts = [side.first.value]
            parts += [each.value for _, each in side.rest if isinstance(each, Number)]
            if len(parts) == 3:
                year, month, day = (f"{part:02.0f}" for part in parts)
                return f"'{year}-{month}-{day}'"
    return "'2020-06-01'"


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ExpressionError(
            f"'{text}' is not a date; write year-month-day, 2021-04-30."
        ) from None


def _call(node: Call, frame: pl.DataFrame) -> tuple[pl.Expr, Kind]:
    if node.options:
        raise ExpressionError(f"{node.function}() takes no named options in a rule.")
    unary = {"log", "sqrt", "exp", "abs"}
    several = {"min", "max", "mean"}
    if node.function not in unary | several:
        known = sorted(unary | several)
        raise ExpressionError(
            f"there is no function '{node.function}'; known are {', '.join(known)}."
            f"{nearest(node.function, known)}"
        )
    arguments = [_number(argument, frame).cast(pl.Float64) for argument in node.arguments]
    if node.function in unary:
        if len(arguments) != 1:
            raise ExpressionError(f"{node.function}() takes one argument, not {len(arguments)}.")
        return getattr(arguments[0], node.function)(), "number"
    if not arguments:
        raise ExpressionError(f"{node.function}() needs at least one argument.")
    complete = pl.all_horizontal([argument.is_not_null() for argument in arguments])
    combine = {"min": pl.min_horizontal, "max": pl.max_horizontal, "mean": pl.mean_horizontal}
    return pl.when(complete).then(combine[node.function](*arguments)), "number"
