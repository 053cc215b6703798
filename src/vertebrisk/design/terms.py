"""Terms of a formula as written: what is entered, and how it is transformed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, Protocol

from vertebrisk._checks import nearest
from vertebrisk.design.nodes import Call, Chain, Name, Node, Number, Power, Text
from vertebrisk.design.syntax import MAX_POWER, parse_expression, quoted
from vertebrisk.errors import ExpressionError

FactorKind = Literal["plain", "categorical", "rcs", "log", "sqrt", "power", "powers", "fp"]
_FUNCTIONS = ("C", "rcs", "log", "sqrt", "fp", "powers")
MOST_POWERS = 4


@dataclass(frozen=True, slots=True)
class WrittenFactor:
    """One variable with its transformation, as a formula or protocol writes it.

    `degree` is that of a fractional polynomial whose powers are to be found, `powers` are those
    of one with known powers, with its shift and scale where they are written, too.
    """

    variable: str
    kind: FactorKind = "plain"
    knot_count: int = 0
    exponent: float = 1.0
    reference: str | None = None
    degree: int = 0
    powers: tuple[float, ...] = ()
    shift: float | None = None
    scale: float | None = None

    @property
    def name(self) -> str:
        """The factor as written, without backticks and without C()."""
        return factor_name(
            self.kind, self.variable, self.knot_count, self.exponent, self.powers, self.degree
        )

    @property
    def source(self) -> str:
        """The same with backticks where the variable needs them, as a formula reads it."""
        return replace(self, variable=quoted(self.variable)).name


def factor_name(
    kind: FactorKind,
    variable: str,
    knot_count: int,
    exponent: float,
    powers: tuple[float, ...] = (),
    degree: int = 0,
) -> str:
    """How a transformation of a variable is written."""
    match kind:
        case "fp":
            return f"fp({variable})" if degree == 2 else f"fp({variable}, {degree})"
        case "powers":
            return f"powers({', '.join([variable, *(f'{each:g}' for each in powers)])})"
        case "rcs":
            return f"rcs({variable}, {knot_count})"
        case "log" | "sqrt":
            return f"{kind}({variable})"
        case "power":
            return f"{variable}**{exponent:g}"
        case _:
            return variable


@dataclass(frozen=True, slots=True)
class WrittenTerm:
    """A factor, or an interaction of several."""

    factors: tuple[WrittenFactor, ...]

    @property
    def name(self) -> str:
        """The term as it appears in coefficient tables."""
        return ":".join(factor.name for factor in self.factors)

    @property
    def source(self) -> str:
        """The same with backticks where variables need them, as a formula reads it."""
        return ":".join(factor.source for factor in self.factors)

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables that the term reads."""
        return tuple(factor.variable for factor in self.factors)


class NamedTerm(Protocol):
    """A term, as a formula writes it or as a design holds it."""

    @property
    def name(self) -> str:
        """As coefficient tables call it."""
        ...

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables that it reads."""
        ...


def terms_named(name: str, terms: Sequence[NamedTerm]) -> list[str]:
    """Names of the terms that a name stands for.

    That is the term as written, such as ``rcs(age, 4)`` or ``age:sex``; a variable stands for
    all terms that read it alone.
    """
    try:
        written = parse_terms((name,))
    except ExpressionError:
        written = ()
    names = {name} | ({written[0].name} if len(written) == 1 else set())
    exact = [term.name for term in terms if term.name in names]
    return exact or [term.name for term in terms if set(term.variables) == {name}]


def parse_terms(sources: tuple[str, ...]) -> tuple[WrittenTerm, ...]:
    """Terms from a protocol's list; a plain entry is a column name, whatever its characters."""
    terms: dict[str, WrittenTerm] = {}
    for source in sources:
        node = parse_expression(source)
        if len(operands(node, "+")) > 1:
            raise ExpressionError(
                f"'{source}' is not a term of a formula but a sum of several; list each of its own."
            )
        found = terms_of(node)
        terms.update((term.name, term) for term in found)
    return tuple(terms.values())


def check_fractional(terms: Sequence[WrittenTerm]) -> None:
    """Refuse a fractional polynomial beside or inside another term of its variable.

    Raises
    ------
    ExpressionError
        Its powers cannot be found where the variable enters in another way as well.
    """
    for term in terms:
        inside = [each for each in term.factors if each.kind == "fp"]
        if inside and len(term.factors) > 1:
            raise ExpressionError(
                f"The powers of {inside[0].name} cannot be found inside the interaction "
                f"{term.name}; write known powers there, such as powers({inside[0].variable}, -1), "
                "or a spline."
            )
    for factor in (each for term in terms for each in term.factors if each.kind == "fp"):
        entries = [term.name for term in terms if factor.variable in term.variables]
        if len(entries) > 1:
            raise ExpressionError(
                f"'{factor.variable}' enters as {' and '.join(entries)}; beside {factor.name} "
                "there is no other term of the variable. Keep one of them."
            )


def terms_of(node: Node) -> tuple[WrittenTerm, ...]:
    """Terms of the right side of a formula, each once, interactions last."""
    terms: dict[tuple[str, ...], WrittenTerm] = {}
    for part in operands(node, "+"):
        for factors in _crossed(part):
            term = WrittenTerm(factors)
            terms.setdefault(tuple(sorted(factor.name for factor in factors)), term)
    ordered = sorted(terms.values(), key=lambda term: len(term.factors))
    return tuple(ordered)


