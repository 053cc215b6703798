"""The study of matched sets: conditional logistic model, odds ratios, ranks inside the sets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from vertebrisk._types import IntArray
from vertebrisk.cohort import Cohort
from vertebrisk.cohort.matched_sets import varying_sets
from vertebrisk.design.build import VariableInfo, build_design
from vertebrisk.design.design import Design
from vertebrisk.errors import DataError, ModelError
from vertebrisk.findings import Finding, gathered
from vertebrisk.models.conditional.checking import same_in_sets
from vertebrisk.models.conditional.fit import ConditionalFit
from vertebrisk.models.conditional.fitting import fit_sets
from vertebrisk.models.conditional.screening import screen_sets_term
from vertebrisk.models.layout import multivariable_rows, univariable_rows
from vertebrisk.models.objections.design import no_risk_in_sets
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.selection.screening import SCREEN_SCHEMA
from vertebrisk.models.tables import RegressionRow
from vertebrisk.nomogram.build import build_nomogram, empty_nomogram
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.nomogram.scales import OddsScale
from vertebrisk.protocol import Protocol
from vertebrisk.report.results.matched import MatchedResult
from vertebrisk.report.results.study import ExamplePatient, StudyResult
from vertebrisk.study.describing import (
    candidates_of,
    described_model,
    study_facts,
    study_objections,
)
from vertebrisk.study.shapes import shapes_result
from vertebrisk.study.steps import Prepared, StudyRun, distribution, splines
from vertebrisk.text.messages import say
from vertebrisk.validation.results import Validation


def matched_study(prepared: Prepared) -> StudyRun:
    """Fit, validate and describe the conditional model of a prepared study."""
    cohort, clock = prepared.cohort, prepared.clock
    sets = cohort.sets
    assert sets is not None  # the protocol names them
    prepared = _differing(prepared, sets)
    protocol = prepared.protocol
    with clock("fit"):
        fit = conditional_fit(prepared, sets)
        univariable = _univariable(prepared, sets, fit)
    with clock("validate"):
        validation = _validated(fit, prepared, fixed=False)
    fixed = None
    if fit.selection.chooses:
        with clock("validate_fixed"):
            fixed = _validated(fit, prepared, fixed=True)
    model = described_model(fit, validation, protocol, cohort, prepared.options.language)
    nomogram = empty_nomogram(0.0)
    result = StudyResult(
        facts=study_facts(protocol, cohort, prepared.options, prepared.plan, fit, validation),
        flow=cohort.flow.said(prepared.options.language),
        comparison=prepared.comparison,
        univariable=univariable,
        multivariable=multivariable_rows(fit, intervals=prepared.protocol.analysis.intervals),
        equation=_equation(fit),
        model_summary=_summary(fit),
        vif=fit.vif(),
        c_index=fit.concordance(),
        roc=None,
        thresholds=None,
        validation=validation,
        validation_fixed=fixed,
        decision=None,
        nomogram=nomogram,
        total_points=distribution(nomogram, fit.linear_predictor),
        example=ExamplePatient((), (), 0.0, math.nan, None, None),
        findings=gathered(
            [
                *prepared.findings,
                *fit.findings,
                *study_objections(protocol, fit, validation),
                no_risk_in_sets(),
            ],
            prepared.options.language,
        ),
        protocol=protocol,
        candidates=candidates_of(fit),
        splines=splines(fit.design),
        shapes=shapes_result(fit, model),
        matched=_matched_result(prepared, sets, fit, _odds_nomogram(model)),
    )
    return StudyRun(result, fit, model, cohort, prepared.needed)


def _differing(prepared: Prepared, sets: IntArray) -> Prepared:
    """The candidates in which members of a set differ; the others leave with a finding."""
    if not prepared.terms:
        return prepared
    design, codes = build_design(prepared.cohort.frame, prepared.terms, prepared.info)
    still = set(same_in_sets(design, design.matrix(codes), sets))
    kept = tuple(term for term in prepared.terms if term.name not in still)
    if not kept:
        raise DataError(
            "No candidate differs between the members of any matched set, so no model can be "
            "made. What sets are matched on has no estimate; name other candidates."
        )
    found = [_same(term.name) for term in prepared.terms if term.name in still]
    return replace(prepared, terms=kept, findings=(*prepared.findings, *found))


def _same(name: str) -> Finding:
    return Finding(
        code="candidate-left-out",
        severity="warning",
        message=say(
            "Candidate '{name}' has one value in each matched set and was left out.", name=name
        ),
        remedy=say("Take it out of the candidates."),
        column=name,
    )


def conditional_fit(prepared: Prepared, sets: IntArray) -> ConditionalFit:
    """The conditional model of being a case."""
    cohort = prepared.cohort
    return fit_sets(
        cohort.frame,
        cohort.event.astype(np.float64),
        sets,
        prepared.terms,
        prepared.selection,
        formula=prepared.formula,
        sets=prepared.protocol.matched_set or "",
        outcome_name=prepared.protocol.outcome.name,
        info=prepared.info,
        firth=prepared.firth,
    )


def _validated(fit: ConditionalFit, prepared: Prepared, *, fixed: bool) -> Validation:
    return fit.validate(**prepared.validating(fixed=fixed))


def _univariable(
    prepared: Prepared, sets: IntArray, fit: ConditionalFit
) -> tuple[RegressionRow, ...]:
    cohort = prepared.cohort
    case = cohort.event.astype(np.float64)
    single = [term for term in prepared.terms if len(term.factors) == 1]
    rows = [row for term in single for row in screen_sets_term(cohort.frame, case, sets, term)]
    design, _ = build_design(cohort.frame, single, prepared.info)
    chosen = None
    if fit.selection.chooses:
        names = {term.name for term in fit.design.terms}
        chosen = {term.name: term.name in names for term in single}
    return univariable_rows(pl.DataFrame(rows, schema=SCREEN_SCHEMA), design, chosen)


def _equation(fit: ConditionalFit) -> str:
    """Log odds of each patient, up to a constant of the set."""
    parts = []
    for column, beta in zip(fit.design.columns, fit.beta, strict=True):
        name = f"[{column.term} = {column.level}]" if column.level else column.term
        parts.append(f"{'-' if beta < 0 else '+'} {abs(beta):.6g} {name}")
    return " ".join(parts).removeprefix("+ ") or "0"


def _summary(fit: ConditionalFit) -> dict[str, float | None]:
    return dict(fit.summary().to_dict())


def _odds_nomogram(model: RiskModel) -> Nomogram:
    """Points, and the odds ratio of their sum against the reference patient."""
    scales = (OddsScale(),)
    try:
        return build_nomogram(model.design, model.intercept, model.beta, model.linear_ticks, scales)
    except ModelError:
        return empty_nomogram(0.0, scales)


def _matched_result(
    prepared: Prepared, sets: IntArray, fit: ConditionalFit, nomogram: Nomogram
) -> MatchedResult:
    cohort, protocol = prepared.cohort, prepared.protocol
    cases = np.bincount(sets, weights=cohort.event).astype(np.int64)
    controls = np.bincount(sets) - cases
    sizes = (
        pl.DataFrame({"cases": cases, "controls": controls})
        .group_by("cases", "controls")
        .agg(sets=pl.len().cast(pl.Int64))
        .sort("sets", "cases", "controls", descending=[True, False, False])
    )
    return MatchedResult(
        set_column=protocol.matched_set or "",
        matched=_labels(protocol, prepared.info),
        n_sets=fit.n_sets,
        n_pairs=int((cases * controls).sum()),
        sizes=sizes,
        varying=_varying(cohort, prepared, sets),
        reference=_reference(fit.design),
        nomogram=nomogram,
    )


def _labels(protocol: Protocol, info: Mapping[str, VariableInfo]) -> tuple[str, ...]:
    """What the sets are matched on, as people call it."""
    names = protocol.sampling.matched if protocol.sampling is not None else ()
    return tuple(info[name].label or name if name in info else name for name in names)


def _varying(cohort: Cohort, prepared: Prepared, sets: IntArray) -> pl.DataFrame:
    single = [term for term in prepared.terms if len(term.factors) == 1]
    rows = [
        {
            "term": term.name,
            "label": prepared.info[name].label or name,
            "sets": varying_sets(cohort.frame[name], sets),
        }
        for term in single
        for name in term.variables
    ]
    schema = {"term": pl.String, "label": pl.String, "sets": pl.Int64}
    return pl.DataFrame(rows, schema=schema)


def _reference(design: Design) -> tuple[tuple[str, str], ...]:
    """The patient with whom odds are compared: label and value of each predictor."""
    shown = []
    for each in design.predictors:
        if each.categorical:
            value = each.level_label(str(each.adjust_to))
        else:
            value = f"{float(each.adjust_to):.6g} {each.unit}".strip()
        shown.append((each.label, value))
    return tuple(shown)
