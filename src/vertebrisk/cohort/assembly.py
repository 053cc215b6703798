"""A protocol and its file make a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from vertebrisk._types import IntArray
from vertebrisk.cohort.candidates import candidate_findings
from vertebrisk.cohort.cohort import (
    Cohort,
    DataSource,
    constant_names,
    dense_codes,
    read_only_events,
    read_only_positions,
)
from vertebrisk.cohort.consistency import inconsistent_rows
from vertebrisk.cohort.flow import Flow, FlowStep, StepKind
from vertebrisk.cohort.followup import followup_scores, missing_scores
from vertebrisk.cohort.labelling import no_level_remedy
from vertebrisk.cohort.matched_sets import set_findings, shared_patients, with_sets
from vertebrisk.cohort.outcomes import truth_of, with_outcome
from vertebrisk.cohort.preparing import (
    check_columns,
    columns_in_use,
    described_variables,
    expected_texts,
    prepare,
)
from vertebrisk.cohort.quality import (
    constants,
    duplicate_rows,
    extreme_units,
    few_in_class,
    gaps,
    lonely_levels,
    patient_codes,
    repeated_patients,
    stratum_findings,
    unused_levels,
)
from vertebrisk.cohort.reading import TableFile, read_file
from vertebrisk.cohort.reading.table_file import Declared
from vertebrisk.cohort.sampling import with_sampled
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.protocol import Protocol, Variable
from vertebrisk.text.messages import say


def load_cohort(protocol: Protocol, data: Path | None = None) -> Cohort:
    """Eligible patients with labelled variables and outcome, from a protocol and its file.

    Parameters
    ----------
    protocol : Protocol
        From `load_protocol`.
    data : Path, optional
        A file to be used instead of the protocol's own.

    Raises
    ------
    DataError
        The file cannot be read or cannot be used as the protocol says.
    ProtocolError
        A rule does not fit the columns that it names.
    """
    return assemble(protocol, read_study_file(protocol, data), [])


def read_study_file(protocol: Protocol, data: Path | None = None) -> TableFile:
    """The study's file, read with what the codebook says of its columns."""
    declared = declared_of(protocol)
    return read_file(
        data if data is not None else protocol.data_path,
        missing=declared.missing,
        levels=declared.levels,
    )


def declared_of(protocol: Protocol) -> Declared:
    """What the codebook says of the columns of the file before they are read."""
    in_file = {name: each for name, each in protocol.variables.items() if each.derive is None}
    missing = {
        **missing_scores(protocol.followup),
        **{name: _code_texts(each) for name, each in in_file.items() if each.missing},
    }
    return Declared((), missing, expected_texts(in_file))


def _code_texts(variable: Variable) -> tuple[str, ...]:
    return tuple(
        str(int(code)) if isinstance(code, float) and code.is_integer() else str(code)
        for code in variable.missing
    )


def assemble(protocol: Protocol, table: TableFile, findings: list[Finding]) -> Cohort:
    """The cohort of a file already read; `findings` is added to as the work goes on."""
    file = table.path.name
    used = columns_in_use(protocol)
    unusable = {name for name in table.frame.columns if _holds_nothing(table.frame[name])}
    findings += (judged(each, used, empty=each.column in unusable) for each in table.findings)
    findings += check_columns(protocol, table.frame.columns, file)
    findings += duplicate_rows(table.frame, file)
    frame, found = prepare(protocol, table.frame, file)
    findings += found
    findings += inconsistent_rows(protocol.consistency, frame, file)
    frame, rows, steps = _eligible(protocol, frame)
    findings += outcome_left_out(protocol)
    found_outcome = with_outcome(protocol, frame, rows, file)
    found_outcome, population = with_sampled(protocol, found_outcome, file)
    found_outcome, sets = with_sets(protocol, found_outcome, file)
    frame, rows, event = found_outcome.frame, found_outcome.rows, found_outcome.event
    survival = found_outcome.survival
    findings += found_outcome.findings
    clusters, n_patients = _patients(protocol, frame, rows, file, findings)
    findings += shared_patients(clusters, sets)
    variables = described_variables(protocol, frame)
    kept = frame.select([variable.name for variable in variables])
    strata = protocol.analysis.strata
    analysed = analysed_names(protocol)
    findings += few_in_class(int(event.sum()), event.size, protocol.outcome.name)
    findings += gaps(kept, analysed, protocol.candidate_names, file)
    findings += unused_levels(kept, analysed, file)
    findings += lonely_levels(kept, protocol.candidate_names, file)
    findings += extreme_units(kept, protocol.candidate_names, file)
    constant = constant_names(kept, analysed)
    findings += constants(kept, constant, file)
    findings += candidate_findings(protocol.model_terms, kept, file)
    findings += stratum_findings(kept, strata, event, file)
    findings += set_findings(protocol, kept, sets, file)
    followed = followup_scores(protocol, frame, rows, file)
    findings += followed.findings
    return Cohort(
        frame=kept,
        event=read_only_events(event),
        event_name=protocol.outcome.name,
        flow=Flow(
            unit=protocol.study.unit,
            n_read=table.n_rows,
            steps=(*steps, *found_outcome.steps),
            n=event.size,
            n_events=int(event.sum()),
            n_patients=n_patients,
            follow_up=None if survival is None else survival.follow_up(),
        ),
        findings=tuple(findings),
        variables=variables,
        rows=read_only_positions(rows),
        clusters=clusters,
        analysed=analysed,
        constant=constant,
        data_sha256=table.sha256,
        data_name=file,
        data_kind=protocol.study.data_kind,
        survival=survival,
        population=population,
        sets=None if sets is None else dense_codes(sets),
        followups=followed.scores,
        readings=followed.readings,
        source=DataSource(table.encoding, table.separator, column_kinds(table.frame.schema)),
    )


