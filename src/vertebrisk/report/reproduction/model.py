"""The part of the R script that compares the model's numbers, line by line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.reproduction.r_code import r_number, r_string
from vertebrisk.report.results.study import StudyResult
from vertebrisk.validation.results import Validation

_BOOTSTRAPPED = {
    "dxy": "Dxy",
    "r2": "R2",
    "intercept": "Intercept",
    "slope": "Slope",
    "emax_linear": "Emax",
    "brier": "B",
}
_NORMAL_975 = 1.959963984540054
_FEWEST_RESAMPLES = 200
_OFTEN = 0.05  # share of separated resamples from which on it matters that rms leaves some out
_NEEDS_FINITE = frozenset({"intercept", "slope", "emax_linear", "r2"})


def r_value(value: float | None) -> str:
    """A number in R, with NA where there is none."""
    return "NA_real_" if value is None else r_number(float(value))


def compare_coefficients(rows: Sequence[RegressionRow], ratio: str = "OR") -> list[str]:
    """Lines that compare B, SE and the ratio with its interval, row by row."""
    lines = []
    terms = [row for row in rows if row.kind == "estimate"]
    constant = [row for row in rows if row.kind == "intercept"]
    for place, row in enumerate([*constant, *terms], start=1):
        label = "constant" if row.kind == "intercept" else f"{row.label} {row.level}".strip()
        pairs = [
            ("B", row.estimate, f"unname(coef(fit)[{place}])"),
            ("SE", row.std_error, f"unname(errors[{place}])"),
        ]
        if row.kind == "estimate":
            pairs.append((ratio, row.ratio, f"exp(unname(coef(fit)[{place}]))"))
        lines += [compared(f"{sign} {label}", value, code) for sign, value, code in pairs]
        if row.kind == "estimate":
            lines += _limits(row, f"{ratio} {label}", place)
    return lines


def _limits(row: RegressionRow, label: str, place: int) -> list[str]:
    """Comparison of an odds ratio's interval: Wald's, or the profile likelihood's."""
    if row.estimate is None or row.std_error is None or not row.conf_low or not row.conf_high:
        return []
    wald = math.exp(row.estimate - _NORMAL_975 * row.std_error)
    is_wald = math.isclose(wald, row.conf_low, rel_tol=1e-6)
    # R reads a profile interval off a spline through the profile, good to about 1e-4.
    tolerance = "1e-6" if is_wald else "1e-3"
    codes = (
        (f"exp(coef(fit)[[{place}]] {sign} qnorm(0.975) * errors[[{place}]])" for sign in "-+")
        if is_wald
        else (f"exp(suppressMessages(confint(fit))[{place}, {side}])" for side in (1, 2))
    )
    limits = (("lower", row.conf_low), ("upper", row.conf_high))
    return [
        compared(f"{label}, {side} limit", value, code, tolerance)
        for (side, value), code in zip(limits, codes, strict=True)
    ]


def compared(label: str, value: float | None, code: str, tolerance: str = "1e-6") -> str:
    """Line that compares one number, relative to its size."""
    return f"compare({r_string(label)}, {r_value(value)}, {code}, {tolerance})"


def _within(label: str, value: float | None, code: str, room: str) -> str:
    return f"compare({r_string(label)}, {r_value(value)}, {code}, {room}, absolute = TRUE)"


def compare_summary(result: StudyResult) -> list[str]:
    """Lines that compare fit and discrimination."""
    auc = result.c_index
    summary = result.model_summary
    pairs = [
        ("Log-likelihood", summary.get("log_likelihood"), "as.numeric(logLik(fit))"),
        ("LR chi-square", summary.get("lr_statistic"), "fit$null.deviance - fit$deviance"),
        ("AIC", summary.get("aic"), "AIC(fit)"),
        *(_of_sample(summary) if result.sampling is None else ()),
        ("C-index", auc.estimate, "as.numeric(auc(curve))"),
    ]
    if auc.conf_low is not None and auc.conf_high is not None:
        pairs.append(("C-index, lower limit (DeLong)", auc.conf_low, "limits[1]"))
        pairs.append(("C-index, upper limit (DeLong)", auc.conf_high, "limits[3]"))
    return [
        "nagelkerke <- (1 - exp((fit$deviance - fit$null.deviance) / nrow(patients))) /",
        "  (1 - exp(-fit$null.deviance / nrow(patients)))",
        'curve <- roc(fit$y, risk, quiet = TRUE, direction = "<")',
        'limits <- as.numeric(ci.auc(curve, method = "delong"))',
        *(compared(label, value, code) for label, value, code in pairs if value is not None),
    ]


