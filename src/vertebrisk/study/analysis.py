"""The main job: from a protocol to all numbers of its report."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from vertebrisk import _files
from vertebrisk._types import FloatArray, Language
from vertebrisk._version import __version__
from vertebrisk.cohort import Cohort, load_cohort
from vertebrisk.comparison import Comparison, compare_groups
from vertebrisk.design.build import VariableInfo, build_design
from vertebrisk.design.terms import WrittenTerm, parse_terms
from vertebrisk.errors import ModelError, ProtocolError
from vertebrisk.findings import Finding, by_severity
from vertebrisk.models import objections
from vertebrisk.models.development import Selection
from vertebrisk.models.fit import LogisticFit
from vertebrisk.models.fitting import fit_prepared
from vertebrisk.models.layout import multivariable_rows, univariable_rows
from vertebrisk.models.risk_model import Outcome, Population, Provenance, RiskModel
from vertebrisk.models.screening import SCREEN_SCHEMA, screen_term
from vertebrisk.models.tables import RegressionRow
from vertebrisk.nomogram.build import empty_nomogram
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.protocol import Protocol
from vertebrisk.report.results import StudyFacts, StudyResult
from vertebrisk.study.candidates import usable_terms
from vertebrisk.study.example import example_patient
from vertebrisk.study.replication import replicate
from vertebrisk.study.specs import comparison_specs, default_tests, used_tests, variable_info
from vertebrisk.validation.discrimination import classify
from vertebrisk.validation.results import DecisionCurve, Validation

Progress = Callable[[str, int, int], None]
POINT_BINS = 20
THRESHOLD_STEP = 0.01


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a command line may change of a protocol without editing it."""

    data: Path | None = None
    resamples: int | None = None
    seed: int | None = None
    language: Language = "en"


@dataclass(frozen=True, slots=True, eq=False)
class StudyRun:
    """Numbers for the report, and what they were made from."""

    result: StudyResult
    fit: LogisticFit
    model: RiskModel
    cohort: Cohort
    protocol: Protocol


