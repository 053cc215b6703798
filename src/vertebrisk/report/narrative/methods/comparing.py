"""How the groups were described and compared."""

from __future__ import annotations

from collections import Counter

from vertebrisk._types import TestName
from vertebrisk.report.narrative.narration import Narration


def comparing(told: Narration) -> list[str]:
    """How variables are summarised, and the tests that were used, each with how many it served."""
    words, variables = told.words, told.result.comparison.variables
    if not variables:
        return []
    kinds = Counter(each.summary for each in variables)
    shown = [
        words(
            "methods.counted_kind",
            kind=words(f"methods.kind.{kind}"),
            n=kinds[kind],
            all=len(variables),
        )
        for kind in ("mean_sd", "median_iqr", "count")
        if kinds[kind]
    ]
    used = Counter(each.test.test for each in variables if each.test.p_value is not None)
    tests = [
        words("methods.test_used", test=_test(told, test), n=n)
        for test, n in used.items()
        if test != "conditional"
    ]
    compared = words("methods.compared", tests=words.listed(tests))
    return [
        words("methods.summarised", kinds=words.listed(shown)),
        compared if tests or told.result.matched is not None else "",
        words("methods.smd") if any(each.smd is not None for each in variables) else "",
    ]


def _test(told: Narration, test: TestName) -> str:
    """A test's name; Fisher's with the reason, where the protocol did not ask for it."""
    asked = told.result.protocol.analysis.tests.categorical == "fisher"
    if test == "fisher" and not asked:
        return told.words("methods.test.fisher_small")
    return told.words(f"methods.test.{test}")


def over_time(told: Narration) -> list[str]:
    """How incidence and length of follow-up were estimated and compared."""
    found = told.result.survival
    if found is None:
        return []
    competes = bool(found.competing_rule)
    sentences = [told.words("methods.aalen_johansen" if competes else "methods.kaplan_meier")]
    if found.groups:
        sentences.append(told.words("methods.gray" if competes else "methods.log_rank"))
    return [*sentences, told.words("methods.follow_up")]
