"""The part of the R script that belongs to a study of time to event."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk.report.reproduction.model import (
    compare_coefficients,
    compare_corrected,
    compare_nomogram,
    compared,
    fixed_validation,
)
from vertebrisk.report.reproduction.r_code import r_number, r_string
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.results.survival import SurvivalResult

TIME, STATUS, ENTRY = ".time", ".status", ".entry"
_BOOTSTRAPPED = {
    "dxy": "Dxy",
    "r2": "R2",
    "slope": "Slope",
    "d": "D",
    "u": "U",
    "q": "Q",
    "g": "g",
}


def fit_cox(
    result: StudyResult, survival: SurvivalResult, terms: str, names: dict[str, str], entry: bool
) -> list[str]:
    """Lines that fit a Cox model and compare it, from coefficients to the bootstrap."""
    followed = f"Surv({ENTRY}, {TIME}, {STATUS} == 1)" if entry else f"Surv({TIME}, {STATUS} == 1)"
    lines = [
        f"formula <- {followed} ~ {terms}",
        "spread <- datadist(patients)",
        'options(datadist = "spread", contrasts = c("contr.treatment", "contr.poly"))',
        "precise <- coxph.control(eps = 1e-11, iter.max = 100)",
        f"fit <- coxph(formula, data = patients, ties = {r_string(survival.ties)}, "
        "control = precise, x = TRUE)",
        "errors <- sqrt(diag(vcov(fit)))",
        *compare_coefficients(result.multivariable, ratio="HR"),
        *_summary(result),
        *_baseline(result, survival),
        *_hazards(survival),
        f"model <- suppressWarnings(cph(formula, data = patients, x = TRUE, y = TRUE, surv = TRUE, "
        f"method = {r_string(survival.ties)}, eps = 1e-10, iter.max = 100))",
        *compare_nomogram(result, names),
    ]
    return [*lines, *_bootstrap(result)]


def fit_fine_gray(result: StudyResult, terms: str) -> list[str]:
    """Lines that fit a Fine-Gray model with cmprsk and compare coefficients and errors."""
    return [
        "library(cmprsk)",
        f"columns <- model.matrix(~ {terms}, data = patients)[, -1, drop = FALSE]",
        f"fit <- crr(patients${TIME}, patients${STATUS}, columns, gtol = 1e-12, maxiter = 100)",
        "fit$coefficients <- fit$coef",
        "errors <- sqrt(diag(fit$var))",
        *compare_coefficients(result.multivariable, ratio="SHR"),
    ]


def compare_incidence(survival: SurvivalResult) -> list[str]:
    """Lines that compare the cumulative incidence at each horizon."""
    lines = [
        f'state <- factor(patients${STATUS}, 0:2, c("censored", "event", "competing"))',
        f"curve <- survfit(Surv(patients${TIME}, state) ~ 1)",
    ]
    for each in survival.horizons:
        at = r_number(each.horizon)
        code = f'summary(curve, times = {at})$pstate[1, match("event", curve$states)]'
        lines.append(
            compared(f"Cumulative incidence at {each.horizon:g}", each.incidence.estimate, code)
        )
    return lines


def _summary(result: StudyResult) -> list[str]:
    summary, c_index = result.model_summary, result.c_index
    pairs = [
        ("Log-likelihood", summary.get("log_likelihood"), "fit$loglik[2]"),
        ("LR chi-square", summary.get("lr_statistic"), "2 * diff(fit$loglik)"),
        ("AIC", summary.get("aic"), "AIC(fit)"),
        ("C-index", c_index.estimate, "unname(agreed$concordance)"),
    ]
    lines = ["agreed <- concordance(fit)"]
    return lines + [
        compared(label, value, code) for label, value, code in pairs if value is not None
    ]


def _baseline(result: StudyResult, survival: SurvivalResult) -> list[str]:
    if any(each.baseline_hazard is None for each in survival.horizons):
        return []
    lines = ["base <- basehaz(fit, centered = FALSE)"]
    if result.shrinkage is not None:
        lines = [
            f"shrunken <- {r_number(result.shrinkage.factor)} * coef(fit)",
            "held <- coxph(formula, data = patients, init = shrunken, "
            f"ties = {r_string(survival.ties)}, control = coxph.control(iter.max = 0))",
            "base <- basehaz(held, centered = FALSE)",
        ]
    for each in survival.horizons:
        code = f"max(0, base$hazard[base$time <= {r_number(each.horizon)}])"
        lines.append(compared(f"H0 at {each.horizon:g}", each.baseline_hazard, code))
    return lines


def _hazards(survival: SurvivalResult) -> list[str]:
    rows = survival.hazards.to_dicts()
    if not rows:
        return []
    lines = [f"changing <- cox.zph(fit, transform = {r_string(survival.transform)})$table"]
    for place, row in enumerate(rows, start=1):
        label = f"Proportional hazards {row['term']}"
        lines.append(compared(label, row["statistic"], f'changing[{place}, "chisq"]'))
    return lines


def _bootstrap(result: StudyResult) -> Sequence[str]:
    fixed = fixed_validation(result)
    if fixed is None:
        return []
    return [
        "",
        "# ---- bootstrap ----------------------------------------------------------",
        "",
        "set.seed(plan$seed)",
        "repeated <- validate(model, B = plan$resamples)",
        *compare_corrected(fixed, _BOOTSTRAPPED),
    ]
