"""The part of the R script that checks a model by Firth's penalised likelihood."""

from __future__ import annotations

from vertebrisk.report.reproduction.model import compared, r_value
from vertebrisk.report.reproduction.r_code import r_string
from vertebrisk.report.results.study import StudyResult

_CONTRASTS = 'options(contrasts = c("contr.treatment", "contr.poly"))'
_MEAN_RISK = {
    "flic": [
        "# FLIC: the intercept by maximum likelihood, the slopes as they are.",
        "fixed <- linear - estimates[1]",
        "constant <- glm(y ~ 1, family = binomial, offset = fixed, control = precise)",
        "estimates[1] <- coef(constant)",
    ],
    "flac": [
        "# FLAC: maximum likelihood of patients and pseudo-patients, told apart by a covariate.",
        "risk <- plogis(linear)",
        "spread <- sqrt(risk * (1 - risk))",
        "hats <- rowSums(qr.Q(qr(X * spread))^2)",
        "pseudo <- rep(c(0, 1, 1), each = length(y))",
        "augmented <- suppressWarnings(glm.fit(cbind(rbind(X, X, X), pseudo), c(y, y, 1 - y),",
        "  weights = c(rep(1, length(y)), hats / 2, hats / 2), family = binomial(), "
        "control = precise))",
        "estimates <- augmented$coefficients[seq_len(ncol(X))]",
    ],
    "uncorrected": [],
}


def fit_firth(result: StudyResult, outcome: str, terms: str, cluster: str) -> list[str]:
    """Lines that fit a logistic model with brglm2 and compare coefficients, errors and C-index."""
    sampling = result.sampling
    moved = "" if sampling is None else f" - {r_value(sampling.offset)}"
    mean_risk = result.facts.mean_risk
    lines = [
        "library(brglm2)",
        _CONTRASTS,
        "precise <- glm.control(epsilon = 1e-14, maxit = 200)",
        f'fit <- glm({outcome} ~ {terms}, family = binomial, data = patients, method = "brglmFit",',
        '  type = "AS_mean", epsilon = 1e-12, maxit = 1000)',
        "X <- model.matrix(fit)",
        "y <- fit$y",
        "estimates <- coef(fit)",
        "linear <- drop(X %*% estimates)",
        *_MEAN_RISK[mean_risk],
        "linear <- drop(X %*% estimates)",
        "risk <- plogis(linear)",
        "errors <- sqrt(diag(solve(crossprod(X * sqrt(risk * (1 - risk))), tol = 0)))",
    ]
    errors = sampling is None and not cluster and mean_risk != "flac"
    rows = [row for row in result.multivariable if row.kind in ("intercept", "estimate")]
    rows.sort(key=lambda row: row.kind != "intercept")
    for place, row in enumerate(rows, start=1):
        label = "constant" if row.kind == "intercept" else f"{row.label} {row.level}".strip()
        own = moved if place == 1 else ""
        lines.append(compared(f"B {label}", row.estimate, f"unname(estimates[{place}]){own}"))
        if errors:
            lines.append(compared(f"SE {label}", row.std_error, f"unname(errors[{place}])"))
    lines.append('curve <- roc(y, linear, quiet = TRUE, direction = "<")')
    lines.append(compared("C-index", result.c_index.estimate, "as.numeric(auc(curve))"))
    return lines


def tables_by_firth(outcome: str, terms: str, mean_risk: str) -> list[str]:
    """Lines that fit a logistic model to every completed table, as `fits`."""
    variances = (
        "  risk <- plogis(drop(X %*% estimates))",
        "  variances <- diag(solve(crossprod(X * sqrt(risk * (1 - risk))), tol = 0))",
    )
    if mean_risk == "flac":
        variances = (
            "  whole <- cbind(rbind(X, X, X), pseudo) * sqrt(augmented$weights)",
            "  variances <- diag(solve(crossprod(whole), tol = 0))[seq_len(ncol(X))]",
        )
    return [
        "suppressPackageStartupMessages(library(brglm2))",
        _CONTRASTS,
        "precise <- glm.control(epsilon = 1e-14, maxit = 200)",
        "by_firth <- function(table) {",
        f"  fit <- glm({outcome} ~ {terms}, family = binomial, data = table,",
        '    method = "brglmFit", type = "AS_mean", epsilon = 1e-10, maxit = 1000)',
        "  X <- model.matrix(fit)",
        "  y <- fit$y",
        "  estimates <- coef(fit)",
        "  linear <- drop(X %*% estimates)",
        *(f"  {line}" for line in _MEAN_RISK[mean_risk]),
        *variances,
        "  list(coefficients = estimates, variances = variances)",
        "}",
        "fits <- lapply(seq_len(tables), function(k) by_firth(complete(made, k)))",
    ]


def followed_tables_by_firth(terms: str, ties: str) -> list[str]:
    """Lines that maximise the penalised partial likelihood of every completed table, as `fits`."""
    return [
        _CONTRASTS,
        "by_firth <- function(table) {",
        f"  at <- function(...) suppressWarnings(coxph(followed ~ {terms}, data = table,",
        f'    ties = "{ties}", ..., control = coxph.control(iter.max = 0)))',
        "  unit <- sqrt(diag(at()$var))",
        "  fall <- function(b) {",
        "    fit <- at(init = b * unit)",
        "    0.5 * as.numeric(determinant(fit$var)$modulus) - fit$loglik[length(fit$loglik)]",
        "  }",
        "  found <- optim(0 * unit, fall, method = 'BFGS', "
        "control = list(reltol = 1e-14, maxit = 500))",
        "  estimates <- found$par * unit",
        "  list(coefficients = estimates, variances = diag(at(init = estimates)$var))",
        "}",
        "fits <- lapply(seq_len(tables), function(k) by_firth(complete(made, k)))",
    ]


def check_firth_cox(
    result: StudyResult, ties: str, terms: str, times: str, clustered: bool
) -> list[str]:
    """Lines that show the report's coefficients to maximise the penalised partial likelihood."""
    rows = [row for row in result.multivariable if row.kind == "estimate"]
    lines = [
        f"estimates <- c({', '.join(r_value(row.estimate) for row in rows)})",
        "at <- function(b) suppressWarnings(coxph(",
        f'  {times} ~ {terms}, data = patients, ties = "{ties}", init = b,',
        "  control = coxph.control(iter.max = 0)))",
        "penalised <- function(b) {",
        "  fit <- at(b)",
        "  fit$loglik[length(fit$loglik)] - 0.5 * as.numeric(determinant(fit$var)$modulus)",
        "}",
        _CONTRASTS,
        "errors <- sqrt(diag(at(estimates)$var))",
        "# The slope of the penalised log-likelihood at its maximum is 0, here per standard error.",
        "slope <- function(i) {",
        "  step <- replace(0 * errors, i, 1e-3 * errors[i])",
        "  (penalised(estimates + step) - penalised(estimates - step)) / 2e-3",
        "}",
    ]
    for place, row in enumerate(rows, start=1):
        label = f"{row.label} {row.level}".strip()
        named = r_string(f"Slope at {label}")
        lines.append(f"compare({named}, 0, slope({place}), 1e-5, absolute = TRUE)")
        if not clustered:
            lines.append(compared(f"SE {label}", row.std_error, f"errors[[{place}]]"))
    return lines
