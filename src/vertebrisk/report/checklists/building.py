"""All checklists of a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from vertebrisk.report.checklists import probast_ai
from vertebrisk.report.checklists.content import Checklist, table_key
from vertebrisk.report.checklists.known import Known
from vertebrisk.report.checklists.probast import probast
from vertebrisk.report.checklists.strobe import strobe
from vertebrisk.report.checklists.tripod import tripod, tripod_abstract
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.words import Words

LISTS: Mapping[str, Callable[[Known], Checklist]] = {
    "tripod": tripod,
    "abstract": tripod_abstract,
    "probast": probast,
    "probast_development": probast_ai.development,
    "probast_evaluation": probast_ai.evaluation,
    "strobe": strobe,
}


def build_checklists(result: StudyResult, tables: Collection[str]) -> tuple[Checklist, ...]:
    """TRIPOD+AI, its abstract list, PROBAST, PROBAST+AI and STROBE, filled from a run.

    Parameters
    ----------
    result : StudyResult
        Its language is that of the texts.
    tables : collection of str
        Keys of the tables of the report; besides these only checklists are referred to.

    Returns
    -------
    tuple of Checklist
        What the run knows of every item, what is left to the authors, and what does not apply
        and why.
    """
    known = Known(result, Words.of(result), {*tables, *map(table_key, LISTS)})
    return tuple(filled(known) for filled in LISTS.values())