def analysed_names(protocol: Protocol) -> tuple[str, ...]:
    """Compared variables, candidates and strata, each once."""
    analysis = protocol.analysis
    return tuple(dict.fromkeys((*analysis.compare, *protocol.candidate_names, *analysis.strata)))


def column_kinds(
    schema: Mapping[str, pl.DataType],
) -> dict[str, Literal["number", "level", "date"]]:
    """Whether each column holds numbers, levels or dates."""

    def kind(dtype: pl.DataType) -> Literal["number", "level", "date"]:
        if dtype.is_numeric():
            return "number"
        return "date" if dtype in (pl.Date, pl.Datetime) else "level"

    return {name: kind(dtype) for name, dtype in schema.items()}


def _holds_nothing(column: pl.Series) -> bool:
    return column.null_count() == len(column)


def judged(finding: Finding, used: frozenset[str], *, empty: bool) -> Finding:
    """A finding about the file, as grave as it is for this protocol.

    `empty` says that no cell of its column holds a value that can be used.

    A value beyond the levels breaks a rule of the protocol; an absurd one in a column that
    the protocol does not read breaks none.
    """
    if finding.code == "absurd-value" and finding.column not in used:
        return replace(finding, severity="warning")
    if finding.code != "unknown-level":
        return finding
    remedy = no_level_remedy(finding.column) if empty else finding.remedy
    return replace(finding, severity="error", remedy=remedy)


def _eligible(
    protocol: Protocol, frame: pl.DataFrame
) -> tuple[pl.DataFrame, IntArray, tuple[FlowStep, ...]]:
    rows: IntArray = np.arange(1, frame.height + 1, dtype=np.int64)
    frame, rows, steps = eligible(protocol, frame, rows)
    for step in steps:
        if step.remaining == 0 and step.kind != "undetermined":
            raise nobody_left(step)
    return frame, rows, tuple(step for step in steps if step.removed or step.kind != "undetermined")


def nobody_left(step: FlowStep) -> DataError:
    """What is said where a criterion leaves no row."""
    return DataError(
        f"No row is left after the step '{step.reason}' of [[eligibility.{step.kind}]]. Check its "
        "rule against the values in the file."
    )


def eligible(
    protocol: Protocol, frame: pl.DataFrame, rows: IntArray
) -> tuple[pl.DataFrame, IntArray, list[FlowStep]]:
    """The eligible of some rows, of a file or of a piece of one.

    Each criterion has two steps: the rows that it leaves open, and those that it removes.
    """
    steps: list[FlowStep] = []
    criteria: list[tuple[StepKind, str, str]] = [
        *(("include", each.rule, each.reason.message()) for each in protocol.eligibility.include),
        *(("exclude", each.rule, each.reason.message()) for each in protocol.eligibility.exclude),
    ]
    for kind, rule, reason in criteria:
        truth = truth_of(rule, frame, f"[[eligibility.{kind}]] '{reason}'")
        undetermined = truth.is_null()
        if undetermined.any():
            frame, rows = _keep(frame, rows, ~undetermined)
            truth = truth.drop_nulls()
        steps.append(FlowStep("undetermined", reason, rule, int(undetermined.sum()), frame.height))
        before = frame.height
        frame, rows = _keep(frame, rows, truth if kind == "include" else ~truth)
        steps.append(FlowStep(kind, reason, rule, before - frame.height, frame.height))
    return frame, rows, steps


def _keep(frame: pl.DataFrame, rows: IntArray, mask: pl.Series) -> tuple[pl.DataFrame, IntArray]:
    return frame.filter(mask), rows[mask.to_numpy()]


def outcome_left_out(protocol: Protocol) -> list[Finding]:
    """Compared variables that are no candidates because they decide the outcome."""
    if protocol.analysis.candidates != ("compare",):
        return []
    out = {*protocol.candidates, *protocol.analysis.strata}
    return [
        Finding(
            "outcome-no-candidate",
            "note",
            say(
                "Variable '{name}' decides the outcome; it is compared, but is no candidate.",
                name=name,
            ),
            say("Take it out of 'compare' if it says nothing beyond the outcome."),
            column=name,
        )
        for name in protocol.analysis.compare
        if name not in out
    ]


def _patients(
    protocol: Protocol, frame: pl.DataFrame, rows: IntArray, file: str, findings: list[Finding]
) -> tuple[IntArray | None, int]:
    name, unit = protocol.study.patient, protocol.study.unit
    if name is None:
        return None, frame.height
    findings += repeated_patients(frame[name], rows, unit, file)
    if unit == "patient":
        return None, frame[name].drop_nulls().n_unique() + frame[name].null_count()
    clusters = dense_codes(patient_codes(frame[name]))
    return clusters, int(clusters.max()) + 1
