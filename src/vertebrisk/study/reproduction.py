"""What the R script needs to know of a study: its file, codes, rules and formula."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vertebrisk.cohort import Cohort
from vertebrisk.design.rules import Expression
from vertebrisk.models.conditional.fit import ConditionalFit
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.protocol import Protocol, Variable
from vertebrisk.protocol.outcome import StudyOutcome, TimeToEventOutcome, outcome_rules
from vertebrisk.report.reproduction.plan import (
    DataFormat,
    PlanVariable,
    ReproducePlan,
    VariableKind,
)
from vertebrisk.study.penalised import has_errors
from vertebrisk.study.steps import StudyRun

_FORMATS: dict[str, DataFormat] = {
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xlsx",
    ".sav": "sav",
    ".zsav": "sav",
    ".dta": "dta",
    ".sas7bdat": "sas",
    ".xpt": "xpt",
    ".parquet": "parquet",
}


def reproduce_plan(run: StudyRun) -> ReproducePlan:
    """The plan of the R script for one run."""
    protocol, cohort, fit, facts = run.protocol, run.cohort, run.fit, run.result.facts
    # glmnet is given all candidates, of which it keeps some
    design = fit.design
    if not isinstance(fit, PooledFit | ConditionalFit) and not has_errors(fit):
        design = fit.development.design
    imputed = fit.imputations.variables if isinstance(fit, PooledFit) else ()
    derived = {name: each.derive for name, each in protocol.variables.items() if each.derive}
    rules = [
        *(each.rule for each in protocol.eligibility.include),
        *(each.rule for each in protocol.eligibility.exclude),
        *outcome_rules(protocol.outcome),
    ]
    sampling = protocol.sampling
    sampled = "" if sampling is None else sampling.sampled or ""
    if sampled:
        rules.append(sampled)
    drawn = sampling is not None and sampling.controls_per_case is not None
    read = dict.fromkeys(name for rule in rules for name in Expression.parse(rule).names)
    read |= dict.fromkeys(design.variables)
    read |= dict.fromkeys(run.needed)
    read |= dict.fromkeys(each.name for each in imputed)
    read |= dict.fromkeys(protocol.analysis.strata)
    needed, ordered = _with_sources(list(read), derived)
    cluster = protocol.study.patient if protocol.study.unit == "vertebra" else None
    if cluster is not None and cluster not in needed:
        needed.append(cluster)
    sets = protocol.matched_set
    if sets is not None and sets not in (*needed, *ordered):
        needed.append(sets)
    return ReproducePlan(
        data_file=cohort.data_name,
        data_format=_FORMATS.get(Path(cohort.data_name).suffix.lower(), "csv"),
        variables=tuple(_variable(name, protocol, cohort) for name in needed),
        derivations=tuple((name, derived[name] or "") for name in ordered),
        include=tuple(each.rule for each in protocol.eligibility.include),
        exclude=tuple(each.rule for each in protocol.eligibility.exclude),
        event=protocol.outcome.event,
        formula_terms=tuple(term.source for term in design.terms),
        outcome=protocol.outcome.name,
        **_followed(protocol.outcome),
        strata=protocol.analysis.strata,
        resamples=facts.resamples,
        seed=facts.seed,
        sampled=sampled,
        kept=tuple(int(row) for row in cohort.rows) if drawn else (),
        complete=run.needed,
        imputed=tuple((each.name, each.method, each.expression) for each in imputed),
        cluster=cluster or "",
        sets=sets or "",
        encoding=cohort.source.encoding or "UTF-8",
        separator=cohort.source.separator or ",",
    )


def _followed(outcome: StudyOutcome) -> dict[str, str]:
    """Time, entry and competing event of an outcome that is followed up."""
    if not isinstance(outcome, TimeToEventOutcome):
        return {}
    return {
        "time": outcome.time,
        "entry": outcome.entry or "",
        "competing": outcome.competing or "",
    }


def _with_sources(
    names: list[str], derived: Mapping[str, str | None]
) -> tuple[list[str], list[str]]:
    """Columns to read from the file, and derivations in the order in which they are made."""
    columns: dict[str, None] = {}
    ordered: dict[str, None] = {}

    def visit(name: str) -> None:
        source = derived.get(name)
        if source is None:
            columns[name] = None
            return
        for each in Expression.parse(source).names:
            if each != name:
                visit(each)
        ordered[name] = None

    for name in names:
        visit(name)
    return list(columns), list(ordered)


def _variable(name: str, protocol: Protocol, cohort: Cohort) -> PlanVariable:
    described = protocol.variables.get(name)
    kind = _kind(name, described, cohort)
    if described is None:
        return PlanVariable(name, kind)
    levels = described.ordered_levels
    if not levels and kind == "level":
        levels = next((each.levels for each in cohort.variables if each.name == name), ())
    return PlanVariable(
        name=name,
        kind=kind,
        codes=tuple(pair for level in levels for pair in _codes_of(level, described.codes)),
        missing=tuple(str(code) for code in described.missing),
    )


def _codes_of(level: str, codes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Every code of a level with the level; the level itself where no code has it."""
    return [(code, level) for code, label in codes.items() if label == level] or [(level, level)]


def _kind(name: str, described: Variable | None, cohort: Cohort) -> VariableKind:
    known = next((each for each in cohort.variables if each.name == name), None)
    if known is not None:
        return "level" if known.kind == "categorical" else "number"
    kind = cohort.source.kinds.get(name, "number")
    if described is not None and described.ordered_levels:
        return "level"
    return kind
