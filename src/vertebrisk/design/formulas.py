"""Formulas: an outcome on the left, terms on the right."""

from __future__ import annotations

from dataclasses import dataclass

from vertebrisk.design.nodes import Call, Chain, Name, Node, Number
from vertebrisk.design.rules import Expression
from vertebrisk.design.syntax import parse_two_sides
from vertebrisk.design.terms import WrittenTerm, operands, terms_of
from vertebrisk.errors import ExpressionError


@dataclass(frozen=True, slots=True)
class Formula:
    """``outcome ~ terms``: the left side a rule, the right side a list of terms."""

    source: str
    outcome: Expression
    terms: tuple[WrittenTerm, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables of the right side, each once."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.variables))


def parse_formula(source: str) -> Formula:
    """Parse ``event ~ a + rcs(b, 4) + C(d, ref="x") + e:f``.

    Raises
    ------
    ExpressionError
        When it is not in the grammar; the message names the place.
    """
    written, left, right = parse_two_sides(source)
    if isinstance(left, Call) and left.function == "Surv":
        raise ExpressionError(
            "Surv() describes a time to an event; fit_logistic takes a binary outcome on the left, "
            "fit_cox a time."
        )
    return Formula(source, Expression(written, left), terms_of(right))


def outcome_name(formula: Formula) -> str:
    """What the outcome of a formula is called: its column, or the rule."""
    names = formula.outcome.names
    return names[0] if len(names) == 1 else formula.outcome.source


@dataclass(frozen=True, slots=True)
class SurvivalFormula:
    """``Surv(time, event) ~ terms``, perhaps with an entry time and with strata.

    Attributes
    ----------
    source : str
    time : str
        Column of the time to the event or to censoring.
    event : Expression
        True where the event occurred.
    entry : str or None
        Column of the time of entry.
    terms : tuple of WrittenTerm
    strata : tuple of str
        Columns whose groups have a baseline hazard each.
    """

    source: str
    time: str
    event: Expression
    entry: str | None
    terms: tuple[WrittenTerm, ...]
    strata: tuple[str, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables of the right side, strata among them, each once."""
        names = [name for term in self.terms for name in term.variables]
        return tuple(dict.fromkeys([*names, *self.strata]))

    @property
    def times(self) -> tuple[str, ...]:
        """Columns of times."""
        return (self.time,) if self.entry is None else (self.entry, self.time)


def parse_survival_formula(source: str) -> SurvivalFormula:
    """Parse ``Surv(time, event) ~ a + rcs(b, 4) + strata(c)``.

    The left side may be ``Surv(entry, exit, event)``. The event is a column or a rule, such
    as ``status == 2``. The right side may be ``1``, or strata alone: no predictors.

    Raises
    ------
    ExpressionError
        When it is not in the grammar; the message names the place.
    """
    written, left, right = parse_two_sides(source)
    if not isinstance(left, Call) or left.function != "Surv":
        raise ExpressionError(
            f"'{written}' is not a time to an event; write Surv(time, event) on the left, or "
            "Surv(entry, exit, event) where patients came under observation later."
        )
    times, event = left.arguments[:-1], left.arguments[-1] if left.arguments else None
    named = [each.value for each in times if isinstance(each, Name)]
    if left.options or event is None or len(named) != len(times) or len(times) not in (1, 2):
        raise ExpressionError(
            f"'{written}' is not understood; Surv() takes the column of the time, or those of "
            "entry and exit, and then the event: Surv(months, leakage), Surv(entry, exit, status "
            "== 2)."
        )
    strata, kept = _strata(right)
    return SurvivalFormula(
        source=source,
        time=named[-1],
        event=Expression(event.value if isinstance(event, Name) else written, event),
        entry=named[0] if len(named) == 2 else None,
        terms=kept,
        strata=strata,
    )


def _strata(right: Node) -> tuple[tuple[str, ...], tuple[WrittenTerm, ...]]:
    """Columns of ``strata()``, and the terms that are left."""
    strata: list[str] = []
    others: list[Node] = []
    for part in operands(right, "+"):
        if isinstance(part, Call) and part.function == "strata":
            names = [each.value for each in part.arguments if isinstance(each, Name)]
            if part.options or not names or len(names) != len(part.arguments):
                raise ExpressionError("strata() takes names of columns, such as strata(centre).")
            strata += names
        elif part != Number(1.0):
            others.append(part)
    if not others:
        return tuple(dict.fromkeys(strata)), ()
    first, rest = others[0], tuple(("+", each) for each in others[1:])
    return tuple(dict.fromkeys(strata)), terms_of(Chain(first, rest) if rest else first)
