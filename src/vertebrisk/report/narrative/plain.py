"""The summary for patients: what was asked, who took part, what was found, what it is not.

Short sentences, numbers out of 100, no word of statistics, nothing of fewer than five people.
"""

from __future__ import annotations

import math

from vertebrisk.comparison.results import ComparedVariable
from vertebrisk.report.main_numbers import corrected_estimate, is_intercept_only
from vertebrisk.report.narrative.narration import ALPHA, Narration
from vertebrisk.text.phrases import in_sentence

FEWEST = 5
TWO = 2
_GUESS = 50


def plain_summary(told: Narration) -> list[str]:
    """Each question with its answer, one paragraph each."""
    return [told.words.joined(each) for each in answers(told)]


def answers(told: Narration) -> list[tuple[str, str]]:
    """Questions of a patient and their answers, in order."""
    parts = {
        "asked": _asked(told),
        "who": _who(told),
        "found": _found(told),
        "model": _model(told),
        "limits": _limits(told),
        "you": _you(told),
    }
    return [(told.words(f"plain.{key}"), told.words.joined(part)) for key, part in parts.items()]


def _asked(told: Narration) -> list[str]:
    facts, matched = told.facts, told.result.matched is not None
    moment = told.words(f"plain.moment.{facts.use_at}")
    stated = {"outcome": in_sentence(facts.outcome_label), "time_point": facts.time_point}
    if matched:
        return [told.words("plain.asked.matched", **stated)]
    return [told.words("plain.asked.risk", moment=moment, **stated)]


def _who(told: Narration) -> list[str]:
    words, flow, facts = told.words, told.result.flow, told.facts
    rules = told.result.protocol.eligibility.include
    criteria = words.separated([rule.reason.text(facts.language) for rule in rules])
    left = sum(step.removed for step in flow.steps)
    sentences = [
        "" if facts.data_kind == "real" else words(f"plain.data.{facts.data_kind}"),
        words("plain.vertebrae" if flow.unit == "vertebra" else "plain.patients", n=flow.n),
        words("plain.criteria", criteria=criteria) if criteria else "",
        words("plain.sampled") if facts.design == "case-control" else "",
    ]
    if left >= FEWEST:
        sentences.append(words("plain.left", n=left))
    elif left:
        sentences.append(words("plain.left_few"))
    return sentences


def _found(told: Narration) -> list[str]:
    words = told.words
    if is_intercept_only(told.result):
        return [_share(told), words("plain.nothing")]
    levels = [text for each in told.result.comparison.variables for text in _levels(told, each)]
    return [_share(told), *levels, words("plain.not_why_here") if levels else ""]


def _levels(told: Narration, variable: ComparedVariable) -> list[str]:
    """How common the outcome is at each of two levels of a predictor; none of fewer than five."""
    result, words = told.result, told.words
    plainly = result.matched is None and result.survival is None and result.sampling is None
    strong = {
        row.term for row in result.multivariable if row.p_value is not None and row.p_value < ALPHA
    }
    counts = [tuple(cell.count for cell in level.cells) for level in variable.levels]
    few = len(counts) != TWO or min(min(each) for each in counts) < FEWEST
    sampled = told.facts.design == "case-control"
    if not plainly or sampled or few or variable.variable not in strong:
        return []
    return [
        words(
            "plain.level",
            label=variable.label,
            level=level.label,
            with_it=_out_of_100(told, events / (others + events)),
        )
        for level, (others, events) in zip(variable.levels, counts, strict=True)
    ]


def _share(told: Narration) -> str:
    """How common the outcome is, out of 100; in words where fewer than five tell of it."""
    words, result, flow = told.words, told.result, told.result.flow
    if result.matched is not None:
        return words("plain.share_matched")
    if result.sampling is not None:
        return words(
            "plain.share_population", with_it=_out_of_100(told, result.sampling.prevalence)
        )
    if told.facts.design == "case-control":
        return words("plain.share_matched")
    if result.survival is not None:
        first = result.survival.horizons[0]
        if first.n_events < FEWEST:
            return words("plain.few")
        return words(
            "plain.share_by",
            horizon=f"{first.horizon:g}",
            unit=words.duration(result.survival.time_unit),
            with_it=_out_of_100(told, first.incidence.estimate),
        )
    if flow.n_events < FEWEST:
        return words("plain.few")
    if flow.n - flow.n_events < FEWEST:
        return words("plain.nearly_all")
    share = flow.n_events / flow.n
    return words(
        "plain.share_vertebrae" if flow.unit == "vertebra" else "plain.share",
        with_it=_out_of_100(told, share),
        without=_out_of_100(told, 1.0 - share),
    )


def _out_of_100(told: Narration, share: float) -> str:
    if share < 0.01:
        return told.words("plain.under_one")
    if share > 0.99:
        return told.words("plain.over")
    return told.words("plain.about", n=_whole(share))


def _whole(share: float) -> int:
    """Out of 100; halves go up, so that a share and what is left of it make 100."""
    shown = 100.0 * share
    return math.floor(shown + 0.5) if share <= 0.5 else 100 - math.floor(100.0 - shown + 0.5)


def _model(told: Narration) -> list[str]:
    words, matched = told.words, told.result.matched is not None
    if is_intercept_only(told.result):
        return [words("plain.no_better")]
    what = words("plain.what_it_is_matched" if matched else "plain.what_it_is")
    found = corrected_estimate(told.result, "c_index")[0]
    c_index = told.result.c_index.estimate if found is None or math.isnan(found) else found
    n = _whole(c_index)
    return [
        what,
        words("plain.uses", labels=words.listed(_uses(told))),
        words("plain.pairs", n=n) if n > _GUESS else words("plain.no_better"),
    ]


def _uses(told: Narration) -> list[str]:
    """What the model asks for, without units."""
    design = told.result.candidates
    rows = {row.term: row.label for row in told.result.multivariable if row.kind != "intercept"}
    variables = {term.name: term.variables for term in design.terms}
    labels = [
        label
        for term, plain in rows.items()
        for label in (
            [design.predictor(name).label for name in variables[term]]
            if term in variables
            else [plain]
        )
    ]
    return [in_sentence(label) for label in dict.fromkeys(labels)]


def _limits(told: Narration) -> list[str]:
    tried = "elsewhere" if told.result.centres is None else "elsewhere_centres"
    return [told.words(f"plain.{key}") for key in ("one_person", tried, "not_why")]


def _you(told: Narration) -> list[str]:
    words, real = told.words, told.facts.data_kind == "real"
    return [
        "" if told.result.matched is not None else words("plain.not_a_promise"),
        "" if real else words("plain.not_for_you"),
        words("plain.ask"),
    ]
