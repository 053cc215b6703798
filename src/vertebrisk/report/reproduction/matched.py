"""The part of the R script that belongs to matched sets."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk.report.reproduction.firth import check_firth_cox
from vertebrisk.report.reproduction.model import (
    compare_coefficients,
    compare_corrected,
    compared,
    fixed_validation,
)
from vertebrisk.report.reproduction.r_code import r_string
from vertebrisk.report.results.study import StudyResult


def keep_sets(sets: str, outcome: str) -> str:
    """Line that keeps the rows of sets with a case and a control."""
    return (
        f"patients <- patients[!is.na(patients${sets}), , drop = FALSE]\n"
        f"among <- ave(patients${outcome}, as.character(patients${sets}), FUN = mean)\n"
        "patients <- patients[among > 0 & among < 1, , drop = FALSE]"
    )


def fit_sets(result: StudyResult, terms: Sequence[str], sets: str, outcome: str) -> list[str]:
    """Lines that fit the conditional model and compare it; `terms` are those of an R formula."""
    if result.facts.by_firth:
        times = f"Surv(rep(1, nrow(patients)), {outcome})"
        return [
            "suppressPackageStartupMessages(library(survival))",
            f"patients$.set <- as.character(patients${sets})",
            *_columns(terms),
            *check_firth_cox(result, "breslow", "columns + strata(.set)", times, clustered=False),
        ]
    summary, c_index = result.model_summary, result.c_index
    pairs = [
        ("Log-likelihood", summary.get("log_likelihood"), "fit$loglik[2]"),
        ("LR chi-square", summary.get("lr_statistic"), "2 * diff(fit$loglik)"),
        ("Score chi-square", summary.get("score_statistic"), "unname(fit$score)"),
        ("AIC", summary.get("aic"), "AIC(fit)"),
        ("C-index within sets", c_index.estimate, "ranked(columns %*% coef(fit), patients$.set)"),
    ]
    return [
        "suppressPackageStartupMessages(library(survival))",
        f"patients$.set <- as.character(patients${sets})",
        "precise <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)",
        *_columns(terms),
        f"fit <- clogit({outcome} ~ columns + strata(.set), data = patients, method = "
        '"exact",\n  control = precise)',
        "errors <- sqrt(diag(vcov(fit)))",
        *_RANKED,
        *compare_coefficients(result.multivariable),
        *(compared(label, value, code) for label, value, code in pairs if value is not None),
        *_bootstrap(result),
    ]


def _columns(terms: Sequence[str]) -> list[str]:
    """Lines that make the columns of the model.

    Variables of an interaction that have no term of their own come first, so that R codes the
    interaction against their reference levels, and are left out again.
    """
    inside = (part.strip("() ") for term in terms if ":" in term for part in term.split(":"))
    added = [part for part in dict.fromkeys(inside) if part not in terms]
    return [
        'options(contrasts = c("contr.treatment", "contr.poly"))',
        f"wanted <- terms(~ {' + '.join([*added, *terms])}, keep.order = TRUE)",
        "columns <- model.matrix(wanted, patients)",
        f'columns <- columns[, attr(columns, "assign") > {len(added)}, drop = FALSE]',
    ]


_RANKED = (
    "# Share of pairs of a case and a control of one set that are ranked right, ties by half.",
    "ranked <- function(linear, sets, case = outcome) {",
    "  found <- sapply(split(seq_along(sets), sets), function(rows) {",
    "    gap <- outer(linear[rows][case[rows] == 1], linear[rows][case[rows] == 0], `-`)",
    "    c(sum(gap > 1e-9) + sum(abs(gap) <= 1e-9) / 2, length(gap))",
    "  })",
    "  sum(found[1, ]) / sum(found[2, ])",
    "}",
)


def _bootstrap(result: StudyResult) -> list[str]:
    fixed = fixed_validation(result)
    if fixed is None:
        return []
    lines = [
        "",
        "# ---- bootstrap ----------------------------------------------------------",
        "",
        "set.seed(plan$seed)",
        "inside <- split(seq_len(nrow(patients)), patients$.set)",
        "refit <- function(x, case, sets) suppressWarnings(coef(clogit(case ~ x + strata(sets),",
        '  method = "exact")))',
        "once <- function() {",
        "  drawn <- inside[sample(length(inside), replace = TRUE)]",
        "  rows <- unlist(drawn)",
        "  sets <- rep(seq_along(drawn), lengths(drawn))",
        "  beta <- refit(columns[rows, , drop = FALSE], outcome[rows], sets)",
        "  beta[is.na(beta)] <- 0",
        "  linear <- drop(columns %*% beta)",
        "  training <- ranked(linear[rows], sets, outcome[rows])",
        "  test <- ranked(linear, patients$.set)",
        "  slope <- refit(matrix(linear), outcome, patients$.set)",
        "  c(2 * (training - test), 1 - slope)",
        "}",
        "optimism <- rowMeans(replicate(plan$resamples, once()))",
        "own <- ranked(columns %*% coef(fit), patients$.set)",
        "repeated <- matrix(c(2 * own - 1, 1) - optimism, 2, 1)",
        'dimnames(repeated) <- list(c("Dxy", "Slope"), "index.corrected")',
        *compare_corrected(fixed, {"dxy": "Dxy", "slope": "Slope"}),
    ]
    if result.validation_fixed is not None:
        note = "Selection is not repeated here: the validation of the whole procedure is not "
        lines.append(f"cat({r_string(note + 'recomputed.')}, fill = TRUE)")
    return lines