def _silent(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def run_study(
    protocol: Protocol, options: RunOptions = RunOptions(), progress: Progress = _silent
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
    clock = _Clock()
    language = options.language
    plan = resampling_of(protocol, options)
    with clock("read"):
        everyone = load_cohort(protocol, options.data)
    terms = parse_terms(protocol.model_terms)
    info = variable_info(everyone, language)
    with clock("compare"):
        comparison = compare_groups(
            everyone.frame,
            (everyone.event_name, everyone.event),
            comparison_specs(everyone, protocol.analysis.compare, language),
            tests=default_tests(protocol),
            group_labels=_group_labels(protocol, language),
        )
    cohort = everyone.complete(protocol.candidate_names)
    terms, left_out = usable_terms(
        cohort, terms, info, protocol.analysis.select.method == "prespecified"
    )
    selection = _selection(protocol, comparison)
    with clock("fit"):
        fit = fit_prepared(
            cohort.frame,
            cohort.event.astype(np.float64),
            terms,
            selection,
            formula=_formula(protocol, terms),
            outcome_name=protocol.outcome.name,
            info=info,
            clusters=cohort.clusters,
        )
        univariable = _univariable(cohort, terms, fit, protocol, info)
    cuts = _thresholds(protocol)

    def validate(fixed: bool, step: str) -> Validation:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            progress(step, done, plan.resamples)

        progress(step, 0, plan.resamples)
        return fit.validate(
            plan.resamples, plan.seed, fixed=fixed, thresholds=cuts, progress=advance
        )

    with clock("validate"):
        validation = validate(False, "validation")
    fixed = None
    if fit.selection.chooses:
        with clock("validate_fixed"):
            fixed = validate(True, "validation of the fixed model")
    model = _model(fit, validation, protocol, cohort, language)
    level = protocol.analysis.conf_level
    nomogram = _nomogram(model)
    result = StudyResult(
        facts=_facts(protocol, cohort, options, plan),
        flow=cohort.flow,
        comparison=comparison,
        univariable=univariable,
        multivariable=multivariable_rows(fit, level, protocol.analysis.intervals),
        equation=model.equation(),
        model_summary=_summary(fit),
        vif=fit.vif(),
        roc=fit.roc(),
        thresholds=classify(fit.event, fit.risk, protocol.validation.thresholds),
        validation=validation,
        validation_fixed=fixed,
        decision=_decision(validation),
        nomogram=nomogram,
        total_points=_distribution(nomogram, fit.linear_predictor),
        example=example_patient(model, nomogram),
        findings=by_severity(
            [*cohort.findings, *left_out, *fit.findings, *_objections(protocol, fit, validation)]
        ),
    )
    if protocol.printed_path is not None:
        printed = _printed(protocol.printed_path)
        result = replace(result, replication=replicate(result, printed))
    result = replace(result, timings=tuple(clock.spent.items()))
    return StudyRun(result, fit, model, cohort, protocol)


@dataclass(frozen=True, slots=True)
class Resampling:
    """Number of resamples and seed of this run."""

    resamples: int
    seed: int


def resampling_of(protocol: Protocol, options: RunOptions) -> Resampling:
    """The protocol's resampling, with what the command line changes."""
    own = protocol.validation
    return Resampling(
        own.resamples if options.resamples is None else options.resamples,
        own.seed if options.seed is None else options.seed,
    )


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
    protocol: Protocol,
    info: dict[str, VariableInfo],
) -> tuple[RegressionRow, ...]:
    outcome = cohort.event.astype(np.float64)
    level = protocol.analysis.conf_level
    single = [term for term in terms if len(term.factors) == 1]
    rows = [row for term in single for row in screen_term(cohort.frame, outcome, term, level)]
    design, _ = build_design(cohort.frame, single, info)
    chosen = None
    if fit.selection.chooses:
        names = {term.name for term in fit.design.terms}
        chosen = {term.name: term.name in names for term in single}
    return univariable_rows(pl.DataFrame(rows, schema=SCREEN_SCHEMA), design, chosen)


def _model(
    fit: LogisticFit,
    validation: Validation,
    protocol: Protocol,
    cohort: Cohort,
    language: Language,
) -> RiskModel:
    model = fit.model
    if fit.selection.chooses and validation.draws is not None:
        model = model.with_draws(validation.draws)
    study, outcome = protocol.study, protocol.outcome
    rows = validation.table.select("measure", "apparent", "corrected", "conf_low", "conf_high")
    return model.described(
        outcome=Outcome(
            outcome.name, outcome.label.text(language), outcome.event, outcome.time_point
        ),
        population=Population(
            n=fit.n,
            n_events=fit.n_events,
            description="; ".join(rule.reason for rule in protocol.eligibility.include),
            data_kind=study.data_kind,
        ),
        provenance=Provenance(
            study=study.id,
            title=study.title.text(language),
            formula=fit.formula,
            selection=fit.selection.method,
            use_at=study.use_at,
            data_sha256=cohort.data_sha256,
        ),
        performance={
            "procedure": validation.procedure,
            "resamples": validation.resamples,
            "measures": rows.fill_nan(None).to_dicts(),
        },
    )


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


def _summary(fit: LogisticFit) -> dict[str, float | None]:
    summary = fit.summary().to_dict()
    test = fit.hosmer_lemeshow()
    return {
        **summary,
        "hosmer_lemeshow": test.statistic,
        "hosmer_lemeshow_df": float(test.df),
        "hosmer_lemeshow_p": test.p_value,
    }


def _facts(protocol: Protocol, cohort: Cohort, options: RunOptions, plan: Resampling) -> StudyFacts:
    study, outcome, language = protocol.study, protocol.outcome, options.language
    return StudyFacts(
        id=study.id,
        title=study.title.text(language),
        design=study.design,
        unit=study.unit,
        outcome=outcome.name,
        outcome_label=outcome.label.text(language),
        event_rule=outcome.event,
        time_point=outcome.time_point,
        use_at=study.use_at,
        data_kind=study.data_kind,
        data_note=study.data_note.text(language) if study.data_note else "",
        data_name=cohort.data_name,
        data_sha256=cohort.data_sha256,
        seed=plan.seed,
        resamples=plan.resamples,
        selection=protocol.analysis.select.method,
        estimator=protocol.analysis.estimator,
        version=__version__,
        language=language,
    )


def _objections(protocol: Protocol, fit: LogisticFit, validation: Validation) -> list[Finding]:
    found: list[Finding] = []
    if not fit.design.terms:
        found.append(objections.nothing_selected())
    levels = {each.name: each.levels for each in fit.development.design.predictors if each.levels}
    found += objections.dichotomised(levels)
    if protocol.study.design == "case-control" and protocol.sampling is None:
        found.append(objections.sampled_without_prevalence())
    apparent = fit.apparent.measures["c_index"]
    slope = validation.table.filter(pl.col("measure") == "slope")["corrected"][0]
    found += objections.optimism(apparent, validation.corrected("c_index"), slope)
    found += objections.separated_resamples(validation.n_separated, validation.resamples)
    found += objections.failed_resamples(validation.n_failed, validation.resamples)
    found += objections.few_for_curve(fit.n, fit.n_events)
    found += objections.inflated(fit.vif())
    if fit.clusters is not None and fit.selection.chooses:
        found.append(objections.clustered_selection())
    return found


def _decision(validation: Validation) -> DecisionCurve:
    assert validation.decision is not None  # a validation over thresholds has its curve
    return validation.decision


def _printed(path: Path) -> dict[str, object]:
    content = _files.read_bytes(path, "The file of printed numbers")
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProtocolError(
            f"The file of printed numbers '{path.name}' is not TOML: {error}."
        ) from None
