"""Shapes and interactions of a study's model, for its report."""

from __future__ import annotations

from typing import Any

import polars as pl

from vertebrisk.design.design import Design, Predictor
from vertebrisk.design.terms import WrittenFactor, WrittenTerm
from vertebrisk.models.anova import ANOVA_SCHEMA, TOTAL, wald_anova
from vertebrisk.models.conditional.fit import ConditionalFit
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival.fine_gray import FineGrayFit
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.report.results.shapes import (
    EffectResult,
    PowersResult,
    RepeatedPowers,
    ShapesResult,
)
from vertebrisk.validation.results import Validation

_SHAPED = ("rcs", "log", "sqrt", "power", "powers")
_COMPARED = (
    "variable",
    "shift",
    "scale",
    "powers",
    "linear",
    "fp1_powers",
    "fp1",
    "fp2_powers",
    "fp2",
    "p_null",
    "p_linear",
    "p_fp1",
)
_FRAME = ("by", "value", "risk", "conf_low", "conf_high", "linear_predictor")


def shapes_result(
    fit: LogisticFit | CoxFit | FineGrayFit | ConditionalFit | PooledFit,
    model: RiskModel,
    validation: Validation | None = None,
) -> ShapesResult | None:
    """Tests and curves; None for a model of levels and straight lines without interactions.

    `validation` tells how often the powers of fractional polynomials were found.
    """
    tests = _tests(fit)
    effects = () if model.population.refuses_risks else _effects(model)
    powers = _powers(fit, validation) if isinstance(fit, LogisticFit | CoxFit) else ()
    if not tests.height and not effects and not powers:
        return None
    alpha = fit.selection.shape_alpha if isinstance(fit, LogisticFit | CoxFit) else 0.05
    return ShapesResult(tests, effects, powers, alpha)


def _powers(fit: LogisticFit | CoxFit, validation: Validation | None) -> tuple[PowersResult, ...]:
    """What was compared for each polynomial, and what resamples chose."""
    design = fit.development.design
    found = None if validation is None else validation.shapes
    repeated: dict[str, list[RepeatedPowers]] = {}
    for line in () if found is None else found.iter_rows(named=True):
        own = RepeatedPowers(tuple(line["powers"]), line["share"], line["final"])
        repeated.setdefault(line["variable"], []).append(own)
    return tuple(
        PowersResult(
            **{name: _fixed(line[name]) for name in _COMPARED},
            label=design.predictor(line["variable"]).label,
            repeated=tuple(repeated.get(line["variable"], ())),
        )
        for line in fit.shapes().iter_rows(named=True)
    )


def _fixed(value: Any) -> Any:
    """Lists of powers as tuples."""
    return tuple(value) if isinstance(value, list) else value


def _tests(fit: LogisticFit | CoxFit | FineGrayFit | ConditionalFit | PooledFit) -> pl.DataFrame:
    """All Wald tests, or D1's of several tables, where one is of a shape or an interaction."""
    design = fit.design
    if isinstance(fit, PooledFit):
        table = fit.anova().select(list(ANOVA_SCHEMA))
    elif isinstance(fit, FineGrayFit | ConditionalFit):
        table = wald_anova(design, fit.beta, fit.cov)
    else:
        table = pl.DataFrame(schema=ANOVA_SCHEMA) if fit.covariance_kind == "none" else fit.anova()
    if (table["kind"] == "overall").all():
        table = table.clear()
    labels = [_label(design, term) for term in table["term"]]
    return table.insert_column(1, pl.Series("label", labels, pl.String))


def _label(design: Design, term: str) -> str:
    if term == TOTAL:
        return ""
    names = [term] if term in design.variables else term.split(":")
    return " × ".join(design.predictor(name).label for name in names)


def _effects(model: RiskModel) -> tuple[EffectResult, ...]:
    """The curve of every number that enters other than as it is."""
    factors = [factor for term in model.design.terms for factor in term.factors]
    shaped = dict.fromkeys(each.variable for each in factors if each.kind in _SHAPED)
    stratum = _stratum(model)
    if stratum is None:
        return ()
    return tuple(_effect(model, model.design.predictor(name), stratum) for name in shaped)


def _stratum(model: RiskModel) -> dict[str, str] | None:
    """The first stratum that is followed to the first horizon; None where there is none."""
    if not model.strata:
        return {}
    reached = [each.stratum for each in model.baselines if each.limit >= model.horizons[0]]
    return {model.strata[0]: reached[0]} if len(model.strata) == 1 and reached else None


def _effect(model: RiskModel, predictor: Predictor, stratum: dict[str, str]) -> EffectResult:
    design = model.design
    partner = next(
        (
            design.predictor(name)
            for term in design.terms
            if predictor.name in term.variables
            for name in term.variables
            if name != predictor.name
        ),
        None,
    )
    by = None if partner is None else partner.name
    frame = model.effect(predictor.name, at=stratum, by=by)
    shown = (
        pl.Series("by", [""] * frame.height)
        if partner is None
        else pl.Series("by", [_shown(partner, value) for value in frame["by"]])
    )
    others = [each for each in design.predictors if each.name not in (predictor.name, by)]
    return EffectResult(
        variable=predictor.name,
        label=predictor.label,
        unit=predictor.unit,
        horizon=model.horizons[0] if model.horizons else None,
        by=by or "",
        by_label="" if partner is None else partner.label,
        held=(*stratum.items(), *((each.label, _shown(each, each.adjust_to)) for each in others)),
        frame=frame.with_columns(shown).select(_FRAME),
    )


def _shown(predictor: Predictor, value: float | str) -> str:
    """A value as people read it."""
    if predictor.categorical:
        return predictor.level_label(str(value))
    return f"{float(value):.6g} {predictor.unit}".strip()


def straight(term: WrittenTerm) -> WrittenTerm:
    """A candidate by itself: a polynomial whose powers the model finds is a straight line."""
    factor = term.factors[0]
    return WrittenTerm((WrittenFactor(factor.variable),)) if factor.kind == "fp" else term


def chosen_of(term: WrittenTerm, design: Design) -> bool:
    """True where a candidate of one variable is in the model, in whatever shape."""
    same = any(each.name == term.name for each in design.terms)
    return same or (term.factors[0].kind == "plain" and term.variables[0] in design.variables)
