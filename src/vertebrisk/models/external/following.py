"""The follow-up of new patients: their times, how it ended, and which horizons it reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._checks import as_numbers, listed
from vertebrisk._types import BoolArray, FloatArray, IntArray, ModelKind
from vertebrisk.design.rules import Expression
from vertebrisk.errors import ArgumentError, DataError, ExpressionError
from vertebrisk.findings import Finding
from vertebrisk.kernels.survival.censoring import CENSORED, COMPETING, EVENT
from vertebrisk.kernels.survival.kaplan_meier import life_table, time_below
from vertebrisk.kernels.survival.times import SurvivalTimes, without_rounding
from vertebrisk.models.external.asking import Rules, rule_of
from vertebrisk.models.external.results import FollowedBy
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted, in_rows

FEW_FOLLOWED = 10


@dataclass(frozen=True, slots=True, eq=False)
class FollowUp:
    """Rows of a table with what is known of their follow-up.

    Attributes
    ----------
    time : array, shape (n,)
        NaN where it is not known.
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event.
    known : bool array, shape (n,)
        Where time and status are.
    reads : tuple of str
        Columns that the rules read.
    """

    rules: Rules
    time: FloatArray
    status: IntArray
    known: BoolArray
    reads: tuple[str, ...]

    def described(self, use: BoolArray, unit: str) -> FollowedBy:
        """Of some rows, as a result says it."""
        time, status = self.time[use], self.status[use]
        left = life_table(SurvivalTimes(time, status == CENSORED))
        middle = time_below(left.times, left.survival[0], 0.5)
        return FollowedBy(
            time=self.rules.time,
            competing=self.rules.competing,
            unit=unit,
            median=float(middle) if np.isfinite(middle) else None,
            longest=float(time.max()),
            n_competing=int((status == COMPETING).sum()),
        )


def follow_up(frame: pl.DataFrame, rules: Rules, unit: str) -> FollowUp:
    """Times and statuses of every row.

    Raises
    ------
    ArgumentError, ExpressionError
        A rule is none, or cannot be read from the table.
    DataError
        Times are none, negative or in another unit; event and competing event are both true.
    """
    event_rule = rule_of(rules.outcome, "outcome", "'relapse == 1'")
    time_rule = rule_of(rules.time, "time", "'months'")
    reads = [*event_rule.names, *time_rule.names]
    event = event_rule.rule(frame)
    rival = pl.Series([False] * frame.height, dtype=pl.Boolean)
    if rules.competing:
        rule = rule_of(rules.competing, "competing", "'died == 1'")
        rival, reads = rule.rule(frame), [*reads, *rule.names]
    time = _times(time_rule, frame, unit)
    happened = event.fill_null(value=False).to_numpy().astype(np.bool_)
    other = rival.fill_null(value=False).to_numpy().astype(np.bool_)
    _refuse(
        happened & other,
        f"the event ('{rules.outcome}') and the competing event ('{rules.competing}') are both "
        "true",
        "Only what came first can be; change one of the two rules.",
    )
    decided = event.is_not_null().to_numpy() & (rival.is_not_null().to_numpy() | happened)
    level, _ = without_rounding(SurvivalTimes(np.nan_to_num(time), happened))
    return FollowUp(
        rules=rules,
        time=np.where(np.isfinite(time), level.exit, np.nan),
        status=np.where(happened, EVENT, np.where(other, COMPETING, CENSORED)).astype(np.int64),
        known=decided & np.isfinite(time),
        reads=tuple(dict.fromkeys(reads)),
    )


def _times(rule: Expression, frame: pl.DataFrame, unit: str) -> FloatArray:
    try:
        if rule.is_duration(frame) and unit not in ("", "days"):
            raise DataError(
                f"time '{rule.source}' is a span between two dates, which counts days, and the "
                f"model's times are in {unit}. Write a derivation that gives {unit}, such as a "
                "column of them."
            )
        values = rule.values(frame).to_numpy().astype(np.float64)
    except ExpressionError as error:
        raise ExpressionError(f"time: {error}") from None
    _refuse(
        values < 0,
        f"time '{rule.source}' is negative",
        "Times run from the beginning of follow-up, 0 or more. Correct the cells.",
    )
    return np.where(np.isfinite(values), values, np.nan)


def _refuse(bad: BoolArray, what: str, remedy: str) -> None:
    if bad.any():
        rows = tuple(int(row) + 1 for row in np.flatnonzero(bad))
        raise DataError(f"In {counted(len(rows), 'row')} ({in_rows(rows)}) {what}. {remedy}")


def as_asked_horizons(horizons: object, own: tuple[float, ...], limit: float) -> list[float]:
    """Those that are asked for, or the model's own; ArgumentError where a model has none there."""
    if horizons is None:
        return list(own)
    given = np.atleast_1d(np.asarray(horizons))
    wanted = as_numbers(given, "horizons").tolist()
    outside = [each for each in wanted if not 0.0 < each <= limit]
    if not wanted or len(set(wanted)) < len(wanted):
        raise ArgumentError("horizons must be one or more distinct times.")
    if outside:
        raise ArgumentError(
            f"horizons holds {outside[0]:g}; this model predicts from above 0 to {limit:g}, where "
            "its follow-up ends."
        )
    return [float(each) for each in wanted]


