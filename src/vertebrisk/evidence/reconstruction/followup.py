"""What happens after the operation: times and events, and scores read again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.errors import DataError
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.evidence.reconstruction.assumed import Assumed, Decision, Scores
from vertebrisk.evidence.reconstruction.sizes import GroupSize, Log

# Exponential event times: so many events would have come by the end of follow-up.
_EVENTS_BY_END = 0.8
_MOST_DRAWS = 20_000


def draw_times(
    study: PublishedStudy,
    assumed: Assumed,
    event: BoolArray,
    log: Log,
    rng: np.random.Generator,
) -> FloatArray | None:
    """Follow-up of every patient, or None where the study is not of time to event.

    Raises
    ------
    DataError
        If neither the paper nor ``[assumed.times]`` says how long patients were followed.
    """
    if study.design.model != "cox" and study.outcome.kind != "time-to-event":
        return None
    times = assumed.times
    horizon = times.horizon
    if horizon is None and study.outcome.horizon is not None:
        horizon = study.outcome.horizon.value.value
    if horizon is None:
        raise DataError(
            f"'{study.id}' is about time to event, but says nothing of the length of follow-up. "
            "Give horizon in [outcome], or in [assumed.times]."
        )
    unit = study.outcome.time_unit or "time units"
    drawn = np.full(len(event), float(horizon))
    n_events = int(event.sum())
    if times.visits:
        share = np.array(times.share) / sum(times.share)
        drawn[event] = rng.choice(np.array(times.visits), n_events, p=share)
        seen = ", ".join(
            f"{part:.0%} at {visit:g}" for visit, part in zip(times.visits, share, strict=True)
        )
        log.assume(times.column, f"events are seen at visits, in {unit}: {seen}.")
    else:
        spread = rng.uniform(0.0, _EVENTS_BY_END, n_events)
        exact = horizon * np.log1p(-spread) / np.log1p(-_EVENTS_BY_END)
        least = 10.0**-times.decimals
        drawn[event] = np.maximum(np.round(exact, times.decimals), least)
        log.assume(times.column, "event times are exponential within follow-up.")
    log.assume(
        times.column, f"patients without the event are followed to {horizon:g} {unit}; no one "
        "is lost earlier."
    )  # fmt: skip
    return drawn


def draw_scores(
    scores: Scores,
    sizes: Sequence[GroupSize],
    log: Log,
    rng: np.random.Generator,
) -> FloatArray:
    """Readings of every patient, groups one after the other; NaN where a group has none.

    Raises
    ------
    DataError
        If readings on the side of the outcome are hardly ever drawn.
    """
    about = ", ".join(scores.columns)
    log.assume(
        about,
        f"readings between {scores.low:g} and {scores.high:g} are drawn about "
        + "; ".join(
            f"{', '.join(f'{mean:g}' for mean in means)} in '{group.name}'"
            for group, means in zip(sizes, scores.mean, strict=True)
            if not scores.groups or group.name in scores.groups
        )
        + f", with an SD of {scores.shared_sd:g} between patients and {scores.own_sd:g} within.",
    )
    if scores.decides is not None:
        log.assume(about, f"the outcome is decided by them: {_rule(scores.decides)}.")
    parts = []
    for group, means in zip(sizes, scores.mean, strict=True):
        if scores.groups and group.name not in scores.groups:
            parts.append(np.full((group.n, len(scores.columns)), np.nan))
        else:
            parts.append(_readings(scores, np.array(means), group, rng))
    return np.concatenate(parts)


def decides(rule: Decision, readings: FloatArray) -> BoolArray:
    """Whether readings, shape (n, visits), are those of a patient with the outcome."""
    if rule.combine == "mean":
        value = readings.mean(axis=1)
    else:
        value = readings[:, -1] if rule.combine == "last" else readings.max(axis=1)
    if rule.at_least is not None:
        return np.asarray(value >= rule.at_least - 1e-9)
    assert rule.above is not None
    return np.asarray(value > rule.above + 1e-9)


def _rule(rule: Decision) -> str:
    limit = f"at least {rule.at_least:g}" if rule.at_least is not None else f"above {rule.above:g}"
    return f"the {rule.combine} is {limit}"


def _readings(
    scores: Scores, means: FloatArray, group: GroupSize, rng: np.random.Generator
) -> FloatArray:
    """Readings of one group, drawn until all are on the scale and fit the outcome."""
    made = np.empty((group.n, len(means)))
    open_places = np.arange(group.n)
    for _ in range(_MOST_DRAWS):
        if len(open_places) == 0:
            return made
        shared = scores.shared_sd * rng.standard_normal((len(open_places), 1))
        own = scores.own_sd * rng.standard_normal((len(open_places), len(means)))
        drawn = np.round(means + shared + own, scores.decimals)
        fits = ((drawn >= scores.low) & (drawn <= scores.high)).all(axis=1)
        if scores.decides is not None:
            fits &= decides(scores.decides, drawn) == group.event
        made[open_places[fits]] = drawn[fits]
        open_places = open_places[~fits]
    raise DataError(
        f"Readings of '{scores.columns[0]}' about {', '.join(f'{m:g}' for m in means)} are hardly "
        f"ever those of the group '{group.name}'. Move the means in [[assumed.scores]]."
    )
