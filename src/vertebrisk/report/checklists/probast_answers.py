"""The questions of PROBAST on participants, predictors and outcome, answered from a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vertebrisk.evidence.appraisal.answers import Answer, Reply
from vertebrisk.report.checklists.content import Place
from vertebrisk.report.checklists.known import Known, figure, section, table


@dataclass(frozen=True, slots=True)
class Said:
    """The answer to one question, and where in the report its reason stands."""

    answer: Answer
    places: tuple[Place, ...]


def said(
    known: Known, question: str, reply: Reply, key: str, *places: Place, **values: object
) -> Said:
    """An answer by the key of its reason's sentence."""
    reason = known.words(f"probast.{key}", **values)
    return Said(Answer(question, reply, reason), known.at(*places))


def answers(known: Known) -> Iterator[Said]:
    """Answers 1.1 to 3.6."""
    yield _source(known)
    yield _eligible(known)
    yield (
        said(known, "2.1", "NI", "alike", section("agreement"))
        if known.result.agreement
        else (said(known, "2.1", "NI", "open"))
    )
    yield said(known, "2.2", "NI", "open")
    yield _available(known)
    yield said(
        known,
        "3.1",
        "NI",
        "determined",
        section("participants"),
        rule=known.facts.event_rule,
        time_point=known.facts.time_point,
    )
    yield said(known, "3.2", "PY", "prespecified", section("statistical_methods"))
    yield _without_predictors(known)
    yield said(known, "3.4", "NI", "open")
    yield said(known, "3.5", "NI", "open")
    yield _interval(known)


def _source(known: Known) -> Said:
    """Rows that are no patients, cohorts, and controls with and without a correction."""
    kind = known.facts.data_kind
    if kind != "real":
        return said(known, "1.1", "N", f"source_{kind}", section("statistical_methods"))
    if not known.sampled:
        return said(known, "1.1", "PY", "cohort", section("participants"), n=known.flow.n)
    if known.corrected:
        return said(known, "1.1", "PY", "corrected", section("sampling"), table("sampling"))
    if known.result.matched is not None or known.found("matched-controls"):
        return said(known, "1.1", "PN", "matched", section("findings"))
    return said(known, "1.1", "N", "uncorrected", section("findings"))


def _eligible(known: Known) -> Said:
    """Criteria that can be judged when the model is used."""
    steps = [step for step in known.flow.steps if step.kind in ("include", "exclude")]
    places = (section("participants"), figure("flow"))
    if not steps:
        return said(known, "1.2", "NI", "no_criteria", *places)
    names = known.rule_names(step.rule for step in steps)
    late = known.later_than(known.moment, names)
    if late:
        return said(known, "1.2", "PN", "late_criteria", *places, names=known.labels(late))
    if known.later_than("intraoperative", names):
        return said(known, "1.2", "NI", "criteria_after", *places, n=len(steps))
    strange = [name for name in names if name not in known.protocol.variables]
    if strange:
        return said(known, "1.2", "NI", "untimed_criteria", *places, n=len(steps))
    return said(known, "1.2", "PY", "criteria", *places, n=len(steps))


def _available(known: Known) -> Said:
    """A predictor that is known too late is refused with its protocol."""
    if not known.final.terms:
        return said(known, "2.3", "NA", "empty", section("multivariable"))
    moment = known.words.or_plain(known.facts.use_at, known.facts.use_at)
    return said(known, "2.3", "Y", "available", section("limits"), use_at=moment)


def _without_predictors(known: Known) -> Said:
    shared = known.shared
    if shared:
        return said(known, "3.3", "PN", "shared", names=known.labels(shared))
    return said(known, "3.3", "Y", "apart", section("participants"))


def _interval(known: Known) -> Said:
    """Predictors come first: certain of those that are known before the operation."""
    names, point = known.final.variables, known.facts.time_point
    if not names:
        return said(known, "3.6", "NA", "empty", section("multivariable"))
    if known.found("time-zero", "events-at-one-time"):
        return said(known, "3.6", "PN", "no_time", section("findings"))
    after = known.later_than("intraoperative", names)
    if after:
        return said(known, "3.6", "NI", "after", names=known.labels(after), time_point=point)
    during = known.later_than("preoperative", names)
    if during and known.result.survival is None:
        return said(known, "3.6", "NI", "during", names=known.labels(during), time_point=point)
    return said(known, "3.6", "PY", "before", section("participants"), time_point=point)
