"""The part of the R script that imputes with mice and pools the models of its tables."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk.report.reproduction.firth import followed_tables_by_firth, tables_by_firth
from vertebrisk.report.reproduction.model import r_value
from vertebrisk.report.reproduction.r_code import r_number, r_string
from vertebrisk.report.reproduction.survival import ENTRY, STATUS, TIME
from vertebrisk.report.results.imputed import ImputedResult
from vertebrisk.report.results.study import StudyResult

SEEN, HAZARD = ".seen", ".hazard"
_VARIANCES = {False: "function(fit) diag(vcov(fit))", True: "function(fit) fit$variances"}
_METHODS = {
    "pmm": "pmm",
    "linear": "norm",
    "logistic": "logreg",
    "polytomous": "polyreg",
    "ordered": "polr",
}


def fit_imputed(
    result: StudyResult,
    found: ImputedResult,
    outcome: str,
    terms: str,
    variables: Sequence[tuple[str, str, str]],
    entry: bool = False,
) -> list[str]:
    """Lines that impute anew by the same methods, pool by Rubin's rules, and compare.

    The report's completed tables hold patients, so they are not part of the script. Two
    imputations differ by chance: estimates agree within four Monte Carlo errors of their
    difference, or what corresponds to them with few tables. With splines nothing is judged,
    since knots are found in each run's own table.

    Parameters
    ----------
    result, found
        What the numbers are compared with.
    outcome, terms : str
        Both sides of the formula, in R; of time to event the left side is made here.
    variables : sequence of (name, method, R code)
        Those that take part; the code of one that is computed from others.
    entry : bool
        True where patients came under observation late.
    """
    survival = result.survival
    known = ", ".join(r_string(name) for name, _, _ in variables)
    judged = "FALSE" if result.splines else "TRUE"
    held = [outcome] if survival is None else [SEEN, HAZARD]
    return [
        "suppressPackageStartupMessages(library(mice))",
        f"tables <- {found.imputations}",
        *([] if survival is None else _outcome(entry)),
        f"known <- patients[c({known}, {', '.join(r_string(name) for name in held)})]",
        "methods <- rep('', ncol(known))",
        "names(methods) <- names(known)",
        "predictors <- make.predictorMatrix(known)",
        *(line for each in variables for line in _method(*each)),
        "complete_already <- names(known)[colSums(is.na(known)) == 0]",
        "methods[complete_already] <- ''",
        "made <- mice(known, m = tables, maxit = "
        f"{found.iterations}, method = methods, predictorMatrix = predictors, seed = plan$seed, "
        "printFlag = FALSE)",
        *_fits(result, outcome, terms),
        "estimates <- sapply(fits, coef)",
        "if (is.null(dim(estimates))) estimates <- matrix(estimates, nrow = 1)",
        f"variances <- sapply(fits, {_VARIANCES[result.facts.by_firth]})",
        "if (is.null(dim(variances))) variances <- matrix(variances, nrow = 1)",
        "within <- rowMeans(variances)",
        "between <- apply(estimates, 1, var)",
        "total <- within + (1 + 1 / tables) * between",
        "# four standard errors, wider where few tables tell how far they vary",
        "reach <- qt(pnorm(4), tables - 1)",
        f"room <- if ({judged}) reach * sqrt(2 * between / tables) else NA + between",
        "# the variance between tables has an error of its own, and so has the mean within them",
        f"error_room <- if ({judged}) reach * ((1 + 1 / tables) * between * "
        "sqrt(2 * 2 / (tables - 1)) + sqrt(2 * apply(variances, 1, var) / tables)) / "
        "(2 * sqrt(total)) else NA + between",
        *_compared(result),
    ]


def _outcome(entry: bool) -> list[str]:
    """What the imputation knows of a time to event: that it was seen, and Nelson and Aalen's."""
    curve = [
        "curve <- survfit(followed ~ 1, data = patients, ctype = 1)",
        "hazard_by <- stepfun(curve$time, c(0, curve$cumhaz))",
        f"patients${HAZARD} <- hazard_by(patients${TIME})",
    ]
    late = [f"patients${HAZARD} <- patients${HAZARD} - hazard_by(patients${ENTRY})"]
    return [
        f"followed <- with(patients, {_surv(entry)})",
        f"patients${SEEN} <- as.numeric(patients${STATUS} == 1)",
        *curve,
        *(late if entry else []),
    ]


def _surv(entry: bool) -> str:
    return f"Surv({ENTRY}, {TIME}, {STATUS} == 1)" if entry else f"Surv({TIME}, {STATUS} == 1)"


def _fits(result: StudyResult, outcome: str, terms: str) -> list[str]:
    """The model of every table."""
    survival = result.survival
    if result.facts.by_firth:
        if survival is None:
            return tables_by_firth(outcome, terms, result.facts.mean_risk)
        return followed_tables_by_firth(terms, survival.ties)
    return _logistic(outcome, terms) if survival is None else _cox(terms, survival.ties)


def _logistic(outcome: str, terms: str) -> list[str]:
    return [
        "precise <- glm.control(epsilon = 1e-14, maxit = 100)",
        f"fits <- lapply(seq_len(tables), function(k) glm({outcome} ~ {terms}, family = binomial, "
        "data = complete(made, k), control = precise))",
    ]


def _cox(terms: str, ties: str) -> list[str]:
    return [
        "precise <- coxph.control(eps = 1e-11, iter.max = 100)",
        f"fits <- lapply(seq_len(tables), function(k) coxph(followed ~ {terms}, "
        f"data = complete(made, k), ties = {r_string(ties)}, control = precise))",
    ]


def _method(name: str, method: str, code: str) -> list[str]:
    if method != "passive":
        return [f"methods[{r_string(name)}] <- {r_string(_METHODS[method])}"]
    return [
        f"methods[{r_string(name)}] <- {r_string(f'~ I({code})')}",
        f"predictors[intersect(all.vars(quote({code})), names(known)), {r_string(name)}] <- 0",
    ]


def _compared(result: StudyResult) -> list[str]:
    rows = [row for row in result.multivariable if row.kind == "estimate"]
    constant = [row for row in result.multivariable if row.kind == "intercept"]
    lines = []
    for place, row in enumerate([*constant, *rows], start=1):
        label = "constant" if row.kind == "intercept" else f"{row.label} {row.level}".strip()
        lines += [
            f"compare({r_string(f'B {label}')}, {r_value(row.estimate)}, "
            f"unname(rowMeans(estimates)[{place}]), room[[{place}]] + {r_number(1e-6)}, "
            "absolute = TRUE)",
            f"compare({r_string(f'SE {label}')}, {r_value(row.std_error)}, "
            f"sqrt(total[[{place}]]), error_room[[{place}]] + {r_number(1e-6)}, absolute = TRUE)",
        ]
    return lines
