"""Sentences of the checklists: what the run says to an item, and what the lists are called."""

from __future__ import annotations

from vertebrisk.report.sentences.checklists import (
    analysis,
    names,
    probast,
    results,
    strobe,
    study,
)

SENTENCES: dict[str, tuple[str, str]] = {
    **names.SENTENCES,
    **study.SENTENCES,
    **analysis.SENTENCES,
    **results.SENTENCES,
    **strobe.SENTENCES,
    **probast.SENTENCES,
}
