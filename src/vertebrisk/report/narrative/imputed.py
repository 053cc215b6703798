"""Sentences about missing values and their imputation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.report.main_numbers import is_intercept_only, with_interval
from vertebrisk.report.narrative.narration import Narration

if TYPE_CHECKING:
    from vertebrisk.report.results.imputed import ImputedResult


def imputation(told: Narration) -> list[str]:
    """Who lacked what, how the imputation is judged, and what complete cases alone say."""
    found = told.result.imputed
    if found is None:
        return []
    words, flow = told.words, told.result.flow
    opening = words(
        "imputation.opening",
        n_incomplete=found.n_incomplete,
        n=flow.n,
        events=found.n_incomplete_events,
        table=told.table("missing_patterns"),
        imputations=found.imputations,
    )
    by_outcome = words("imputation.by_outcome", table=told.table("missingness"))
    told_first = [words.joined([opening, by_outcome]), words("imputation.check")]
    return told_first if is_intercept_only(told.result) else [*told_first, _beside(told, found)]


def _beside(told: Narration, found: ImputedResult) -> str:
    alone = found.complete
    if alone is None:
        return told.words("imputation.no_beside")
    auc = alone.c_index
    return told.words(
        "imputation.beside",
        table=told.table("complete_cases"),
        n=alone.n,
        events=alone.n_events,
        c_index=with_interval((auc.estimate, auc.conf_low, auc.conf_high), told.words),
    )
