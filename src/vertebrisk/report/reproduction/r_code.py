"""Rules and derivations translated to R, from their syntax trees.

Only what the grammar of `vertebrisk.design.syntax` can say is ever written, and every
text goes through `r_string`, so no protocol can put code of its own into the script.
Missing values follow the grammar: a comparison with a missing value is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

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

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_RESERVED = frozenset(
    {"if", "else", "repeat", "while", "function", "for", "in", "next", "break"}
    | {"TRUE", "FALSE", "NULL", "Inf", "NaN", "NA", "T", "F", "c", "data"}
)
_UNARY = frozenset({"log", "sqrt", "exp", "abs"})
_SPLINES = frozenset({"rcs"})


def r_string(value: str) -> str:
    """A text as an R string in ASCII: everything else is escaped, nulls are left out."""
    return '"' + "".join(_r_character(character) for character in value) + '"'


def _r_character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    if 32 <= code < 127:
        return character
    if code == 0 or 0xD800 <= code <= 0xDFFF:
        return ""
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def r_number(value: float) -> str:
    """A number that R reads back to the same double."""
    if value != value:
        return "NA_real_"
    if value in (float("inf"), float("-inf")):
        return "Inf" if value > 0 else "-Inf"
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def r_names(names: Iterable[str]) -> dict[str, str]:
    """A plain R name for every column: its own where R allows it, else a numbered one."""
    given = list(dict.fromkeys(names))
    taken = {name for name in given if _is_plain(name)}
    chosen: dict[str, str] = {}
    for place, name in enumerate(given, start=1):
        plain = name if _is_plain(name) else f"column_{place}"
        while plain != name and plain in taken:
            plain += "_"
        taken.add(plain)
        chosen[name] = plain
    return chosen


def _is_plain(name: str) -> bool:
    return bool(_PLAIN.match(name)) and name not in _RESERVED


def r_code(node: Node, names: Mapping[str, str]) -> str:
    """An expression as R code.

    Parameters
    ----------
    node : Node
        Tree of a rule, a derivation, or one term of a formula.
    names : mapping
        Column to the R name that stands for it, as `r_names` makes them.

    Raises
    ------
    ExpressionError
        If a column has no R name, or a function has no R form.
    """
    match node:
        case Number(value):
            return r_number(value) if value >= 0 else f"({r_number(value)})"
        case Text(value):
            return r_string(value)
        case Truth(value):
            return "TRUE" if value else "FALSE"
        case Name(value):
            return _name(value, names)
        case Negative(operand):
            return f"(-{r_code(operand, names)})"
        case Power(base, exponent):
            return f"({r_code(base, names)}^{r_code(Number(exponent), names)})"
        case Chain(first, rest):
            parts = [f" {operator} {r_code(operand, names)}" for operator, operand in rest]
            return f"({r_code(first, names)}{''.join(parts)})"
        case Comparison(operator, left, right):
            return f"({r_code(left, names)} {operator} {r_code(right, names)})"
        case Membership():
            return _membership(node, names)
        case Missing(operand, negated):
            return f"{'!' if negated else ''}is.na({r_code(operand, names)})"
        case Not(operand):
            return f"!{_truth(operand, names)}"
        case Logic(operator, operands):
            sign = " & " if operator == "and" else " | "
            return f"({sign.join(_truth(operand, names) for operand in operands)})"
        case Call():
            return _call(node, names)


def _name(name: str, names: Mapping[str, str]) -> str:
    if name not in names:
        raise ExpressionError(f"There is no column '{name}' in the plan of the R script.")
    return names[name]


def _truth(node: Node, names: Mapping[str, str]) -> str:
    code = r_code(node, names)
    return f"({code} == 1)" if isinstance(node, Name) else code


def _membership(node: Membership, names: Mapping[str, str]) -> str:
    operand = r_code(node.operand, names)
    found = " | ".join(f"{operand} == {r_code(value, names)}" for value in node.values)
    return f"{'!' if node.negated else ''}({found})"


def _powers(node: Call, names: Mapping[str, str]) -> str:
    """A fractional polynomial by the script's own function, as one term of rms and of R."""
    options = {name: r_code(value, names) for name, value in node.options}
    given = sorted(each.value for each in node.arguments[1:] if isinstance(each, Number))
    powers = ", ".join(r_number(power) for power in given)
    shift, scale = options.get("shift", "0"), options.get("scale", "1")
    variable = r_code(node.arguments[0], names)
    return f"gTrans({variable}, fractional({r_string(variable)}, c({powers}), {shift}, {scale}))"


def _call(node: Call, names: Mapping[str, str]) -> str:
    if node.function == "powers":
        return _powers(node, names)
    arguments = [r_code(argument, names) for argument in node.arguments]
    joined = ", ".join(arguments)
    if node.function in _UNARY | _SPLINES:
        return f"{node.function}({joined})"
    if node.function == "C":
        return arguments[0]
    if node.function in ("min", "max"):
        return f"p{node.function}({joined})"
    if node.function == "mean":
        return f"(({' + '.join(arguments)}) / {len(arguments)})"
    raise ExpressionError(
        f"The function {node.function}() has no form in R; leave it out of the plan."
    )
