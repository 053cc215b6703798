"""The part of the R script that belongs to sampled controls."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk.report.reproduction.model import compare_corrected, compared, fixed_validation
from vertebrisk.report.reproduction.r_code import r_number, r_string
from vertebrisk.report.results.sampling import SamplingResult
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.performance import decision_rows

OFFSET = "sampling_offset"


def kept_rows(rows: Sequence[int]) -> str:
    """Line that keeps the patients that the run drew, by their place in the file."""
    return f"patients <- patients[patients$row %in% c({', '.join(map(str, rows))}), , drop = FALSE]"


def correct_sampling(sampling: SamplingResult) -> list[str]:
    """Lines before the fit: prevalence, offset and weights."""
    return [
        f"prevalence <- {r_number(sampling.prevalence)}",
        "share <- mean(outcome)",
        f"patients${OFFSET} <- log((1 - prevalence) / prevalence * share / (1 - share))",
        "weight <- ifelse(outcome == 1, prevalence / share, (1 - prevalence) / (1 - share))",
    ]


def corrected_variance(sampling: SamplingResult) -> list[str]:
    """Lines after the fit: variance of the intercept, and risks of the population."""
    return [
        f"estimated <- {_estimated(sampling)}",
        "sizes <- c(sum(outcome), sum(1 - outcome))",
        "covariance[1, 1] <- covariance[1, 1] - sum(1 / sizes) + estimated",
        f"risk <- plogis(qlogis(fitted(fit)) - patients${OFFSET})",
    ]


def _estimated(sampling: SamplingResult) -> str:
    if sampling.population_cases is None or sampling.population_controls is None:
        return "0"
    cases, others = r_number(sampling.population_cases), r_number(sampling.population_controls)
    return f"1 / {cases} + 1 / {others}"


def compare_weighted(sampling: SamplingResult) -> list[str]:
    """Lines that compare the weighted model with its errors, as of a stratified sample."""
    lines = [
        "",
        "weighted <- suppressWarnings(glm(formula, family = binomial, data = patients,",
        "  weights = weight, control = precise))",
        "scores <- model.matrix(weighted) * weight * (outcome - fitted(weighted))",
        "spread_of <- function(rows) crossprod(scale(rows, scale = FALSE)) * nrow(rows) /",
        "  (nrow(rows) - 1)",
        "bread <- vcov(weighted)",
        "by_prevalence <- bread %*% colSums(scores[outcome == 1, , drop = FALSE])",
        "meat <- spread_of(scores[outcome == 1, , drop = FALSE]) +",
        "  spread_of(scores[outcome == 0, , drop = FALSE])",
        "robust <- sqrt(diag(bread %*% meat %*% bread + estimated * tcrossprod(by_prevalence)))",
    ]
    table = sampling.estimates.filter(method="weighted")
    for place, line in enumerate(table.iter_rows(named=True), start=1):
        label = f"{line['term']} {line['level']}".strip()
        code = f"unname(coef(weighted)[{place}])"
        lines.append(compared(f"Weighted B {label}", line["estimate"], code))
        code = f"unname(robust[{place}])"
        lines.append(compared(f"Weighted SE {label}", line["std_error"], code, "1e-5"))
    return lines


def compare_population(result: StudyResult) -> list[str]:
    """Lines that compare Brier score, R2 and net benefit of the population."""
    summary = result.model_summary
    lines = [
        "",
        "gained <- function(p) sum(weight * ifelse(outcome == 1, log(p), log(1 - p)))",
        "nothing <- gained(rep(prevalence, length(outcome)))",
        "explained <- 1 - exp(-2 * (gained(risk) - nothing) / length(outcome))",
        compared(
            "Nagelkerke R2, population",
            summary.get("r2"),
            "explained / (1 - exp(2 * nothing / length(outcome)))",
        ),
        compared(
            "Brier score, population",
            summary.get("brier"),
            "sum(weight * (risk - outcome)^2) / sum(weight)",
        ),
    ]
    for threshold, rows in decision_rows(result.decision, result.facts.thresholds):
        cut = r_number(threshold)
        code = (
            f"mean(risk[outcome == 1] >= {cut}) * prevalence - mean(risk[outcome == 0] >= {cut}) * "
            f"(1 - prevalence) * {cut} / (1 - {cut})"
        )
        benefit = rows["model"]["net_benefit"]
        lines.append(compared(f"Net benefit at {threshold:g}, population", benefit, code))
    return lines


def compare_resampled(result: StudyResult) -> list[str]:
    """Comparison of what does not depend on the sampling with rms::validate, by group."""
    fixed = fixed_validation(result)
    if fixed is None:
        return []
    note = "Brier score, R2 and curves of the population are not resampled here."
    return [
        "",
        "# ---- bootstrap ----------------------------------------------------------",
        "",
        "set.seed(plan$seed)",
        "repeated <- validate(model, B = plan$resamples, group = outcome)",
        *compare_corrected(fixed, {"dxy": "Dxy", "slope": "Slope"}),
        f"cat({r_string(note)}, fill = TRUE)",
    ]
