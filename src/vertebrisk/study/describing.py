"""The study in words: its facts, the model's description, what a reviewer would object to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from vertebrisk._types import EngineName, Language
from vertebrisk._version import __version__
from vertebrisk.design.design import Design
from vertebrisk.findings import Finding
from vertebrisk.models.conditional.firth import FirthConditionalFit
from vertebrisk.models.conditional.fit import ConditionalFit
from vertebrisk.models.firth.cox import FirthCoxFit
from vertebrisk.models.firth.fit import FirthLogisticFit
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.objections.design import clustered_tests
from vertebrisk.models.objections.events import few_for_curve
from vertebrisk.models.objections.predictors import dichotomised, inflated
from vertebrisk.models.objections.resamples import (
    KeptOf,
    failed_resamples,
    level_lost,
    optimism,
    separated_resamples,
)
from vertebrisk.models.objections.selection import data_driven_selection, nothing_selected
from vertebrisk.models.portable.describing import Consistency, Outcome, Population, Provenance
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.streamed.cox import StreamedCoxFit
from vertebrisk.models.streamed.logistic import StreamedLogisticFit
from vertebrisk.models.survival.fine_gray import FineGrayFit
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.protocol import Protocol
from vertebrisk.protocol.described import eligible_words, in_words
from vertebrisk.protocol.documents import PenaltyPlan, StabilityPlan
from vertebrisk.protocol.documents import Selection as WrittenSelection
from vertebrisk.protocol.validating import DEFAULT_METHOD
from vertebrisk.report.results.study import StudyFacts
from vertebrisk.study.options import Resampling, RunOptions
from vertebrisk.study.penalised import has_errors, stated
from vertebrisk.study.sampling import matched_variables, sampling_objections
from vertebrisk.study.specs import AnyCohort
from vertebrisk.validation.results import Validation
from vertebrisk.validation.summary import BOOTSTRAPS

if TYPE_CHECKING:
    from vertebrisk.models.uniform_shrinkage import ShrunkenModel

StreamedFit = StreamedLogisticFit | StreamedCoxFit
AnyFit = LogisticFit | CoxFit | FineGrayFit | PooledFit | ConditionalFit | StreamedFit


def described_model(
    fit: AnyFit,
    validation: Validation,
    protocol: Protocol,
    cohort: AnyCohort,
    language: Language,
    shrunken: ShrunkenModel | None = None,
) -> RiskModel:
    """The model of a run with its words, validation results and intervals."""
    model = _averaging(fit.model if shrunken is None else shrunken.model, fit, protocol)
    relative = isinstance(fit, ConditionalFit)
    wanted = shrunken is None and model.interval_kind == "none" and not relative
    if wanted and validation.draws is not None:
        model = model.with_draws(validation.draws)
    study, outcome = protocol.study, protocol.outcome
    sampling = fit.sampling if isinstance(fit, LogisticFit) else None
    rows = validation.table.select("measure", "apparent", "corrected", "conf_low", "conf_high")
    return model.described(
        outcome=Outcome(
            outcome.name,
            event=_event_rule(protocol),
            **in_words(
                {
                    "label": outcome.label,
                    "time_point": outcome.time_point,
                    "definition": outcome.definition,
                },
                language,
            ),
        ),
        population=Population(
            n=fit.n,
            n_events=fit.n_events,
            data_kind=study.data_kind,
            design=study.design,
            prevalence=None if sampling is None else sampling.source.prevalence,
            matched=matched_variables(protocol),
            **eligible_words(
                tuple(rule.reason for rule in protocol.eligibility.include),
                tuple(rule.reason for rule in protocol.eligibility.exclude),
                language,
            ),
        ),
        provenance=Provenance(
            study=study.id,
            **in_words({"title": study.title}, language),
            formula=fit.formula,
            selection=protocol.analysis.select.method,
            estimator=used_estimator(protocol, fit)
            if shrunken is None
            else model.provenance.estimator,
            use_at=study.use_at,
            data_sha256=cohort.data_sha256,
        ),
        performance={
            "procedure": validation.procedure,
            **_method(validation),
            "resamples": validation.resamples,
            "measures": rows.fill_nan(None).to_dicts(),
        },
        consistency=(
            Consistency(each.rule, **in_words({"reason": each.reason}, language))
            for each in protocol.consistency
        ),
    )


def _method(validation: Validation) -> dict[str, str]:
    """How the performance was validated, where not by the optimism bootstrap."""
    default = validation.method == DEFAULT_METHOD
    return {} if default else {"method": validation.method}


def _averaging(model: RiskModel, fit: AnyFit, protocol: Protocol) -> RiskModel:
    """The model with what it averages over at the bedside, where the protocol says so."""
    if isinstance(fit, ConditionalFit | StreamedFit) or not _averages(fit, protocol):
        return model
    ordered = [
        name
        for name in fit.design.variables
        if protocol.missing.methods.get(name) == "ordered" and _in_order(fit.design, name, protocol)
    ]
    return model.with_missing_inputs(fit, ordered=ordered)


def _averages(fit: AnyFit, protocol: Protocol) -> bool:
    """True where the protocol says so, and there is a risk and another input to go by."""
    if isinstance(fit, ConditionalFit) or matched_variables(protocol):
        return False
    return protocol.missing.averages and len(fit.design.variables) > 1


def _in_order(design: Design, name: str, protocol: Protocol) -> bool:
    """Whether three levels or more stand in the model as they do in the codebook."""
    levels = design.predictor(name).levels
    known = [each for each in protocol.variables[name].ordered_levels if each in levels]
    return len(levels) > 2 and (not known or tuple(known) == levels)


def model_summary(fit: LogisticFit) -> dict[str, float | None]:
    """Fit statistics of the final model, by name."""
    summary: dict[str, float | None] = fit.summary().to_dict()
    if fit.clusters is not None:
        # likelihoods take the rows for independent, which clustered vertebrae are not
        return {**summary, **dict.fromkeys(("lr_statistic", "p_value", "aic", "bic"))}
    if not has_errors(fit):
        return stated(summary)
    test = fit.hosmer_lemeshow()
    return {
        **summary,
        "hosmer_lemeshow": test.statistic,
        "hosmer_lemeshow_df": float(test.df),
        "hosmer_lemeshow_p": test.p_value,
    }


def used_estimator(protocol: Protocol, fit: AnyFit) -> str:
    """The estimator by its name, after "auto" has made its choice."""
    if isinstance(fit, FirthConditionalFit):
        return fit.estimator
    one = fit.fits[0] if isinstance(fit, PooledFit) else fit
    if isinstance(one, FirthLogisticFit | FirthCoxFit):
        return one.named
    return "ml" if protocol.analysis.estimator == "auto" else protocol.analysis.estimator


def study_facts(
    protocol: Protocol,
    cohort: AnyCohort,
    options: RunOptions,
    plan: Resampling,
    fit: AnyFit,
    validation: Validation,
    engine: EngineName = "memory",
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
        event_rule=_event_rule(protocol),
        time_point=outcome.time_point.text(language),
        use_at=study.use_at,
        data_kind=study.data_kind,
        data_note=study.data_note.text(language) if study.data_note else "",
        data_name=cohort.data_name,
        data_sha256=cohort.data_sha256,
        seed=plan.seed,
        resamples=validation.resamples,
        folds=plan.folds,
        repeats=plan.repeats,
        model="conditional" if isinstance(fit, ConditionalFit) else protocol.analysis.model,
        thresholds=tuple(sorted(protocol.validation.thresholds)),
        selection=protocol.analysis.select.method,
        selection_rule=_selection_rule(protocol, pooled=isinstance(fit, PooledFit)),
        estimator=used_estimator(protocol, fit),
        engine=engine,
        at_bedside="average" if _averages(fit, protocol) else "ask",
        version=__version__,
        language=language,
        journal=options.journal,
    )


def study_objections(protocol: Protocol, fit: AnyFit, validation: Validation) -> list[Finding]:
    """Findings about the analysis itself."""
    found: list[Finding] = []
    design = candidates_of(fit)
    candidates, chosen = len(design.terms), len(fit.design.terms)
    method = protocol.analysis.select.method
    if chosen == 0:
        found.append(nothing_selected(in_sets=isinstance(fit, ConditionalFit)))
    if method == "backward":
        found.append(data_driven_selection(candidates, chosen, method))
    levels = {each.name: each.levels for each in design.predictors if each.levels}
    variables = protocol.variables
    derived = {
        name: variables[name].derive or "" for name in protocol.candidate_names if name in variables
    }
    found += dichotomised(levels, derived)
    if isinstance(fit, LogisticFit):
        found += sampling_objections(protocol, fit)
    drawn = validation.method in BOOTSTRAPS
    if chosen:
        slope = validation.table.filter(pl.col("measure") == "slope")["corrected"][0]
        corrected = validation.table.filter(pl.col("measure") == "c_index")["corrected"][0]
        found += optimism(
            validation.apparent("c_index"),
            corrected,
            slope,
            imputed=isinstance(fit, PooledFit),
            drawn=drawn,
        )
        if not isinstance(fit, ConditionalFit):
            found += few_for_curve(fit.n, fit.n_events)
    found += separated_resamples(
        validation.n_separated, validation.resamples, kept=_kept(protocol, fit), drawn=drawn
    )
    found += level_lost(validation.n_deficient, validation.resamples, drawn=drawn)
    pooled = isinstance(fit, PooledFit)
    failed = validation.n_failed - (validation.n_separated if pooled else 0)
    found += failed_resamples(failed, validation.resamples, imputed=pooled, drawn=drawn)
    found += inflated(fit.vif(), fit.design)
    if isinstance(fit, LogisticFit | CoxFit | FineGrayFit) and fit.clusters is not None:
        found.append(clustered_tests(fit.selection.chooses))
    return found


def _kept(protocol: Protocol, fit: AnyFit) -> KeptOf:
    """Which measures of a separated resample are kept."""
    if isinstance(fit, PooledFit):
        return "imputed"
    if isinstance(fit, ConditionalFit):
        return "sets"
    if isinstance(fit, StreamedFit):
        return "pieces"
    return "binary" if protocol.outcome.kind == "binary" else "followed"


def candidates_of(fit: AnyFit) -> Design:
    """The design of all candidates, before any was chosen."""
    if isinstance(fit, StreamedFit):
        return fit.design
    return fit.candidates if isinstance(fit, PooledFit) else fit.development.design


def _event_rule(protocol: Protocol) -> str:
    """The event's rule, with what the derived variables in it are made of."""
    parts = [protocol.outcome.event]
    for name in protocol.outcome_names:
        variable = protocol.variables.get(name)
        if variable is not None and variable.derive is not None:
            parts.append(f"{name} = {variable.derive}")
    return "; ".join(parts)


