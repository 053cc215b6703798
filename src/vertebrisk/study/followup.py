"""Scores over follow-up and agreement of readers, as the protocol asks for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, IntArray, Language
from vertebrisk.cohort import Cohort
from vertebrisk.comparison.agreement import agreement_categorical, agreement_continuous
from vertebrisk.comparison.repeated import Scores, Visit, analyse
from vertebrisk.comparison.repeated.shaping import MAX_GROUPS
from vertebrisk.errors import VertebriskError
from vertebrisk.findings import Finding
from vertebrisk.protocol import Protocol
from vertebrisk.report.results.followup import AgreementResult, FollowupResult
from vertebrisk.text.catalogue import word
from vertebrisk.text.messages import reason, say
from vertebrisk.text.plurals import counted

if TYPE_CHECKING:
    from vertebrisk.cohort.followed import FollowupScores, Readings

LEVEL = 0.95


def followup_results(
    cohort: Cohort, protocol: Protocol, language: Language
) -> tuple[tuple[FollowupResult, ...], tuple[Finding, ...]]:
    """Every score over visits, with what was noticed; messages begin with its label."""
    results: list[FollowupResult] = []
    findings: list[Finding] = []
    for scores in cohort.followups:
        result = _followup(scores, protocol, language, findings)
        results.append(result)
        findings += _named(result.record.findings, result.label)
    return tuple(results), tuple(findings)


def _followup(
    scores: FollowupScores, protocol: Protocol, language: Language, findings: list[Finding]
) -> FollowupResult:
    table = scores.table
    names, codes, known = _divided(scores, findings, table.label.text(language))
    visits = tuple(
        Visit(each.source, each.label.text(language), each.time) for each in table.visits
    )
    lost = int((~known).sum())
    record = analyse(
        Scores(scores.matrix[known], visits, codes, names, lost),
        table.pairs,
        table.least_difference,
        table.higher_is_worse,
        LEVEL,
    )
    return FollowupResult(
        name=table.name,
        label=table.label.text(language),
        unit=table.unit_text(language),
        time_unit=table.time_unit or "",
        where=table.where or "",
        group_label=_variable_label(table.group, protocol, language),
        group_labels=tuple(_level_label(table.group, name, protocol, language) for name in names),
        limits=table.limits,
        tests=table.tests,
        record=record,
    )


def _divided(
    scores: FollowupScores, findings: list[Finding], label: str
) -> tuple[tuple[str, ...], IntArray | None, BoolArray]:
    """Names of the groups, the group of each patient who has one, and who has one."""
    everyone = np.ones(scores.matrix.shape[0], dtype=np.bool_)
    if scores.group is None:
        return (), None, everyone
    texts = scores.group.cast(pl.String)
    present = set(texts.drop_nulls().to_list())
    dtype = scores.group.dtype
    order = list(dtype.categories) if isinstance(dtype, pl.Enum) else sorted(present)
    names = tuple(name for name in order if name in present)
    if not 2 <= len(names) <= MAX_GROUPS:
        findings.append(
            Finding(
                "followup-no-groups",
                "warning",
                say(
                    "{label}: '{name}' holds {groups} among these patients; two to {max_groups} "
                    "can be compared, so they are not divided.",
                    label=label,
                    name=scores.group.name,
                    groups=counted(len(names), "group"),
                    max_groups=MAX_GROUPS,
                ),
                say("Name another group, or take it out."),
                column=scores.group.name,
            )
        )
        return (), None, everyone
    known = texts.is_not_null().to_numpy()
    place = {name: at for at, name in enumerate(names)}
    codes = np.array([place[name] for name in texts.drop_nulls().to_list()], dtype=np.int64)
    return names, codes, known


def _variable_label(name: str | None, protocol: Protocol, language: Language) -> str:
    if name is None:
        return ""
    described = protocol.variables.get(name)
    return name if described is None else described.label.text(language)


def _level_label(name: str | None, level: str, protocol: Protocol, language: Language) -> str:
    """What a group is called: its level's label, after the variable's where it is a bare yes."""
    described = None if name is None else protocol.variables.get(name)
    if described is None:
        return level
    own = described.level_labels.get(level)
    shown = level if own is None else own.text(language)
    return f"{described.label.text(language)}{word('colon', language)}{shown}"


def agreement_results(
    cohort: Cohort, protocol: Protocol, language: Language
) -> tuple[tuple[AgreementResult, ...], tuple[Finding, ...]]:
    """Every variable that two readers took; one that cannot be compared is a finding."""
    results: list[AgreementResult] = []
    findings: list[Finding] = []
    for readings in cohort.readings:
        label = _reading_label(readings, protocol, language)
        try:
            result = _agreement(readings, protocol, language, label)
        except VertebriskError as error:
            findings.append(
                Finding(
                    "agreement-not-computed",
                    "error",
                    say("{label}: {error}", label=label, error=reason(error)),
                    say("Correct the columns, or take the table [[agreement]] out."),
                )
            )
            continue
        results.append(result)
        findings += _named(result.record.findings, label)
    return tuple(results), tuple(findings)


def _reading_label(readings: Readings, protocol: Protocol, language: Language) -> str:
    table = readings.table
    if table.label is not None:
        return table.label.text(language)
    return _variable_label(table.variable, protocol, language)


def _agreement(
    readings: Readings, protocol: Protocol, language: Language, label: str
) -> AgreementResult:
    table = readings.table
    described = protocol.variables.get(table.variable)
    own = described.unit.text(language) if described and described.unit else ""
    unit = own if table.unit is None else table.unit
    names = (table.first, table.second)
    if table.kind == "categorical":
        record = agreement_categorical(
            readings.frame, *names, levels=readings.levels or None, level=LEVEL
        )
        return AgreementResult(table.variable, label, "", _readers(readings, language), record)
    measured = agreement_continuous(readings.frame, *names, level=LEVEL)
    return AgreementResult(table.variable, label, unit, _readers(readings, language), measured)


def _readers(readings: Readings, language: Language) -> tuple[str, str]:
    table = readings.table
    if table.readers is None:
        return table.first, table.second
    return table.readers[0].text(language), table.readers[1].text(language)


def _named(findings: tuple[Finding, ...], label: str) -> list[Finding]:
    return [
        replace(each, message=say("{name}: {message}", name=label, message=each.message))
        for each in findings
    ]