def _of_sample(summary: Mapping[str, float | None]) -> list[tuple[str, float | None, str]]:
    return [
        ("Nagelkerke R2", summary.get("r2"), "nagelkerke"),
        ("Brier score", summary.get("brier"), "mean((risk - fit$y)^2)"),
    ]


def compare_nomogram(result: StudyResult, names: dict[str, str]) -> list[str]:
    """Lines that compare the points of every level with those of rms::nomogram."""
    axes = [axis for axis in result.nomogram.axes if axis.categorical and not axis.condition]
    if not axes or any(row.term.startswith("powers(") for row in result.multivariable):
        return []  # rms draws no axis for a transformation of several columns
    lines = [
        "",
        "# lrm stops early; the nomogram is drawn from coefficients that have converged.",
        "drawn <- model",
        "drawn$coefficients[] <- coef(fit)",
        "scale <- nomogram(drawn)",
    ]
    for axis in axes:
        if axis.variable not in names:
            continue
        name = r_string(names[axis.variable])
        for value, points in zip(axis.values, axis.points, strict=True):
            code = f"scale[[{name}]]$points[match({r_string(value)}, scale[[{name}]][[1]])]"
            label = f"Points {axis.label} {value}"
            lines.append(_within(label, float(points), code, "1e-6"))
    return lines


def compare_bootstrap(result: StudyResult, cluster: str) -> list[str]:
    """Comparison with rms::validate, which holds the predictors fixed."""
    fixed = fixed_validation(result)
    if fixed is None:
        return []
    grouped = f", cluster = patients${cluster}" if cluster else ""
    lines = [
        "",
        "# ---- bootstrap ----------------------------------------------------------",
        "",
        "set.seed(plan$seed)",
        f"repeated <- validate(model, B = plan$resamples{grouped})",
        *compare_corrected(fixed, _BOOTSTRAPPED),
    ]
    if result.validation_fixed is not None:
        lines.append(
            'cat("Selection is not repeated here: the validation of the whole procedure is not '
            'recomputed.", fill = TRUE)'
        )
    error = fixed.calibration.mean_absolute_error
    lines += [
        "",
        f"set.seed(plan$seed)\ncalibrated <- rms::calibrate(model, B = plan$resamples{grouped})",
        'gap <- mean(abs(calibrated[, "predy"] - calibrated[, "calibrated.corrected"]))',
        "# rms smooths with lowess and averages over its own grid: shown, not judged.",
        f'compare("Calibration curve, mean absolute error", {r_value(error)}, gap, NA)',
    ]
    return lines


def compare_corrected(fixed: Validation, measures: Mapping[str, str]) -> list[str]:
    """Lines that compare optimism-corrected measures; `measures` gives their names in rms."""
    lines = [
        "# Two bootstraps differ by the Monte Carlo errors of both; three times that is allowed.",
        "allowed <- 3 * sqrt(2)",
    ]
    few = fixed.resamples < _FEWEST_RESAMPLES
    often = fixed.n_separated > _OFTEN * fixed.resamples
    if often:
        lines.append("# rms leaves out separated resamples where it diverges: shown, not judged.")
    if few:
        lines.append(
            f"# With fewer than {_FEWEST_RESAMPLES} resamples those errors are themselves too "
            "uncertain: shown, not judged."
        )
    for line in fixed.table.iter_rows(named=True):
        measure = str(line["measure"])
        if measure not in measures:
            continue
        unjudged = few or often or (measure in _NEEDS_FINITE and fixed.n_separated > 0)
        error = line["mc_error"]
        room = "NA" if unjudged or error is None else f"allowed * {r_number(float(error))}"
        code = f'repeated["{measures[measure]}", "index.corrected"]'
        lines.append(_within(f"Corrected {measure}", line["corrected"], code, room))
    return lines


def not_recomputed(result: StudyResult) -> list[str]:
    """A line that says so, where the validation is by a method that the script does not repeat."""
    method = result.validation.method
    if method == "optimism-bootstrap":
        return []
    note = f"The validation by {method} is not recomputed here."
    return [f"cat({r_string(note)}, fill = TRUE)\n"]


def fixed_validation(result: StudyResult) -> Validation | None:
    """The optimism bootstrap that rms repeats: the one with the predictors held fixed."""
    if result.validation.method != "optimism-bootstrap":
        return None
    if result.validation_fixed is not None:
        return result.validation_fixed
    held = "whole" not in result.validation.procedure
    return result.validation if held or result.facts.selection == "prespecified" else None
