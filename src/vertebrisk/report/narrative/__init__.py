"""Short sentences for a Results section, with the numbers in place, in English and Chinese.

They speak of association and of estimated risk. Every number comes from the result
and passes through `vertebrisk.text.numbers`; a number that does not exist takes its
sentence, or its clause, with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vertebrisk.report.narrative import (
    centres,
    closing,
    followup,
    imputed,
    instability,
    matched,
    methods,
    model,
    patients,
    performance,
    periods,
    plain,
    sampling,
    survival,
)
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.report.page import references
from vertebrisk.report.publications import Publication
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.table import TableSpec

SECTIONS: Mapping[str, Callable[[Narration], list[str]]] = {
    "summary": patients.summary,
    "participants": patients.participants,
    "comparison": patients.comparison,
    "imputation": imputed.imputation,
    "survival": survival.survival,
    "univariable": model.univariable,
    "multivariable": model.multivariable,
    "sampling": sampling.sampling,
    "matching": matched.matching,
    "no_risk": matched.no_risk,
    "nomogram": model.nomogram,
    "discrimination": performance.discrimination,
    "calibration": performance.calibration,
    "validation": performance.validation,
    "centres": centres.centres,
    "split": periods.split,
    "decision": performance.decision,
    "instability": instability.instability,
    "size": instability.size,
    "beside": survival.beside,
    "followup": followup.followup,
    "agreement": followup.agreement,
    "replication": closing.replication,
    "statistical_methods": methods.statistical_methods,
    "plain_summary": plain.plain_summary,
    "limits": closing.limits,
}


def narrate(result: StudyResult, tables: Mapping[str, TableSpec]) -> dict[str, list[str]]:
    """Paragraphs of each section, in the language of the result.

    Parameters
    ----------
    result : StudyResult
        All numbers of one run.
    tables : mapping
        The numbered tables of the same report, as `build_tables` makes them: sentences
        refer to them.

    Returns
    -------
    dict
        Key of the section to its paragraphs; empty where a section has nothing to say.
    """
    return {
        section: [references.plain(text) for text in paragraphs]
        for section, paragraphs in referring(result, tables).items()
    }


def referring(result: StudyResult, tables: Mapping[str, TableSpec]) -> dict[str, list[str]]:
    """The paragraphs of `narrate` with their references marked, as `page.references` does."""
    told = Narration(result, tables)
    return {section: write(told) for section, write in SECTIONS.items()}


def cited(result: StudyResult, tables: Mapping[str, TableSpec]) -> tuple[Publication, ...]:
    """Publications that the statistical methods cite, in the order of their numbers."""
    return methods.written(Narration(result, tables))[1]


def for_patients(result: StudyResult, tables: Mapping[str, TableSpec]) -> list[tuple[str, str]]:
    """The summary for patients: questions with their answers."""
    return plain.answers(Narration(result, tables))
