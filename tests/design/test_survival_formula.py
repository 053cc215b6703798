"""Formulas of a time to an event: both forms of Surv(), strata, and what is refused."""

from __future__ import annotations

import pytest

from vertebrisk.design.formulas import parse_formula, parse_survival_formula
from vertebrisk.errors import ExpressionError


def test_both_forms_and_strata() -> None:
    plain = parse_survival_formula("Surv(months, leakage) ~ age + rcs(`CT value`, 4)")
    assert (plain.time, plain.entry, plain.times) == ("months", None, ("months",))
    assert plain.event.names == ("leakage",)
    assert [term.name for term in plain.terms] == ["age", "rcs(CT value, 4)"]
    assert plain.strata == ()
    late = parse_survival_formula(
        "Surv(`day in`, out, status == 2) ~ strata(centre, sex) + a*b + strata(centre)"
    )
    assert late.times == ("day in", "out")
    assert late.event.names == ("status",)
    assert late.strata == ("centre", "sex")
    assert [term.name for term in late.terms] == ["a", "b", "a:b"]
    assert late.variables == ("a", "b", "centre", "sex")


@pytest.mark.parametrize("right", ["1", "strata(centre)", "1 + strata(centre)"])
def test_no_predictors(right: str) -> None:
    assert parse_survival_formula(f"Surv(time, event) ~ {right}").terms == ()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("event ~ a", r"write Surv\(time, event\) on the left"),
        ("Surv() ~ a", "is not understood"),
        ("Surv(time) ~ a", "is not understood"),
        ("Surv(time + 1, event) ~ a", "is not understood"),
        ("Surv(1, event) ~ a", "is not understood"),
        ("Surv(a, b, c, event) ~ a", "is not understood"),
        ("Surv(time, event) ~ a + strata()", r"strata\(\) takes names of columns"),
        ("Surv(time, event) ~ a + strata(b + c)", r"strata\(\) takes names of columns"),
        ("Surv(time, event) ~ a * strata(b)", "stands by itself"),
        ("Surv(time, event) ~ a - b", "have no meaning"),
        ("Surv(time, event) ~ 2", "A term is a name"),
    ],
)
def test_what_is_refused(source: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        parse_survival_formula(source)


def test_a_logistic_formula_has_neither() -> None:
    with pytest.raises(ExpressionError, match="fit_cox"):
        parse_formula("Surv(time, event) ~ a")
    with pytest.raises(ExpressionError, match="a logistic model has none"):
        parse_formula("event ~ a + strata(b)")
