"""The marks of a forest plot: axis, guides, squares, diamonds and intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from vertebrisk.report.figures.layout import nice_step, thin
from vertebrisk.report.figures.lettering import text_width
from vertebrisk.report.figures.style import PALETTE, SMALL, size_in_points, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from vertebrisk.evidence.pooling.study_estimates import Measure
    from vertebrisk.report.figures.forest_rows import ForestRow

BIGGEST, _SMALLEST = 8.0, 2.2
_DIGITS: tuple[tuple[float, ...], ...] = (
    (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
    (1, 1.5, 2, 3, 4, 5, 7),
    (1, 2, 5),
    (1, 3),
    (1,),
)
NO_EFFECT: Mapping[Measure, float] = {
    "odds-ratio": 1.0,
    "oe": 1.0,
    "slope": 1.0,
    "c-statistic": 0.5,
}
RATIOS: tuple[Measure, ...] = ("odds-ratio", "oe")
# Intervals may run off the axis where their ends say little; estimates keep at least this room.
_CLIPPED: Mapping[Measure, float] = {"odds-ratio": math.log(4.0), "oe": math.log(4.0), "slope": 1.0}


def axis_limits(rows: Sequence[ForestRow], measure: Measure) -> tuple[float, float]:
    """Axis wide enough for every study, and for pooled intervals that let the rest be seen."""
    log = measure in RATIOS

    def place(value: float) -> float:
        return math.log(min(max(value, 1e-9), 1e9)) if log else value

    null = [place(NO_EFFECT[measure])] if measure in NO_EFFECT else [0.0]
    drawn = [(row.kind, tuple(place(end) for end in row.ends)) for row in rows if row.ends]
    centres = [ends[0] for kind, ends in drawn if kind == "study"] + null
    limits = [end for kind, ends in drawn if kind == "study" for end in ends]
    if measure in _CLIPPED:
        spread = max(max(centres) - min(centres), _CLIPPED[measure])
        limits = [min(max(end, min(centres) - spread), max(centres) + spread) for end in limits]
    low, high = min(limits + null), max(limits + null)
    others = [end for kind, ends in drawn if kind != "study" for end in ends]
    further = 0.75 * (high - low)
    low, high = (
        max(min([low, *others]), low - further),
        min(max([high, *others]), high + further),
    )
    margin = 0.04 * (high - low)
    low, high = low - margin, high + margin
    if log:
        return math.exp(low), math.exp(high)
    if measure == "incidence":
        return 0.0, min(1.0, high)
    return (max(0.0, low), min(1.0, high)) if measure == "c-statistic" else (low, high)


def axis_of(
    ax: Axes, low: float, high: float, height: float, measure: Measure, labels: int = 6
) -> None:
    """The axis below the rows; `height` in printer's points, running downwards."""
    from matplotlib.ticker import NullLocator

    tidy(ax)
    ax.spines["left"].set_visible(False)
    ax.set_yticks([])
    ax.set_ylim(height, 0.0)
    if measure in RATIOS:
        ax.set_xscale("log")
    ax.set_xlim(low, high)
    ticks = (
        log_ticks(low, high, size_in_points(ax)[0])
        if measure in RATIOS
        else _even_ticks(low, high, labels)
    )
    scale = 100.0 if measure == "incidence" else 1.0
    ax.set_xticks(ticks, [_tick(scale * tick) for tick in ticks])
    ax.xaxis.set_minor_locator(NullLocator())


def _tick(value: float) -> str:
    return f"{value:.6g}".replace("-", "\u2212")


def log_ticks(low: float, high: float, width: float) -> list[float]:
    """Round ratios whose labels have room on a log axis of so many printer's points."""
    per_log = width / math.log(high / low)
    for digits in _DIGITS:
        ticks = [
            float(f"{digit}e{power}")
            for power in range(-9, 10)
            for digit in digits
            if low <= float(f"{digit}e{power}") <= high
        ]
        apart = all(
            math.log(b / a) * per_log
            >= (text_width(_tick(a), SMALL) + text_width(_tick(b), SMALL)) / 2 + 4.0
            for a, b in pairwise(ticks)
        )
        if apart and len(ticks) >= 2:
            return ticks
    powers = [tick for tick in (10.0**power for power in range(-9, 10)) if low <= tick <= high]
    labels = [text_width(_tick(tick), SMALL) for tick in powers]
    kept = thin([math.log(tick) * per_log for tick in powers], labels, 4.0)
    return [powers[k] for k in kept]


