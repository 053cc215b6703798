"""The part of the R script that fits a penalised model with glmnet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from vertebrisk.report.reproduction.model import compared
from vertebrisk.report.reproduction.r_code import r_number
from vertebrisk.report.reproduction.sampling import correct_sampling
from vertebrisk.report.results.study import StudyResult

if TYPE_CHECKING:
    from vertebrisk.report.results.penalised import PenalisedResult

_CONSTANT = "(Intercept)"
_TIGHT = "thresh = 1e-20, maxit = 1e8"  # bounds the square of a step


def fit_penalised(
    result: StudyResult, found: PenalisedResult, outcome: str, terms: str
) -> list[str]:
    """Lines that fit all candidates at the report's penalty and compare the coefficients.

    The penalty itself is not looked for again: the folds are not those that R would deal.
    """
    moved = 0.0 if result.sampling is None else result.sampling.offset
    lines = [
        *_columns(terms),
        f"path <- {_lambdas(found)}",
        f'fit <- glmnet(columns, patients${outcome}, family = "binomial", '
        f"alpha = {r_number(found.mix)}, lambda = path, {_factors(found)}{_TIGHT})",
        "estimates <- as.matrix(coef(fit))[, length(path)]",
        *_compared(found, moved),
        "linear <- drop(cbind(1, columns) %*% estimates)",
        f'curve <- roc(patients${outcome}, linear, quiet = TRUE, direction = "<")',
    ]
    if result.multivariable and result.c_index.estimate != 0.5:
        lines.append(compared("C-index", result.c_index.estimate, "as.numeric(auc(curve))"))
    return [*lines, *_weighted(result, found, outcome)]


def _weighted(result: StudyResult, found: PenalisedResult, outcome: str) -> list[str]:
    """Lines that weight sampled controls to their population, under the same penalty."""
    sampling = result.sampling
    if sampling is None:
        return []
    estimates = {
        (row["term"], row["level"]): row["estimate"]
        for row in sampling.estimates.filter(method="weighted").iter_rows(named=True)
    }
    lines = [
        *correct_sampling(sampling),
        f'fit <- glmnet(columns, patients${outcome}, family = "binomial", weights = weight,',
        f"  alpha = {r_number(found.mix)}, lambda = path, {_factors(found)}{_TIGHT})",
        "weighted <- as.matrix(coef(fit))[, length(path)]",
    ]
    for place, row in enumerate(found.coefficients.iter_rows(named=True), start=1):
        value = estimates.get((row["term"], row["level"]), 0.0)
        label = f"Weighted B {row['term']} {row['level']}".strip()
        lines.append(compared(label, value, f"weighted[[{place}]]"))
    return lines


def fit_penalised_cox(
    found: PenalisedResult, terms: str, ties: str, time: str, status: str
) -> list[str]:
    """The same for a Cox model, whose ties glmnet treats by Breslow's method alone."""
    if ties != "breslow":
        return ['cat("glmnet knows Breslow\'s ties only: nothing is compared.", fill = TRUE)']
    return [
        *_columns(terms),
        "# glmnet is not sure who is at risk where a patient is censored at the time of an event;",
        "# censored a little later, he is.",
        f"moments <- sort(unique(patients${time}))",
        "little <- if (length(moments) > 1) min(diff(moments)) / 4 else 1",
        f"event <- as.numeric(patients${status} == 1)",
        f"followed <- Surv(patients${time} + (1 - event) * little, event)",
        f"path <- {_lambdas(found)}",
        f'fit <- glmnet(columns, followed, family = "cox", alpha = {r_number(found.mix)}, '
        f"lambda = path, {_factors(found)}{_TIGHT})",
        "estimates <- as.matrix(coef(fit))[, length(path)]",
        *_compared(found, 0.0),
    ]


def _factors(found: PenalisedResult) -> str:
    """The penalty factor of each column, where any candidate has one of its own."""
    if not found.factors:
        return ""
    terms = found.coefficients.filter(pl.col("term") != _CONSTANT)["term"].to_list()
    each = [r_number(found.factors.get(term, 1.0)) for term in terms]
    each = each * 2 if len(each) == 1 else each  # the column that glmnet wants beside a single one
    return f"penalty.factor = c({', '.join(each)}), "


def _columns(terms: str) -> list[str]:
    return [
        "library(glmnet)",
        'options(contrasts = c("contr.treatment", "contr.poly"))',
        f"columns <- model.matrix(~ {terms}, data = patients)[, -1, drop = FALSE]",
        "# glmnet wants two columns at least; one that is constant changes nothing.",
        "if (ncol(columns) == 1) columns <- cbind(columns, 0)",
    ]


def _lambdas(found: PenalisedResult) -> str:
    """Penalties that fall to the report's, which is reached from a warm start."""
    highest = max(float(found.path["penalty"].to_numpy().max(initial=0.0)), 2.0 * found.penalty)
    return f"exp(seq(log({r_number(highest)}), log({r_number(found.penalty)}), length.out = 30))"


def _compared(found: PenalisedResult, moved: float) -> list[str]:
    rows = found.coefficients
    constant = rows.filter(pl.col("term") == _CONSTANT)
    rest = rows.filter(pl.col("term") != _CONSTANT)
    before = constant.height
    lines = [
        compared("B constant", row["estimate"], f"estimates[[1]] - {r_number(moved)}")
        for row in constant.iter_rows(named=True)
    ]
    for place, row in enumerate(rest.iter_rows(named=True), start=1 + before):
        label = f"B {row['term']} {row['level']}".strip()
        lines.append(compared(label, row["estimate"], f"estimates[[{place}]]"))
    return lines


def compare_shrunken(result: StudyResult) -> list[str]:
    """Lines that refit the intercept beside the shrunken coefficients, at the report's factor."""
    found = result.shrinkage
    if found is None:
        return []
    moved = 0.0 if result.sampling is None else result.sampling.offset
    constant = found.coefficients["shrunken"][0]
    return [
        "shrunken <- drop(model.matrix(fit)[, -1, drop = FALSE] %*% coef(fit)[-1])",
        f"shrunken <- {r_number(found.factor)} * shrunken",
        "again <- glm(fit$y ~ offset(shrunken), family = binomial, control = precise)",
        compared("B constant, shrunken", constant, f"coef(again)[[1]] - {r_number(moved)}"),
    ]