def operands(node: Node, operator: str) -> tuple[Node, ...]:
    """What an operator joins; the whole tree where it joins nothing."""
    if not isinstance(node, Chain):
        return (node,)
    found = {each for each, _ in node.rest}
    if "-" in found or "/" in found:
        raise ExpressionError(
            "Terms are joined by '+', ':' and '*'; '-' and '/' have no meaning in a formula."
        )
    return (node.first, *(each for _, each in node.rest)) if found == {operator} else (node,)


def _crossed(node: Node) -> list[tuple[WrittenFactor, ...]]:
    parts = operands(node, "*")
    if len(parts) == 1:
        return [_interaction(node)]
    if len(parts) > 4:
        raise ExpressionError("At most four variables can be crossed by '*'.")
    pieces = [_interaction(part) for part in parts]
    return [
        tuple(factor for piece in chosen for factor in piece)
        for size in range(1, len(pieces) + 1)
        for chosen in combinations(pieces, size)
    ]


def _interaction(node: Node) -> tuple[WrittenFactor, ...]:
    return tuple(_factor(part) for part in operands(node, ":"))


def _factor(node: Node) -> WrittenFactor:
    match node:
        case Name(value):
            return WrittenFactor(value)
        case Power(Name(value), exponent):
            return WrittenFactor(value, "power", exponent=exponent)
        case Call():
            return _call(node)
        case _:
            raise ExpressionError(
                "A term is a name, C(x), rcs(x, k), log(x), sqrt(x), x**2, fp(x), powers(x, -1, "
                "2), or such joined by ':' or '*'; derive anything else as a variable first."
            )


def _call(node: Call) -> WrittenFactor:
    if node.function == "strata":
        raise ExpressionError(
            "strata() stands by itself in the formula of a Cox model, joined to the other terms "
            "by '+'; a logistic model has none."
        )
    if node.function not in _FUNCTIONS:
        raise ExpressionError(
            f"There is no function '{node.function}' in a formula; known are "
            f"{', '.join(_FUNCTIONS)}.{nearest(node.function, _FUNCTIONS)}"
        )
    if not node.arguments or not isinstance(node.arguments[0], Name):
        raise ExpressionError(f"{node.function}() takes a variable's name first.")
    variable = node.arguments[0].value
    options = dict(node.options)
    if node.function == "fp":
        return _fractional(node, variable)
    if node.function == "powers":
        return _powers(node, variable)
    if node.function == "C":
        reference = options.pop("ref", None)
        _nothing_left(node, options, allowed=1)
        if reference is not None and not isinstance(reference, Text | Number):
            raise ExpressionError(f'The reference of C({variable}) is a label: ref="label".')
        label = None if reference is None else _label(reference)
        return WrittenFactor(variable, "categorical", reference=label)
    if node.function == "rcs":
        _nothing_left(node, options, allowed=2)
        count = node.arguments[1] if len(node.arguments) == 2 else Number(5)
        if not isinstance(count, Number) or count.value not in range(3, 11):
            raise ExpressionError(f"rcs({variable}, k) takes 3 to 10 knots, such as rcs(age, 4).")
        return WrittenFactor(variable, "rcs", knot_count=int(count.value))
    _nothing_left(node, options, allowed=1)
    return WrittenFactor(variable, "log" if node.function == "log" else "sqrt")


def _fractional(node: Call, variable: str) -> WrittenFactor:
    """A fractional polynomial whose powers the data are to find."""
    degree = node.arguments[1] if len(node.arguments) == 2 else Number(2)
    if node.options or len(node.arguments) > 2 or degree not in (Number(1), Number(2)):
        raise ExpressionError(
            f"fp({variable}) takes the greatest degree, 1 or 2, such as fp({variable}, 1); known "
            f"powers are written powers({variable}, -1, 2)."
        )
    return WrittenFactor(variable, "fp", degree=int(degree.value))


def _powers(node: Call, variable: str) -> WrittenFactor:
    """A fractional polynomial of known powers."""
    given = [each.value for each in node.arguments[1:] if isinstance(each, Number)]
    options = {
        name: value.value
        for name, value in node.options
        if name in ("shift", "scale") and isinstance(value, Number)
    }
    understood = len(given) == len(node.arguments) - 1 and len(options) == len(node.options)
    if not understood or not 1 <= len(given) <= MOST_POWERS or options.get("scale", 1.0) <= 0:
        raise ExpressionError(
            f"powers({variable}, ...) takes 1 to {MOST_POWERS} numbers, 0 for the logarithm, and "
            f"perhaps shift and a scale above 0: powers({variable}, -1, 2, shift=1, scale=10)."
        )
    if max(map(abs, given)) > MAX_POWER:
        raise ExpressionError(f"Powers beyond {MAX_POWER:g} are not allowed.")
    return WrittenFactor(
        variable,
        "powers",
        powers=tuple(sorted(given)),
        shift=options.get("shift"),
        scale=options.get("scale"),
    )


def _label(node: Text | Number) -> str:
    return node.value if isinstance(node, Text) else f"{node.value:g}"


def _nothing_left(node: Call, options: dict[str, Node], allowed: int) -> None:
    if options or len(node.arguments) > allowed:
        raise ExpressionError(
            f"{node.function}() was given arguments that it does not take; "
            'write C(x), C(x, ref="label"), rcs(x, 4), log(x), sqrt(x), fp(x) or powers(x, -1).'
        )
