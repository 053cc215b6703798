"""Level of significance, programs and their versions."""

from __future__ import annotations

from vertebrisk.report.narrative.narration import ALPHA, Narration
from vertebrisk.report.software import versions

_SHOWN = 12  # characters of the data's hash


def significance(told: Narration) -> list[str]:
    """Sidedness, level, and what was done about many tests."""
    tests = {test for each in told.result.followup for test in each.tests}
    holm = told.words("methods.but_holm") if tests & {"t", "wilcoxon"} else ""
    return [told.words("methods.significance", below=told.numbers.p_below(ALPHA), holm=holm)]


def software(told: Narration) -> list[str]:
    """What the numbers were made with, and what gives them again."""
    facts = told.facts
    return [
        told.words(
            "methods.software", sha=facts.data_sha256[:_SHOWN], seed=facts.seed, **versions()
        )
    ]
