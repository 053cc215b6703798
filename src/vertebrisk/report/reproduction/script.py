"""The R script that recomputes a study's main numbers with rms and pROC.

The script reads the same file, applies the same rules, and prints every number beside
the one that the report holds. It is written from the syntax trees of the protocol's
rules, so it contains nothing but what the grammar can say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.design.syntax import parse_expression
from vertebrisk.report.reproduction.firth import check_firth_cox, fit_firth
from vertebrisk.report.reproduction.imputed import fit_imputed
from vertebrisk.report.reproduction.matched import fit_sets
from vertebrisk.report.reproduction.model import (
    compare_bootstrap,
    compare_coefficients,
    compare_nomogram,
    compare_summary,
    not_recomputed,
    r_value,
)
from vertebrisk.report.reproduction.patients import names_of, read_patients, term_of
from vertebrisk.report.reproduction.penalised import (
    compare_shrunken,
    fit_penalised,
    fit_penalised_cox,
)
from vertebrisk.report.reproduction.plan import ReproducePlan
from vertebrisk.report.reproduction.powers import TRANSFORMATION, compare_powers, has_powers
from vertebrisk.report.reproduction.r_code import r_code, r_string
from vertebrisk.report.reproduction.sampling import (
    OFFSET,
    compare_population,
    compare_resampled,
    compare_weighted,
    correct_sampling,
    corrected_variance,
)
from vertebrisk.report.reproduction.survival import (
    ENTRY,
    STATUS,
    TIME,
    compare_incidence,
    fit_cox,
    fit_fine_gray,
)
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.templating import template_text

if TYPE_CHECKING:
    from vertebrisk.report.results.imputed import ImputedResult
    from vertebrisk.report.results.penalised import PenalisedResult
    from vertebrisk.report.results.survival import SurvivalResult


def reproduce_script(result: StudyResult, plan: ReproducePlan) -> str:
    """The R script for one study, with the report's numbers inside it.

    Parameters
    ----------
    result : StudyResult
        What the script's numbers are compared with.
    plan : ReproducePlan
        Data, rules and formula.

    Returns
    -------
    str
        An ASCII script. It ends with status 1 if a deterministic number differs by more
        than 1e-6 relative or a bootstrap one by more than three Monte Carlo errors (of
        both runs together), with status 0 otherwise. A bootstrap of fewer than 200
        resamples is shown but not judged, as those errors are too uncertain. rms keeps
        separated resamples in slope, intercept and Emax, so those are shown but not judged
        where any occurred.

    Raises
    ------
    ExpressionError
        If a rule cannot be parsed, or reads a column that the plan does not name.
    ArgumentError
        If a column is named twice.
    """
    names = names_of(plan)
    parts = [
        _opening(result, plan),
        template_text("reproduce.R"),
        read_patients(plan, names),
        _counts(result, names[plan.outcome]),
        *([TRANSFORMATION] if has_powers(plan.formula_terms) else []),
        _model(result, plan, names),
        *not_recomputed(result),
        _ending(),
    ]
    return "\n".join(parts)


def _model(result: StudyResult, plan: ReproducePlan, names: dict[str, str]) -> str:
    if result.matched is not None:
        return _matched(result, plan, names)
    if result.survival is not None:
        return _survival(result, result.survival, plan, names)
    if result.penalised is not None:
        return _penalised(result, result.penalised, plan, names)
    if result.imputed is not None:
        return _imputed(result, result.imputed, plan, names)
    if result.facts.by_firth and plan.formula_terms:
        return _firth(result, plan, names)
    return _fit(result, plan, names) if plan.formula_terms else _constant(result)


def _matched(result: StudyResult, plan: ReproducePlan, names: dict[str, str]) -> str:
    if not plan.formula_terms:
        return ""
    terms = [term_of(term, names) for term in plan.formula_terms]
    lines = [
        "# ---- model --------------------------------------------------------------",
        "",
        *fit_sets(result, terms, names[plan.sets], names[plan.outcome]),
    ]
    return "\n".join([*lines, ""])


def _firth(result: StudyResult, plan: ReproducePlan, names: dict[str, str]) -> str:
    terms = " + ".join(term_of(term, names) for term in plan.formula_terms)
    cluster = names.get(plan.cluster, "")
    lines = [
        "# ---- model --------------------------------------------------------------",
        "",
        *fit_firth(result, names[plan.outcome], terms, cluster),
    ]
    return "\n".join([*lines, ""])


def _penalised(
    result: StudyResult, found: PenalisedResult, plan: ReproducePlan, names: dict[str, str]
) -> str:
    terms = " + ".join(term_of(term, names) for term in plan.formula_terms)
    lines = [
        "# ---- model --------------------------------------------------------------",
        "",
        *fit_penalised(result, found, names[plan.outcome], terms),
    ]
    return "\n".join([*lines, ""])


def _imputed(
    result: StudyResult, found: ImputedResult, plan: ReproducePlan, names: dict[str, str]
) -> str:
    lines = _impute(result, found, plan, names)
    heading = "# ---- model --------------------------------------------------------------"
    return "\n".join([heading, "", *lines, ""])


def _impute(
    result: StudyResult, found: ImputedResult, plan: ReproducePlan, names: dict[str, str]
) -> list[str]:
    terms = [term_of(term, names) for term in plan.formula_terms]
    terms += [f"strata({names[name]})" for name in plan.strata]
    variables = [
        (names[name], method, r_code(parse_expression(rule), names) if rule else "")
        for name, method, rule in plan.imputed
    ]
    right = " + ".join(terms) or "1"
    return fit_imputed(result, found, names[plan.outcome], right, variables, bool(plan.entry))


def _opening(result: StudyResult, plan: ReproducePlan) -> str:
    facts = result.facts
    kind = (
        ""
        if facts.data_kind == "real"
        else f"\ncat({r_string(f'Data: {facts.data_kind}.')}, fill = TRUE)"
    )
    return f"""\
