"""An external validation in plain words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vertebrisk.models.external.remarks import FEW_EVENTS
from vertebrisk.models.external.results import ExternalValidation
from vertebrisk.report.external.source import share_text
from vertebrisk.report.tables.performance import decision_rows
from vertebrisk.report.words import Words
from vertebrisk.validation.results import DecisionCurve, Estimate

NEAR = math.log(1.1)  # of observed/expected: nobody acts on a tenth
FARTHEST = math.log(100.0)  # beyond it the number tells nobody more
CLOSE = math.log(1.25)  # limits within which a ratio is known to be about right


def summary(found: ExternalValidation, words: Words, by_horizon: Sequence[str] = ()) -> list[str]:
    """What a reader looks for first, a sentence each; `by_horizon` of a model of time to event."""
    counts = found.counts
    told = [
        words(
            "external.summary.size",
            rows=counts.rows,
            n=counts.n,
            events=counts.n_events,
            share=share_text(counts.n_events, counts.n, words),
        ),
        *(by_horizon or [_on_average(found, words)]),
        _pairs(found.estimate("c_index"), words, "first" if by_horizon else "pairs"),
        _spread(found.estimate("slope"), words),
        "" if by_horizon else _distance(found.estimate("ici"), words),
    ]
    if min(counts.n_events, counts.n - counts.n_events) < FEW_EVENTS:
        told.append(words("external.summary.few"))
    return [each for each in told if each]


def _on_average(found: ExternalValidation, words: Words) -> str:
    """Whether the risks are right on average."""
    ratio = found.estimate("observed_expected")
    if not ratio.estimate > 0.0:
        return ""
    return words(
        "external.summary.expected",
        expected=words.numbers.estimate(found.counts.n_events / ratio.estimate, 1),
        events=found.counts.n_events,
        verdict=verdict(ratio, words),
        oe=ratio_text(ratio, words),
    )


def verdict(ratio: Estimate, words: Words) -> str:
    """Observed over expected events in words: too high, too low, or right."""
    distance = math.log(ratio.estimate)
    low = ratio.conf_low or 0.0
    high = math.inf if ratio.conf_high is None else ratio.conf_high
    shown = low > 0.0 and not low <= 1.0 <= high
    if not shown and abs(distance) <= NEAR:
        sure = low > 0.0 and max(-math.log(low), math.log(high)) <= CLOSE
        return words("external.verdict.right" if sure else "external.verdict.right_open")
    times = math.exp(min(abs(distance), FARTHEST))
    return words(
        f"external.verdict.{'low' if distance > 0.0 else 'high'}{'' if shown else '_open'}",
        times=_times(times, words),
    )


def _times(times: float, words: Words) -> str:
    """How many times too high or too low, as coarse as it may be said."""
    if math.log(times) >= FARTHEST:
        return ">100"
    return words.numbers.estimate(times, 2 if math.log(times) <= NEAR else 1)


def ratio_text(ratio: Estimate, words: Words) -> str:
    """A ratio with its interval, as the language writes it."""
    return words.numbers.ratio_interval(ratio.estimate, ratio.conf_low, ratio.conf_high)


def _pairs(area: Estimate, words: Words, kind: str) -> str:
    """Discrimination as what happens to two patients."""
    told = words(
        f"external.summary.{kind}",
        share=words.numbers.percent(100.0 * area.estimate, 0),
        c=with_limits(area, words, 3),
    )
    low, high = area.conf_low, area.conf_high
    if low is not None and high is not None and low <= 0.5 <= high:
        return words.joined([told, words("external.summary.c_chance")])
    return told


def _spread(slope: Estimate, words: Words) -> str:
    """Whether the risks are too extreme or too timid; "" where there is no slope."""
    low, high = slope.conf_low, slope.conf_high
    if low is None or high is None or math.isnan(slope.estimate):
        return ""
    kind = "right"
    if high < 0.0:
        kind = "negative"
    elif high < 1.0:
        kind = "extreme"
    elif low > 1.0:
        kind = "timid"
    return words(f"external.summary.slope_{kind}", slope=with_limits(slope, words, 2))


def _distance(ici: Estimate, words: Words) -> str:
    if math.isnan(ici.estimate):
        return ""
    low, high = (None if each is None else 100.0 * each for each in (ici.conf_low, ici.conf_high))
    shown = words.numbers.estimate_interval(100.0 * ici.estimate, low, high, 1)
    return words("external.summary.ici", ici=shown)


def benefit(decision: DecisionCurve | None, thresholds: Sequence[float], words: Words) -> list[str]:
    """At each threshold asked, whether the model gains over the better simple strategy."""
    told = []
    for threshold, lines in decision_rows(decision, thresholds):
        own = lines["model"]["net_benefit"]
        everyone, nobody = lines["all"]["net_benefit"], lines["none"]["net_benefit"]
        if own is None or everyone is None:
            continue
        best = words("treat_all" if everyone > nobody else "treat_none")
        gain = 100.0 * (own - max(everyone, nobody))
        told.append(
            words(
                f"external.decision.{'better' if gain > 0.0 else 'worse'}",
                threshold=words.numbers.risk(threshold),
                gain=words.numbers.estimate(gain, 1),
                best=best,
            )
        )
    return told


def with_limits(value: Estimate, words: Words, decimals: int) -> str:
    """An estimate with its interval, as the language writes it."""
    return words.numbers.estimate_interval(
        value.estimate, value.conf_low, value.conf_high, decimals
    )