def _backward_rule(select: WrittenSelection) -> str:
    """The criterion of a backward elimination, and what its tests come from."""
    by_p = select.criterion == "p"
    if select.approximate:
        by = "Wald test" if by_p else f"{select.criterion.upper()} of Wald statistics"
        how = "by the covariance of the model of all candidates, without refits"
    else:
        by = "likelihood-ratio test" if by_p else select.criterion.upper()
        how = "refitted at each step"
    return f"{by}, P < {select.alpha:g} to stay, {how}" if by_p else f"{by}, {how}"


def _selection_rule(protocol: Protocol, *, pooled: bool) -> str:
    """How candidates were chosen, in a few words and numbers."""
    select = protocol.analysis.select
    if pooled and select.method in ("univariable", "backward"):
        stay = " to stay, refitted at each step" if select.method == "backward" else ""
        return f"pooled test of each term (D1), P < {select.alpha:g}{stay}"
    if select.method == "univariable":
        test = "likelihood-ratio test" if select.test == "lr" else "test of the group comparison"
        return f"{test}, P < {select.alpha:g}"
    if select.method == "backward":
        return _backward_rule(select)
    if select.method == "stability":
        asked = select.stability or StabilityPlan()
        return f"{asked.learner}, {asked.pairs} x 2 halves, threshold {asked.threshold:g}"
    if select.method == "lasso":
        penalty = select.penalty or PenaltyPlan()
        found = f"{penalty.folds}-fold cross-validation, {penalty.rule}"
        how = found if penalty.value is None else f"penalty {penalty.value:g}"
        own = [f"{name} {factor:g}" for name, factor in penalty.factors.items()]
        return f"{how}, penalty factors {', '.join(own)}" if own else how
    return ""
