"""The study in words: its facts, the model's description, what a reviewer would object to."""

from __future__ import annotations

import polars as pl

from vertebrisk._types import Language
from vertebrisk._version import __version__
from vertebrisk.cohort import Cohort
from vertebrisk.findings import Finding
from vertebrisk.models import objections
from vertebrisk.models.fit import LogisticFit
from vertebrisk.models.risk_model import Outcome, Population, Provenance, RiskModel
from vertebrisk.protocol import Protocol
from vertebrisk.report.results import StudyFacts
from vertebrisk.study.options import Resampling, RunOptions
from vertebrisk.validation.results import Validation


def described_model(
    fit: LogisticFit,
    validation: Validation,
    protocol: Protocol,
    cohort: Cohort,
    language: Language,
) -> RiskModel:
    """The model of a run with its words, validation results and intervals."""
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


def model_summary(fit: LogisticFit) -> dict[str, float | None]:
    """Fit statistics of the final model, by name."""
    summary = fit.summary().to_dict()
    test = fit.hosmer_lemeshow()
    return {
        **summary,
        "hosmer_lemeshow": test.statistic,
        "hosmer_lemeshow_df": float(test.df),
        "hosmer_lemeshow_p": test.p_value,
    }


def study_facts(
    protocol: Protocol, cohort: Cohort, options: RunOptions, plan: Resampling
) -> StudyFacts:
    """What stands on the title page of the report."""
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


def study_objections(protocol: Protocol, fit: LogisticFit, validation: Validation) -> list[Finding]:
    """Findings about the analysis itself."""
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
