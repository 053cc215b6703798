"""What whoever watches a model should know, and do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vertebrisk.findings import Finding
from vertebrisk.models.monitoring.results import Signal
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted

FEW_EVENTS = 10
NEXT = say(
    "Look first at what changed then: coding, patients, treatment, how the "
    "outcome is found. Then take the patients since: vertebrisk validate MODEL "
    "COHORT --outcome EXPR, and where risks are wrong vertebrisk update MODEL "
    "COHORT --outcome EXPR --out FILE.json."
)
WHY = say(
    "The chart adds up log-likelihood ratios of outcomes against the model's "
    "risks (Steiner et al. 2000, doi:10.1093/biostatistics/1.4.441), and its "
    "limit follows the case mix (Zhang and Woodall 2016, doi:10.1002/qre.2044). "
    "It takes the risks for exact: a model that was wrong from the first patient "
    "signals, too (Jones and Steiner 2012, doi:10.1093/intqhc/mzr082)."
)


def of_signals(signals: Sequence[Signal], run_length: float) -> Iterator[Finding]:
    """A finding for each direction in which a chart crossed its limit."""
    for direction, more in (("up", say("more events")), ("down", say("fewer events"))):
        own = [each for each in signals if each.direction == direction]
        if not own:
            continue
        first = own[0]
        patients, events = counted(first.patients, "patient"), counted(first.n_events, "event")
        again = (
            say(" It crossed {times} more since.", times=counted(len(own) - 1, "time"))
            if own[1:]
            else ""
        )
        yield Finding(
            code=f"drift-{direction}",
            severity="warning",
            message=say(
                "The model has drifted: in {when:%Y-%m} the chart of {more} crossed "
                "its limit; since about {since:%Y-%m}, {patients} had {events} where it "
                "expects {expected:.1f}.{again}",
                when=first.when,
                more=more,
                since=first.since,
                patients=patients,
                events=events,
                expected=first.expected,
                again=again,
            ),
            remedy=NEXT,
            explanation=say(
                "While the risks hold, one in {run_length:g} patients brings a false alarm. {why}",
                run_length=run_length,
                why=WHY,
            ),
        )


def of_horizon(horizon: float | None, unit: str) -> Iterator[Finding]:
    """A model of time to event, whose outcomes have no times."""
    if horizon is not None:
        by = f"{horizon:g} {unit}".strip()
        yield Finding(
            code="taken-as-followed",
            severity="note",
            message=say(
                "The risks are those by {by}, and every outcome is taken as what had "
                "happened by then.",
                by=by,
            ),
            remedy=say(
                "Let the outcome be no for an event after that, and empty for whoever was "
                "not followed so long."
            ),
            explanation=say(
                "Later events look like a drift towards more events, and patients who were "
                "lost like one towards fewer."
            ),
        )


def of_events(n: int, n_events: int, expected: float) -> Iterator[Finding]:
    """Too little has happened for a chart without a signal to tell."""
    if min(n_events, n - n_events, expected, n - expected) < FEW_EVENTS:
        yield Finding(
            code="few-events-to-monitor",
            severity="warning",
            message=say(
                "{events} among {patients}, {expected:.1f} expected: a chart without a "
                "signal says little.",
                events=counted(n_events, "event"),
                patients=counted(n, "patient"),
                expected=expected,
            ),
            remedy=say("Go on, and look again with more patients."),
        )


def of_dates(undated: int, future: Sequence[int], sorted_: bool, column: str) -> Iterator[Finding]:
    """Dates that are missing, to come, or out of order."""
    if undated:
        yield Finding(
            code="patients-without-a-date",
            severity="warning",
            message=say(
                "{patients} left out: '{column}' is empty.",
                patients=counted(undated, "patient"),
                column=column,
            ),
            remedy=say("Fill the dates in."),
            column=column,
        )
    if future:
        yield Finding(
            code="dates-to-come",
            severity="warning",
            message=say(
                "{patients} left out: '{column}' lies after today.",
                patients=counted(len(future), "patient"),
                column=column,
            ),
            remedy=say(
                "Correct {the_date}.", the_date=agreeing(len(future), "the date", "the dates")
            ),
            column=column,
            rows=tuple(future),
        )
    if not sorted_:
        yield Finding(
            code="rows-not-in-order-of-time",
            severity="note",
            message=say(
                "The rows were put into the order of '{column}'; those of one day stay as "
                "they stood.",
                column=column,
            ),
            column=column,
        )


def of_outcomes(missing: int, known: int) -> Iterator[Finding]:
    """Patients whose outcome is not known (yet)."""
    if missing and missing > 0.1 * (missing + known):
        yield Finding(
            code="outcomes-missing",
            severity="warning",
            message=say(
                "{patients} of {missing} have no outcome and are left out.",
                patients=counted(missing, "patient"),
                missing=missing + known,
            ),
            remedy=say("Watch the model only up to patients whose time point has passed for all."),
            explanation=say(
                "Who has no outcome yet differs from who has one: events are often known first."
            ),
        )
