"""What a penalised estimator adds to a study's result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from vertebrisk.models.inference import INTERCEPT
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.penalised.factors import term_factors
from vertebrisk.models.penalised.fit import PenalisedCoxFit, PenalisedLogisticFit
from vertebrisk.report.results.penalised import PenalisedResult
from vertebrisk.validation.results import Validation

if TYPE_CHECKING:
    from vertebrisk.models.survival.fine_gray import FineGrayFit
    from vertebrisk.models.survival.fit import CoxFit

_CROSS_VALIDATION = {
    "step": pl.Int64,
    "penalty": pl.Float64,
    "nonzero": pl.Int64,
    "explained": pl.Float64,
    "mean": pl.Float64,
    "std_error": pl.Float64,
    "rule": pl.String,
}


def has_errors(fit: LogisticFit | CoxFit | FineGrayFit) -> bool:
    """False where coefficients are shrunken, so that they have no standard errors."""
    return not isinstance(fit, PenalisedLogisticFit | PenalisedCoxFit)


def stated(summary: dict[str, float | None]) -> dict[str, float | None]:
    """A summary without the numbers that such a fit does not have."""
    return {name: value for name, value in summary.items() if value is not None}


def penalised_result(
    fit: LogisticFit | CoxFit | FineGrayFit, validation: Validation
) -> PenalisedResult | None:
    """Path, cross-validation and the spread of the procedure; None without a penalty."""
    if not isinstance(fit, PenalisedLogisticFit | PenalisedCoxFit):
        return None
    asked = fit.shrinkage.penalty
    given = asked.value is not None
    return PenalisedResult(
        estimator=fit.estimator,
        mix=fit.shrinkage.mix,
        penalty=fit.penalty,
        given=given,
        rule=asked.rule,
        folds=asked.folds,
        seed=asked.seed,
        measure=asked.measure,
        factors=term_factors(asked.factors, fit.development.design.terms),
        n_candidates=len(fit.development.design.terms),
        n_kept=len(fit.design.terms),
        coefficients=_coefficients(fit, validation),
        path=fit.path().filter(pl.col("term") != INTERCEPT),
        cross_validation=fit.cross_validation().cast(_CROSS_VALIDATION)  # type: ignore[arg-type]
        if fit.shrinkage.cross_validates
        else pl.DataFrame(schema=_CROSS_VALIDATION),
    )


def _coefficients(
    fit: PenalisedLogisticFit | PenalisedCoxFit, validation: Validation
) -> pl.DataFrame:
    drawn = validation.draws is not None
    spread = fit.bootstrap_coefficients(validation) if drawn else fit.coefficients()
    known = {
        (row["term"], row["level"]): (row["estimate"], row["conf_low"], row["conf_high"])
        for row in spread.iter_rows(named=True)
    }
    names = [(each.term, each.level) for each in fit.development.design.columns]
    if (INTERCEPT, "") in known:
        names = [(INTERCEPT, ""), *names]
    share = dict(validation.selected.iter_rows()) if fit.shrinkage.chooses else {}
    rows = [
        (term, level, *known.get((term, level), (0.0, None, None)), share.get(term))
        for term, level in names
    ]
    schema = {
        "term": pl.String,
        "level": pl.String,
        "estimate": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "frequency": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
