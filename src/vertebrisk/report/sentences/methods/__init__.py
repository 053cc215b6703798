"""Sentences of the statistical methods: how it was done, and whose method it is.

``[@harrell1996]`` cites a paper of `vertebrisk.report.references`.
"""

from __future__ import annotations

from vertebrisk.report.sentences.methods import model, performance, scores, study

SENTENCES: dict[str, tuple[str, str]] = {
    **study.SENTENCES,
    **model.SENTENCES,
    **performance.SENTENCES,
    **scores.SENTENCES,
}
