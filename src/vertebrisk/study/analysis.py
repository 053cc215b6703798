"""The main job: from a protocol to all numbers of its report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, Language
from vertebrisk.cohort import Cohort, load_cohort
from vertebrisk.comparison import Comparison, compare_groups
from vertebrisk.design.build import VariableInfo, build_design
from vertebrisk.design.terms import WrittenTerm, parse_terms
from vertebrisk.errors import ModelError, ProtocolError
from vertebrisk.findings import by_severity
from vertebrisk.models.development import Selection
from vertebrisk.models.fit import LogisticFit
from vertebrisk.models.fitting import fit_prepared
from vertebrisk.models.layout import multivariable_rows, univariable_rows
from vertebrisk.models.risk_model import RiskModel
from vertebrisk.models.screening import SCREEN_SCHEMA, screen_term
from vertebrisk.models.tables import RegressionRow
from vertebrisk.nomogram.build import empty_nomogram
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.protocol import Protocol
from vertebrisk.report.results import StudyResult
from vertebrisk.study.candidates import usable_terms, varying_terms
from vertebrisk.study.describing import (
    described_model,
    model_summary,
    study_facts,
    study_objections,
)
from vertebrisk.study.example import example_patient
from vertebrisk.study.followup import agreement_results, followup_results
from vertebrisk.study.options import Resampling, RunOptions, resampling_of
from vertebrisk.study.replication import published_study, replicate
from vertebrisk.study.specs import comparison_specs, default_tests, used_tests, variable_info
from vertebrisk.validation.discrimination import classify
from vertebrisk.validation.results import DecisionCurve, Validation

Progress = Callable[[str, int, int], None]
DEFAULTS = RunOptions()
POINT_BINS = 20
THRESHOLD_STEP = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class StudyRun:
    """Numbers for the report, and what they were made from.

    `needed` are the variables without which a patient left the analysis.
    """

    result: StudyResult
    fit: LogisticFit
    model: RiskModel
    cohort: Cohort
    protocol: Protocol
    needed: tuple[str, ...]


def _silent(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def run_study(
    protocol: Protocol, options: RunOptions = DEFAULTS, progress: Progress = _silent
) -> StudyRun:
    """Do what the protocol says: cohort, comparison, model, validation, nomogram.

    Parameters
    ----------
    protocol : Protocol
    options : RunOptions
        Another data file, number of resamples or seed; the language of labels.
    progress : callable
        Called with the name of a step, and how much of it is done and to be done.

    Raises
    ------
    DataError, ProtocolError, FitError
        When the study cannot be run as it stands; one line says why.
    """
    if protocol.outcome.kind != "binary":
        raise ProtocolError(
            'kind = "time-to-event" in [outcome] can be checked, but not yet run, by this version '
            "of vertebrisk, which models binary outcomes."
        )
    clock = _Clock()
    language = options.language
    published = published_study(protocol)
    with clock("read"):
        everyone = load_cohort(protocol, options.data)
    info = variable_info(everyone, protocol, language)
    with clock("compare"):
        comparison = _compared(everyone, protocol, language)
    with clock("follow"):
        followup, followed = followup_results(everyone, protocol, language)
        agreement, compared = agreement_results(everyone, protocol, language)
    terms, constant = varying_terms(everyone, parse_terms(protocol.model_terms))
    needed = tuple(dict.fromkeys(name for term in terms for name in term.variables))
    cohort = everyone.complete(needed)
    terms, left_out = usable_terms(
        cohort, terms, info, prespecified=protocol.analysis.select.method == "prespecified"
    )
    with clock("fit"):
        fit = fit_prepared(
            cohort.frame,
            cohort.event.astype(np.float64),
            terms,
            _selection(protocol, comparison),
            formula=_formula(protocol, terms),
            outcome_name=protocol.outcome.name,
            info=info,
            clusters=cohort.clusters,
        )
        univariable = _univariable(cohort, terms, fit, info)
    plan = resampling_of(protocol, options)
    with clock("validate"):
        validation = _validated(fit, protocol, plan, progress, fixed=False)
    fixed = None
    if fit.selection.chooses:
        with clock("validate_fixed"):
            fixed = _validated(fit, protocol, plan, progress, fixed=True)
    model = described_model(fit, validation, protocol, cohort, language)
    nomogram = _nomogram(model)
    roc = fit.roc()
    objections = study_objections(protocol, fit, validation)
    result = StudyResult(
        facts=study_facts(protocol, cohort, options, plan),
        flow=cohort.flow,
        comparison=comparison,
        univariable=univariable,
        multivariable=multivariable_rows(fit, intervals=protocol.analysis.intervals),
        equation=model.equation(),
        model_summary=model_summary(fit),
        vif=fit.vif(),
        c_index=roc.auc,
        roc=roc,
        thresholds=classify(fit.event, fit.risk, protocol.validation.thresholds),
        validation=validation,
        validation_fixed=fixed,
        decision=_decision(validation),
        nomogram=nomogram,
        total_points=_distribution(nomogram, fit.linear_predictor),
        example=example_patient(model, nomogram),
        findings=by_severity(
            [
                *cohort.findings,
                *constant,
                *left_out,
                *fit.findings,
                *objections,
                *followed,
                *compared,
            ]
        ),
        followup=followup,
        agreement=agreement,
        splines=_splines(fit),
    )
    if published is not None:
        result = replace(result, replication=replicate(result, published))
    result = replace(result, timings=tuple(clock.spent.items()))
    return StudyRun(result, fit, model, cohort, protocol, needed)


class _Clock:
    """Seconds spent in each named step."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.spent[step] = time.perf_counter() - start


