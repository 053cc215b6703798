"""What a careful reader would want to know of an internal-external validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vertebrisk._checks import listed
from vertebrisk.findings import Finding, by_severity
from vertebrisk.kernels.meta_analysis.synthesis import Synthesis
from vertebrisk.text.messages import Message, joined, say
from vertebrisk.text.plurals import agreeing, counted
from vertebrisk.validation.centres.measured import Centre, Reason
from vertebrisk.validation.centres.results import FEW_CENTRES

FEW_EVENTS, ENOUGH_EVENTS = 10, 100
TITLES: Mapping[str, str] = {
    "c_index": "C",
    "slope": say("slope"),
    "in_the_large": say("calibration in the large"),
    "observed_expected": say("observed over expected"),
}
_REASONS: Mapping[Reason, Message] = {
    "no events": say("no events"),
    "events only": say("events only"),
    "one event": say("one event"),
    "one non-event": say("one non-event"),
    "less than one event expected": say("less than one event expected"),
    "one risk": say("one risk"),
    "scores part the outcomes": say("scores part the outcomes"),
    "a risk of 0 or 1": say("a risk of 0 or 1"),
    "the others have one outcome": say("the others have one outcome"),
    "the others give no finite estimate": say("the others give no finite estimate"),
    "the others lack a variable": say("the others lack a variable"),
    "a stratum is in no other centre": say("a stratum is in no other centre"),
    "followed for too short a time": say("followed for too short a time"),
    "the others were followed for too short a time": say(
        "the others were followed for too short a time"
    ),
    "no two can be compared": say("no two can be compared"),
}


def centre_findings(
    centres: Sequence[Centre],
    fits: Mapping[str, Synthesis],
    *,
    timed: bool = False,
    clustered: bool = False,
    uninformed: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Findings of the centres and of what was pooled.

    `timed` says that events are those by a horizon; `uninformed` names the centres without which
    a column of the design does not vary.
    """
    found = (
        *_few_centres(centres),
        *_few_events(centres, timed),
        *_unusable(centres),
        *_without_events(centres, timed),
        *_uninformed(uninformed),
        *_narrower(fits),
        *_clustered(clustered, timed),
    )
    return by_severity(found)


def _few_centres(centres: Sequence[Centre]) -> Iterator[Finding]:
    usable = sum(any(each.error for each in centre.measures.values()) for centre in centres)
    if usable < FEW_CENTRES:
        yield Finding(
            "few-centres",
            "warning",
            say(
                "{centres} can be pooled. The variance between centres is hardly known from "
                "fewer than {few_centres}, and the prediction interval is weak: very wide, "
                "or too narrow where they happen to agree.",
                centres=counted(usable, "centre"),
                few_centres=FEW_CENTRES,
            ),
            say("Show the centres one by one; the pooled number adds little."),
            say("Debray et al. 2019, doi:10.1177/0962280218785504."),
        )


def _few_events(centres: Sequence[Centre], timed: bool) -> Iterator[Finding]:
    fewer = {
        each.name: each.n_events if timed else min(each.n_events, each.n - each.n_events)
        for each in centres
    }
    of_either = say("events by the horizon") if timed else say("events or non-events")
    for least, meaning in (
        (FEW_EVENTS, say("their numbers and limits are hardly more than chance")),
        (ENOUGH_EVENTS, say("on their own they say little")),
    ):
        names = [name for name, count in fewer.items() if count < least]
        if names:
            yield Finding(
                "few-events-in-centre",
                "warning" if least == FEW_EVENTS else "note",
                say(
                    "{centres} of {n} {have} fewer than {least} {of_either} ({names}); {meaning}.",
                    centres=counted(len(names), "centre"),
                    n=len(centres),
                    have=agreeing(len(names), "has", "have"),
                    least=least,
                    of_either=of_either,
                    names=listed(names),
                    meaning=meaning,
                ),
                say(
                    "Read the pooled values with their intervals; join small centres that are "
                    "alike only if that was planned."
                ),
                say("Collins, Ogundimu and Altman 2016, doi:10.1002/sim.6787."),
            )
            return


def _unusable(centres: Sequence[Centre]) -> Iterator[Finding]:
    lacking = [
        say(
            "{name} ({reasons})",
            name=each.name,
            reasons=joined([_REASONS[reason] for reason in each.reasons], "; "),
        )
        for each in centres
        if each.reasons
    ]
    if lacking:
        count = len(lacking)
        yield Finding(
            "centre-not-usable",
            "warning",
            say(
                "{centres} {lacks} numbers, or {have} some that cannot be pooled: {lacking}.",
                centres=counted(count, "centre"),
                lacks=agreeing(count, "lacks", "lack"),
                have=agreeing(count, "has", "have"),
                lacking=listed(lacking),
            ),
            say("Say so wherever the pooled values are shown: they leave these out."),
            say(
                "Centres with a C of 1 are left out of the pooled C, which is too low for "
                "that, and centres whose patients all have the event of observed over "
                "expected."
            ),
        )


def _without_events(centres: Sequence[Centre], timed: bool) -> Iterator[Finding]:
    names = [
        each.name
        for each in centres
        if "no events" in each.reasons
        and (ratio := each.measures.get("observed_expected"))
        and ratio.error
    ]
    large = say(
        " The pooled calibration in the large leaves {them} out, and is too high for that.",
        them=agreeing(len(names), "it", "them"),
    )
    if names:
        yield Finding(
            "centre-without-events",
            "note",
            say(
                "{centres} without events ({names}) {enters} the pooled observed over "
                "expected with half an event added to either.{large}",
                centres=counted(len(names), "centre"),
                names=listed(names),
                enters=agreeing(len(names), "enters", "enter"),
                large="" if timed else large,
            ),
            say("Read observed over expected."),
        )


def _narrower(fits: Mapping[str, Synthesis]) -> Iterator[Finding]:
    names = [
        TITLES[name]
        for name, fit in fits.items()
        if fit.scale < 1 and fit.heterogeneity.tau2 == 0.0
    ]
    if names:
        yield Finding(
            "hartung-knapp-narrows",
            "note",
            say(
                "In {names} the centres agree more closely than chance would have it, so the "
                "error of Hartung and Knapp is below that of one common value, and the "
                "prediction interval is no wider than the confidence interval.",
                names=listed(names),
            ),
            say("Do not read it as proof that centres are alike."),
            say("Wiksten, Ruecker and Schwarzer 2016, doi:10.1002/sim.6879."),
        )


def _uninformed(names: Sequence[str]) -> Iterator[Finding]:
    if names:
        yield Finding(
            "column-without-information",
            "warning",
            say(
                "Without {names} a predictor, or a level of one, does not vary: its "
                "coefficient is 0 for the patients there.",
                names=listed(names),
            ),
            say("Merge levels that a single centre has, or leave such a predictor out."),
        )


def _clustered(clustered: bool, timed: bool) -> Iterator[Finding]:
    if clustered:
        told = (
            say("All limits")
            if timed
            else say(
                "The limits of C allow for it; those of slope, calibration in the large and "
                "observed over expected"
            )
        )
        yield Finding(
            "rows-of-one-patient",
            "note",
            say(
                "Patients have several rows. {told} take rows for independent and are too narrow.",
                told=told,
            ),
            say("Read them with that in mind."),
        )
