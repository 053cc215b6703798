"""How scores over follow-up and the readings of two readers were analysed."""

from __future__ import annotations

from vertebrisk.comparison.agreement.results import CategoricalAgreement
from vertebrisk.report.narrative.narration import Narration

_ORDER = ("t", "wilcoxon", "anova", "friedman")


def scores(told: Narration) -> list[str]:
    """Tests between visits, the mixed model, and the least important difference."""
    words, found = told.words, told.result.followup
    if not found:
        return []
    used = {test for each in found for test in each.tests}
    sentences = [
        words(
            "methods.scores",
            labels=words.listed([each.label for each in found]),
            tests=words.listed(
                [words(f"methods.scores.{test}") for test in _ORDER if test in used]
            ),
        )
    ]
    if any(each.record.mixed is not None for each in found):
        sentences.append(words("methods.scores.mixed"))
    least = [
        words(
            "methods.scores.least",
            label=each.label,
            value=f"{told.numbers.shortest(each.record.mcid)} {each.unit}".rstrip(),
        )
        for each in found
        if each.record.mcid is not None
    ]
    if least:
        sentences.append(words("methods.scores.difference", differences=words.listed(least)))
    return sentences


def readers(told: Narration) -> list[str]:
    """What agreement of readers was measured by."""
    words, found = told.words, told.result.agreement
    by_kind: dict[str, list[str]] = {}
    for each in found:
        graded = isinstance(each.record, CategoricalAgreement)
        by_kind.setdefault("categorical" if graded else "continuous", []).append(each.label)
    return [
        words(f"methods.readers.{kind}", labels=words.listed(labels))
        for kind, labels in by_kind.items()
    ]
