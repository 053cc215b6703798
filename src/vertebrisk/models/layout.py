"""Fits laid out as papers print them: headings, reference rows, joint tests, ratios."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import polars as pl

from vertebrisk._types import Intervals
from vertebrisk.design.design import Design, Predictor
from vertebrisk.models.conditional.firth import FirthConditionalFit
from vertebrisk.models.firth.cox import FirthCoxFit
from vertebrisk.models.inference import INTERCEPT
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.selection.screening import COX_RATIO, ODDS_RATIO
from vertebrisk.models.tables import RegressionRow


class Fitted(Protocol):
    """A fitted model of any kind, as far as its table goes."""

    @property
    def design(self) -> Design:
        """Terms of the model."""
        ...

    def coefficients(self, level: float = 0.95) -> pl.DataFrame:
        """Coefficients, the intercept first where there is one."""
        ...

    def term_tests(self) -> pl.DataFrame:
        """Tests of whole terms."""
        ...


def multivariable_rows(
    fit: Fitted, level: float = 0.95, intervals: Intervals | None = None
) -> tuple[RegressionRow, ...]:
    """The final model, the constant last where there is one."""
    if isinstance(fit, FirthConditionalFit):
        table = fit.coefficients(level, intervals or "profile").to_dicts()
    elif isinstance(fit, FirthCoxFit):
        table = fit.coefficients(level, intervals).to_dicts()
    elif isinstance(fit, LogisticFit):
        plain = "none" if fit.covariance_kind == "none" else intervals
        table = fit.coefficients(level, plain).to_dicts()
    else:
        table = fit.coefficients(level).to_dicts()
    tests = {row["term"]: row for row in fit.term_tests().to_dicts()}
    rows: list[RegressionRow] = []
    for term in fit.design.terms:
        own = [row for row in table if row["term"] == term.name]
        test = tests[term.name]
        rows.extend(
            _laid_out(
                term.name,
                _label(fit.design, term.variables),
                _levels(fit.design, term.name),
                [_from_coefficient(row) for row in own],
                {
                    "wald": test["wald"],
                    "df": test["df"],
                    "p_value": test["wald_p_value"],
                    "lr_statistic": test["lr_statistic"],
                    "lr_p_value": test["lr_p_value"],
                },
            )
        )
    if table and table[0]["term"] == INTERCEPT:
        constant = {**_from_coefficient(table[0]), "level": ""}
        rows.append(RegressionRow("intercept", INTERCEPT, "", reference="", **constant))
    return tuple(rows)


def univariable_rows(
    screen: pl.DataFrame, design: Design, selected: Mapping[str, bool] | None
) -> tuple[RegressionRow, ...]:
    """Each candidate alone, from the rows of `screen_univariable` or `screen_univariable_cox`."""
    ratio, low, high = COX_RATIO if COX_RATIO[0] in screen.columns else ODDS_RATIO
    rows: list[RegressionRow] = []
    for term, own in _by_term(screen):
        variables = next((t.variables for t in design.terms if t.name == term), (term,))
        levels = _levels(design, term)
        shared = {
            "n": own[0]["n"],
            "n_events": own[0]["n_events"],
            "selected": None if selected is None else selected.get(term),
        }
        estimates = [
            {
                "estimate": row["estimate"],
                "std_error": row["std_error"],
                "wald": None if row["statistic"] is None else row["statistic"] ** 2,
                "df": 1,
                "p_value": row["p_value"],
                "ratio": row[ratio],
                "conf_low": row[low],
                "conf_high": row[high],
                "level": row["level"],
                **shared,
            }
            for row in own
        ]
        joint = {
            "df": own[0]["df"],
            "lr_statistic": own[0]["lr_statistic"],
            "lr_p_value": own[0]["lr_p_value"],
            **shared,
        }
        rows.extend(_laid_out(term, _label(design, variables), levels, estimates, joint))
    return tuple(rows)


def _by_term(screen: pl.DataFrame) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in screen.to_dicts():
        grouped.setdefault(str(row["term"]), []).append(row)
    return grouped.items()


def _label(design: Design, variables: Sequence[str]) -> str:
    known = {predictor.name: predictor for predictor in design.predictors}
    return " × ".join(_with_unit(known[name]) if name in known else name for name in variables)


def _with_unit(predictor: Predictor) -> str:
    return f"{predictor.label}, {predictor.unit}" if predictor.unit else predictor.label


def _levels(design: Design, term: str) -> dict[str, str]:
    """Levels of a single categorical term with their labels, the reference first; else none."""
    found = next((each for each in design.terms if each.name == term), None)
    if found is None or len(found.factors) > 1:
        return {}
    factor = found.factors[0]
    if factor.kind != "categorical":
        return {}
    predictor = design.predictor(factor.variable)
    return {level: predictor.level_label(level) for level in factor.levels}


def _from_coefficient(row: Mapping[str, Any]) -> dict[str, Any]:
    if row["std_error"] is None:
        return {
            "estimate": row["estimate"],
            "ratio": _exp(row["estimate"]),
            "level": row["level"],
        }
    return {
        "estimate": row["estimate"],
        "std_error": row["std_error"],
        "wald": row["statistic"] ** 2,
        "df": 1,
        "p_value": row["p_value"],
        "ratio": _exp(row["estimate"]),
        "conf_low": _exp(row["conf_low"]),
        "conf_high": _exp(row["conf_high"]),
        "level": row["level"],
    }


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf


def _laid_out(
    term: str,
    label: str,
    levels: Mapping[str, str],
    estimates: Sequence[dict[str, Any]],
    joint: Mapping[str, Any],
) -> list[RegressionRow]:
    """Heading and reference row where there are several columns, one row otherwise."""
    names = list(levels)
    reference = names[0] if names else ""
    shown: dict[str, Any] = {
        "reference": reference,
        "reference_label": levels.get(reference, ""),
    }
    if len(estimates) == 1:
        row = dict(estimates[0])
        row["level"] = names[1] if len(names) == 2 else row.get("level", "")
        row["lr_statistic"], row["lr_p_value"] = joint["lr_statistic"], joint["lr_p_value"]
        row["level_label"] = levels.get(row["level"], "")
        return [RegressionRow("estimate", term, label, **shown, **row)]
    rows = [RegressionRow("overall", term, label, "", **shown, **joint)]
    if names:
        own = levels[reference]
        rows.append(RegressionRow("reference", term, label, reference, level_label=own, **shown))
    for position, each in enumerate(estimates):
        row = dict(each)
        row["level"] = names[position + 1] if names else row.get("level", "")
        row["level_label"] = levels.get(row["level"], "")
        rows.append(RegressionRow("estimate", term, label, **shown, **row))
    return rows
