"""The part of the R script that searches for the powers of fractional polynomials anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from vertebrisk.design.syntax import parse_expression
from vertebrisk.design.terms import parse_terms
from vertebrisk.report.reproduction.model import compared
from vertebrisk.report.reproduction.r_code import r_code, r_number, r_string
from vertebrisk.report.results.study import StudyResult

if TYPE_CHECKING:
    from vertebrisk.report.results.shapes import PowersResult

TRANSFORMATION = """\
# Columns of a fractional polynomial: powers of (x + shift) / scale, repeated ones with logarithms.
fractional <- function(name, powers, shift, scale) {
  force(shift)
  force(scale)
  orders <- ave(powers, powers, FUN = seq_along) - 1
  function(x) {
    z <- (x + shift) / scale
    column <- function(p, k) if (p == 0) log(z)^(k + 1) else z^p * log(z)^k
    called <- list(NULL, paste0(name, "_power", seq_along(powers)))
    matrix(mapply(column, powers, orders), length(x), length(powers), dimnames = called)
  }
}
"""

_SEARCH = """\

# ---- powers -------------------------------------------------------------

# Every shape of each polynomial, the other terms as they stand in the model.
grid <- c(-2, -1, -0.5, 0, 0.5, 1, 2, 3)
pairs <- c(lapply(grid, rep, 2), combn(grid, 2, simplify = FALSE))
likelihood <- function(terms) {
  asked <- update(formula, as.formula(paste(". ~", paste(c("1", terms), collapse = " + "))))
  as.numeric(logLik(FITTER(asked, data = patients, OPTIONS)))
}
search <- function(variable, others, shapes, shift, scale) {
  none <- likelihood(others)
  gains <- vapply(shapes, function(p) {
    columns <- fractional(variable, p, shift, scale)(patients[[variable]])
    patients[paste0(".power", seq_along(p))] <<- as.data.frame(columns)
    2 * (likelihood(c(others, paste0(".power", seq_along(p)))) - none)
  }, 0)
  list(gain = max(gains), powers = unname(sort(shapes[[which.max(gains)]])))
}
"""


def has_powers(terms: Sequence[str]) -> bool:
    """True where a term of the formula is a fractional polynomial."""
    return any(
        factor.kind == "powers" for term in parse_terms(tuple(terms)) for factor in term.factors
    )


def compare_powers(
    result: StudyResult, terms: Sequence[str], names: Mapping[str, str], strata: Sequence[str] = ()
) -> list[str]:
    """Lines that search for the powers of every polynomial and compare what they gain."""
    searched = () if result.shapes is None else result.shapes.powers
    unsettled = any(finding.code == "powers-unsettled" for finding in result.findings)
    if not searched or unsettled:
        return []
    cox = result.survival is not None
    options = f"{'ties = fit$method' if cox else 'family = binomial'}, control = precise"
    fitter = "coxph" if cox else "glm"
    defined = [] if has_powers(terms) else [TRANSFORMATION]
    lines = [*defined, _SEARCH.replace("FITTER", fitter).replace("OPTIONS", options)]
    for each in searched:
        others = [
            r_code(parse_expression(term), names)
            for term in terms
            if each.variable not in parse_terms((term,))[0].variables
        ]
        others += [f"strata({names[name]})" for name in strata]
        lines += _compared(each, names[each.variable], others)
    return lines


def _compared(each: PowersResult, name: str, others: Sequence[str]) -> list[str]:
    """Lines for one variable: its straight line, best power and best pair."""
    kept = f"c({', '.join(r_string(other) for other in others)})" if others else "character(0)"
    sized = f"{r_number(each.shift)}, {r_number(each.scale)}"
    asked: list[tuple[str, str, float, tuple[float, ...]]] = [
        ("a straight line", "list(1)", each.linear, (1.0,)),
        ("one power", "as.list(grid)", each.fp1, each.fp1_powers),
    ]
    if each.fp2 is not None and each.fp2_powers is not None:
        asked.append(("two powers", "pairs", each.fp2, each.fp2_powers))
    lines = []
    for what, shapes, gain, powers in asked:
        found = f"search({r_string(name)}, {kept}, {shapes}, {sized})"
        lines.append(f"found <- {found}")
        label = f"{each.label}, chi-square of {what}"
        lines.append(compared(label, gain, "found$gain"))
        if what != "a straight line":
            for place, power in enumerate(powers, start=1):
                named = f"{each.label}, power {place} of {what}"
                lines.append(compared(named, power, f"found$powers[{place}]"))
    return lines
