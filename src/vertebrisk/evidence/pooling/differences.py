"""Findings about estimates that are not of one thing: their kind, their outcome, on whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from vertebrisk._checks import listed
from vertebrisk.evidence.pooling.performance import TITLES, kinds_of
from vertebrisk.evidence.pooling.study_estimates import (
    NOT_STATED,
    UNTOLD,
    Measure,
    Performance,
    Source,
    StudyEstimate,
    label_of,
)
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.findings import Finding
from vertebrisk.text.messages import joined, say
from vertebrisk.text.phrases import term


def mixed(estimates: Sequence[StudyEstimate]) -> Iterator[Finding]:
    """Adjusted and crude ratios together."""
    crude = [each.label for each in estimates if each.source == "crude"]
    adjusted = [each.label for each in estimates if each.source == "adjusted"]
    if crude and adjusted:
        yield Finding(
            "sources-mixed",
            "warning",
            say(
                "Adjusted odds ratios ({adjusted}) are pooled with crude ones ({crude}); "
                "they are not of the same thing.",
                adjusted=listed(adjusted),
                crude=listed(crude),
            ),
            say("Pool one kind: --source adjusted or --source crude; or --subgroup source."),
            say("An odds ratio changes with what it is adjusted for even without confounding."),
        )


def untold(estimates: Sequence[StudyEstimate], measure: Measure) -> Iterator[Finding]:
    """Rows of a table that do not say what kind of number they are."""
    labels = [each.label for each in estimates if each.source == UNTOLD]
    if labels and measure != "incidence":
        kinds = Source if measure == "odds-ratio" else Performance
        yield Finding(
            "source-not-told",
            "note",
            say(
                "The table does not say of which kind the numbers of {untold} are.",
                untold=listed(labels),
            ),
            say("Add a column 'source' with {get_args}.", get_args=", ".join(get_args(kinds))),
            say("Numbers of different kinds are not of the same thing."),
        )


def differing(estimates: Sequence[StudyEstimate]) -> Iterator[Finding]:
    """Definitions of the outcome that are not one."""
    for name, what in (("threshold", say("thresholds")), ("time_point", say("time points"))):
        groups: dict[str, list[str]] = {}
        for each in estimates:
            groups.setdefault(each.about.get(name, NOT_STATED), []).append(each.label)
        if len(groups) > 1:
            shown = joined(
                [
                    say("{kind} ({labels})", kind=value, labels=listed(labels))
                    for value, labels in groups.items()
                ],
                "; ",
            )
            yield Finding(
                f"{name.replace('_', '-')}s-differ",
                "warning",
                say("The outcome has different {what}: {shown}.", what=what, shown=shown),
                say("Show them apart: --subgroup {name}.", name=name),
                say(
                    "Where an outcome has no agreed definition, what is pooled over several is "
                    "none of them."
                ),
            )


def kinds_apart(
    studies: Sequence[PublishedStudy], measure: Measure, estimates: Sequence[StudyEstimate]
) -> Iterator[Finding]:
    """Performance on whom is pooled, where studies print it on others, too."""
    if measure not in TITLES or not estimates:
        return
    kind = estimates[0].source
    others = {
        each: [label_of(study.id) for study in studies if each in kinds_of(study, measure)]
        for each in ("external", "corrected", "apparent")
        if each != kind
    }
    shown = [
        say("{kind} ({labels})", kind=term(name), labels=listed(labels))
        for name, labels in others.items()
        if labels
    ]
    if shown:
        yield Finding(
            "performance-kinds-apart",
            "note",
            say(
                "The {kind} {titles} is pooled; also printed and not pooled with it: {shown}.",
                kind=term(kind),
                titles=TITLES[measure],
                shown=joined(shown, "; "),
            ),
            say("Choose which with --performance."),
            say("On its own sample a model looks better than on other patients."),
        )
    if kind == "apparent":
        yield Finding(
            "apparent-performance-pooled",
            "warning",
            say(
                "What is pooled is apparent: each {titles} was measured on the patients that "
                "its model was made from.",
                titles=TITLES[measure],
            ),
            say("Read it as an upper limit of what other patients would show."),
        )