def _even_ticks(low: float, high: float, labels: int) -> list[float]:
    """Round values, about as many as asked; two at the least, without which there is no scale."""
    while True:
        step = nice_step(high - low, labels)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last > first:
            return [round(k * step, 10) for k in range(first, last + 1)]
        labels += 1


def guides(
    ax: Axes,
    rows: Sequence[ForestRow],
    centres: Sequence[float],
    measure: Measure,
    low: float,
    high: float,
) -> None:
    """The line of no effect, and a dashed one down from the pooled number."""
    null = NO_EFFECT.get(measure)
    if null is not None and low <= null <= high:
        ax.axvline(null, color=PALETTE["reference"], lw=0.6, gid="no-effect", zorder=1)
    for row, y in zip(rows, centres, strict=True):
        if row.kind == "overall" and row.ends is not None and low <= row.ends[0] <= high:
            ax.plot(
                [row.ends[0]] * 2, [0.0, y], color=PALETTE["corrected"], lw=0.6, zorder=1,
                ls=(0, (3, 2)), gid="pooled-line",
            )  # fmt: skip


def draw_row(
    ax: Axes,
    row: ForestRow,
    y: float,
    low: float,
    high: float,
    heaviest: float,
    biggest: float = BIGGEST,
) -> None:
    """A square with its interval, a diamond, or the bar of a prediction interval."""
    if row.ends is None:
        return
    estimate, start, end = row.ends
    if row.kind == "study":
        _interval(ax, start, end, y, low, high, PALETTE["model"], 1.0, "interval")
        share = (row.weight or 0.0) / heaviest
        size = max(_SMALLEST, biggest * math.sqrt(share))
        if low <= estimate <= high:
            ax.plot(
                [estimate], [y], marker="s", ms=size, mew=0, ls="none", color=PALETTE["model"],
                zorder=3, clip_on=False, gid="estimate",
            )  # fmt: skip
    elif row.kind == "prediction":
        _interval(ax, start, end, y, low, high, PALETTE["corrected"], 2.6, "prediction")
    else:
        _diamond(ax, row, y, low, high)


def _interval(
    ax: Axes, start: float, end: float, y: float, low: float, high: float, color: str,
    width: float, name: str,
) -> None:  # fmt: skip
    """A line from limit to limit, with an arrow where it leaves the axis."""
    inside = [min(max(value, low), high) for value in (start, end)]
    ax.plot(inside, [y, y], lw=width, color=color, zorder=2, gid=name)
    for beyond, at, marker in ((start < low, low, "<"), (end > high, high, ">")):
        if beyond:
            ax.plot(
                [at], [y], marker=marker, ms=3.8, clip_on=False, ls="none", mew=0, color=color,
                zorder=3, gid=f"{name}-beyond",
            )  # fmt: skip


def _diamond(ax: Axes, row: ForestRow, y: float, low: float, high: float) -> None:
    """From limit to limit, highest at the estimate; its tips are cut where the axis ends."""
    assert row.ends is not None
    estimate, start, end = row.ends
    color = PALETTE["corrected"] if row.kind == "overall" else PALETTE["model"]
    tall = 4.2 if row.kind == "overall" else 3.6
    corners = [(start, y), (estimate, y - tall), (end, y), (estimate, y + tall)]
    style: dict[str, Any] = {"color": color, "lw": 0, "zorder": 3, "gid": row.kind}
    ax.fill([x for x, _ in corners], [v for _, v in corners], **style)
    for beyond, at, marker in ((start < low, low, "<"), (end > high, high, ">")):
        if beyond:
            ax.plot(
                [at], [y], marker=marker, ms=4.2, clip_on=False, ls="none", mew=0, color=color,
                zorder=4, gid=f"{row.kind}-beyond",
            )  # fmt: skip