def reached(
    wanted: Sequence[float], time: FloatArray, status: IntArray, unit: str
) -> tuple[list[float], list[Finding]]:
    """The horizons at which these patients can say something, and what is to be said of the others.

    Raises
    ------
    DataError
        There is none.
    """
    last = float(time.max())
    first = float(time[status == EVENT].min()) if np.any(status == EVENT) else np.inf
    beyond = [each for each in wanted if each > last]
    early = [each for each in wanted if each < first and each not in beyond]
    certain = [each for each in wanted if each not in beyond and _all_have_it(each, time, status)]
    kept = [each for each in wanted if each not in (*beyond, *early, *certain)]
    found = []
    span = f"{last:g} {unit}".strip()
    if beyond:
        found.append(
            Finding(
                "horizon-beyond-follow-up",
                "warning",
                say(
                    "Nothing is said of the risks by {times_text}: these patients are followed "
                    "to {span}.",
                    times_text=_times_text(beyond, unit),
                    span=span,
                ),
                say("Follow them longer, or check the unit of the times."),
            )
        )
    if early:
        found.append(
            Finding(
                "no-event-by-horizon",
                "warning",
                say(
                    "No event happened by {times_text}, so nothing is said of the risks by then.",
                    times_text=_times_text(early, unit),
                ),
                say("Choose a later horizon, and check the unit of the times."),
            )
        )
    if certain:
        found.append(
            Finding(
                "nobody-without-event",
                "warning",
                say(
                    "Nobody is known to be without the event at {times_text}, so nothing is said "
                    "of the risks by then.",
                    times_text=_times_text(certain, unit),
                ),
                say("Choose an earlier horizon."),
            )
        )
    if not kept:
        raise DataError(
            f"None of the horizons ({_times_text(wanted, unit)}) can be looked at: "
            f"{' '.join(each.message for each in found)} {found[0].remedy}"
        )
    return kept, found


def _all_have_it(horizon: float, time: FloatArray, status: IntArray) -> bool:
    without = (time > horizon) | ((time == horizon) & (status == CENSORED))
    return not bool(np.any(without | ((status == COMPETING) & (time <= horizon))))


def _times_text(times: Sequence[float], unit: str) -> str:
    return f"{listed([f'{each:g}' for each in times])} {unit}".strip()


def few_followed(horizon: float, n_followed: int, unit: str) -> list[Finding]:
    """Few patients are still under observation at a horizon."""
    if n_followed >= FEW_FOLLOWED:
        return []
    return [
        Finding(
            "few-at-horizon",
            "warning",
            say(
                "{patients} {are} still under observation at the horizon of {times_text}: "
                "what is said of it rests on {that_one}.",
                patients=counted(n_followed, "patient"),
                are=agreeing(n_followed, "is", "are"),
                times_text=_times_text([horizon], unit),
                that_one=agreeing(n_followed, "that one", "them"),
            ),
            say("Read an earlier horizon, or follow the patients longer."),
        )
    ]


def of_competing(kind: ModelKind, competing: str, n_competing: int) -> list[Finding]:
    """A competing event that the model, or the validation, does not know of."""
    if kind == "cox" and competing and n_competing:
        return [
            Finding(
                "cause-specific-risk",
                "warning",
                say(
                    "The model is Cox's, which takes the competing event as censoring; its risks "
                    "are those of a world without it, and are held against the incidence in this "
                    "one."
                ),
                say("Expect observed below expected; a Fine-Gray model predicts what is observed."),
                say("van Geloven et al. 2022, doi:10.1136/bmj-2021-069249."),
            )
        ]
    if kind == "fine-gray" and not competing:
        return [
            Finding(
                "competing-not-named",
                "warning",
                say(
                    "The model's risks allow for a competing event, and none is named here: "
                    "whoever had it is taken as censored, and observed risks are too high."
                ),
                say("Name its rule (competing)."),
                say("van Geloven et al. 2022, doi:10.1136/bmj-2021-069249."),
            )
        ]
    return []