def _group_labels(protocol: Protocol, language: Language) -> dict[str, str]:
    label = protocol.outcome.label.text(language)
    without = f"No {label[:1].lower()}{label[1:]}" if language == "en" else f"无{label}"
    return {"false": without, "true": label, "0": without, "1": label}


def _compared(cohort: Cohort, protocol: Protocol, language: Language) -> Comparison:
    return compare_groups(
        cohort.frame,
        (cohort.event_name, cohort.event),
        comparison_specs(cohort, protocol.analysis.compare, language),
        tests=default_tests(protocol),
        group_labels=_group_labels(protocol, language),
    )


def _validated(
    fit: LogisticFit, protocol: Protocol, plan: Resampling, progress: Progress, *, fixed: bool
) -> Validation:
    step = "validation, model held fixed" if fixed else "validation"
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(step, done, plan.resamples)

    progress(step, 0, plan.resamples)
    return fit.validate(
        plan.resamples,
        plan.seed,
        fixed=fixed,
        thresholds=_thresholds(protocol),
        progress=advance,
    )


def _selection(protocol: Protocol, comparison: Comparison) -> Selection:
    written = protocol.analysis.select
    return Selection(
        method=written.method,
        alpha=written.alpha,
        criterion=written.criterion,
        test=written.test,
        tests=used_tests(comparison),
    )


def _formula(protocol: Protocol, terms: Sequence[WrittenTerm]) -> str:
    return f"{protocol.outcome.name} ~ {' + '.join(term.name for term in terms) or '1'}"


def _thresholds(protocol: Protocol) -> FloatArray:
    """Grid over the protocol's range, with the thresholds where decisions are taken."""
    low, high = protocol.validation.threshold_range
    grid = np.arange(np.ceil(low / THRESHOLD_STEP), np.floor(high / THRESHOLD_STEP) + 1)
    own = [cut for cut in protocol.validation.thresholds if low <= cut <= high]
    return np.unique(np.concatenate([[low, high], grid * THRESHOLD_STEP, own]).round(6))


def _univariable(
    cohort: Cohort,
    terms: Sequence[WrittenTerm],
    fit: LogisticFit,
    info: dict[str, VariableInfo],
) -> tuple[RegressionRow, ...]:
    outcome = cohort.event.astype(np.float64)
    single = [term for term in terms if len(term.factors) == 1]
    rows = [
        row for term in single for row in screen_term(cohort.frame, outcome, term, cohort.clusters)
    ]
    design, _ = build_design(cohort.frame, single, info)
    chosen = None
    if fit.selection.chooses:
        names = {term.name for term in fit.design.terms}
        chosen = {term.name: term.name in names for term in single}
    return univariable_rows(pl.DataFrame(rows, schema=SCREEN_SCHEMA), design, chosen)


def _splines(fit: LogisticFit) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Variables that enter as restricted cubic splines, with their knots."""
    factors = [factor for term in fit.design.terms for factor in term.factors]
    return tuple({f.variable: f.knots for f in factors if f.kind == "rcs"}.items())


def _nomogram(model: RiskModel) -> Nomogram:
    try:
        return model.nomogram()
    except ModelError:
        return empty_nomogram(model.intercept)


def _distribution(nomogram: Nomogram, linear: FloatArray) -> pl.DataFrame:
    schema = {"low": pl.Float64, "high": pl.Float64, "n": pl.Int64}
    if not nomogram.axes:
        return pl.DataFrame(schema=schema)
    totals = (linear - nomogram.intercept) * nomogram.points_per_unit
    edges = np.linspace(0.0, nomogram.max_total, POINT_BINS + 1)
    counts, _ = np.histogram(np.clip(totals, edges[0], edges[-1]), edges)
    return pl.DataFrame({"low": edges[:-1], "high": edges[1:], "n": counts}, schema=schema)


def _decision(validation: Validation) -> DecisionCurve:
    assert validation.decision is not None  # a validation over thresholds has its curve
    return validation.decision
