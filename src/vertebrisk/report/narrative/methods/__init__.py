"""The statistical methods as a paper tells them: what was done, and whose method it is.

Every sentence follows from the protocol and the result, so it stands there exactly when the
analysis did what it says.
"""

from __future__ import annotations

from vertebrisk.report.citing import numbered
from vertebrisk.report.narrative.methods import (
    candidates,
    comparing,
    missing,
    model,
    performance,
    scores,
    software,
    study,
)
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.report.publications import Publication

_PARAGRAPHS = (
    (study.data, study.design, study.outcome),
    (candidates.candidates, candidates.size, missing.missing),
    (comparing.comparing, comparing.over_time),
    (model.selecting, model.estimating, model.errors, model.sampled),
    (performance.discrimination, performance.validating, performance.calibrating),
    (performance.deciding, performance.apart),
    (scores.scores, scores.readers),
    (software.significance, software.software),
)


def statistical_methods(told: Narration) -> list[str]:
    """The methods in paragraphs, with the numbers of the papers that they cite."""
    return written(told)[0]


def written(told: Narration) -> tuple[list[str], tuple[Publication, ...]]:
    """The methods in paragraphs, and the papers that they cite in the order of their numbers."""
    paragraphs = (
        told.words.joined([text for write in each for text in write(told)]) for each in _PARAGRAPHS
    )
    return numbered(text for text in paragraphs if text)