# Recomputes the main numbers of a vertebrisk report with rms and pROC.
# Usage: Rscript reproduce.R [data file]
# Needs the packages rms and pROC, and for some formats readxl, haven or arrow.

suppressPackageStartupMessages({{
  library(rms)
  library(pROC)
}})

plan <- list(
  study = {r_string(facts.id)},
  data = {r_string(plan.data_file)},
  sha256 = {r_string(facts.data_sha256)},
  format = {r_string(plan.data_format)},
  encoding = {r_string(_r_encoding(plan.encoding))},
  separator = {r_string(plan.separator)},
  resamples = {int(plan.resamples)},
  seed = {int(plan.seed) % 2147483647}
)

if (!l10n_info()[["UTF-8"]]) suppressWarnings(Sys.setlocale("LC_CTYPE", "C.UTF-8"))

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) > 0) plan$data <- arguments[1]
if (!file.exists(plan$data)) {{
  cat("The data file does not exist; give its path: Rscript reproduce.R FILE", fill = TRUE)
  quit(status = 2)
}}
if ("sha256sum" %in% getNamespaceExports("tools")) {{
  if (!identical(unname(tools::sha256sum(plan$data)), plan$sha256)) {{
    cat("Note: this is not the file that the report was made from.", fill = TRUE)
  }}
}}{kind}
"""


def _r_encoding(encoding: str) -> str:
    plain = encoding.lower().replace("_", "-")
    return "UTF-8" if plain in ("utf-8", "utf8", "utf-8-sig", "utf-8-bom", "ascii") else encoding


def _counts(result: StudyResult, outcome: str) -> str:
    return f"""\
outcome <- patients${outcome}
compare("Analysed", {result.flow.n}, nrow(patients), 0, absolute = TRUE)
compare("Events", {result.flow.n_events}, sum(outcome), 0, absolute = TRUE)
"""


def _survival(
    result: StudyResult, survival: SurvivalResult, plan: ReproducePlan, names: dict[str, str]
) -> str:
    terms = " + ".join(term_of(term, names) for term in plan.formula_terms)
    lines = [
        "# ---- model --------------------------------------------------------------",
        "",
        *([] if plan.entry else compare_incidence(survival)),
    ]
    terms += "".join(f" + strata({names[name]})" for name in plan.strata)
    if result.imputed is not None and plan.formula_terms:
        lines += _impute(result, result.imputed, plan, names)
    elif plan.formula_terms and result.facts.model == "fine-gray":
        lines += fit_fine_gray(result, terms)
    elif result.penalised is not None and not plan.entry and not plan.strata:
        ties = survival.ties
        lines += fit_penalised_cox(result.penalised, terms, ties, TIME, STATUS)
    elif result.facts.by_firth and plan.formula_terms:
        own = f"{ENTRY}, {TIME}" if plan.entry else TIME
        times = f"Surv({own}, {STATUS} == 1)"
        lines += check_firth_cox(result, survival.ties, terms, times, bool(plan.cluster))
    elif plan.formula_terms and result.penalised is None:
        lines += fit_cox(result, survival, terms, names, bool(plan.entry))
        lines += compare_powers(result, plan.formula_terms, names, plan.strata)
    return "\n".join([*lines, ""])


def _constant(result: StudyResult) -> str:
    row = next(row for row in result.multivariable if row.kind == "intercept")
    moved = "" if result.sampling is None else f" - {r_value(result.sampling.offset)}"
    return f"""\
fit <- glm(outcome ~ 1, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100))
compare("B constant", {r_value(row.estimate)}, unname(coef(fit)){moved}, 1e-6)
"""


def _fit(result: StudyResult, plan: ReproducePlan, names: dict[str, str]) -> str:
    terms = " + ".join(term_of(term, names) for term in plan.formula_terms)
    cluster = names.get(plan.cluster, "")
    sampling = result.sampling
    moved = "" if sampling is None else f", offset = {OFFSET}"
    lines = [
        "# ---- model --------------------------------------------------------------",
        "",
        f"formula <- {names[plan.outcome]} ~ {terms}",
        "spread <- datadist(patients)",
        'options(datadist = "spread", contrasts = c("contr.treatment", "contr.poly"))',
        "precise <- glm.control(epsilon = 1e-14, maxit = 100)",
        *([] if sampling is None else correct_sampling(sampling)),
        f"fit <- glm(formula, family = binomial, data = patients, control = precise{moved})",
        "risk <- fitted(fit)",
        "covariance <- vcov(fit)",
        *([] if sampling is None else corrected_variance(sampling)),
        "model <- lrm(formula, data = patients, x = TRUE, y = TRUE, maxit = 100)",
    ]
    if cluster:
        lines.append(f"covariance <- vcov(robcov(model, patients${cluster}))")
    lines.append("errors <- sqrt(diag(covariance))")
    lines += compare_coefficients(result.multivariable)
    lines += compare_shrunken(result)
    lines += compare_summary(result)
    lines += compare_nomogram(result, names)
    if sampling is None:
        lines += compare_bootstrap(result, cluster)
        lines += compare_powers(result, plan.formula_terms, names)
    else:
        lines += compare_weighted(sampling)
        lines += compare_population(result)
        lines += compare_resampled(result)
    return "\n".join([*lines, ""])


def _ending() -> str:
    return """\
# ---- verdict ------------------------------------------------------------

disagreements <- show_rows()
cat(sprintf("%d of %d numbers differ.\\n", disagreements, length(rows)))
quit(status = if (disagreements > 0) 1 else 0)
"""
