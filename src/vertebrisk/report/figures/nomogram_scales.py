"""What a total of points means: axes of risk, one a horizon, and of the median time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk.nomogram.build import ODDS_TICKS
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.nomogram.scales import MedianScale, OddsScale
from vertebrisk.report.figures.layout import (
    keep_clear,
    minor_risks,
    risk_priority,
    risk_ticks,
    round_times,
)
from vertebrisk.report.figures.lettering import text_width
from vertebrisk.report.figures.style import PALETTE, SMALL, TEXT
from vertebrisk.report.figures.words import duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FINE = 1.6  # least distance of two fine ticks
_CLEAR = 4.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Horizontal measures of the drawing, in printer's points."""

    left: float
    column: float
    x0: float
    x1: float
    width: float
    max_total: float

    def points(self, value: float) -> float:
        """Where so many points lie on the upper scale."""
        return self.x0 + (self.x1 - self.x0) * value / 100.0

    def total(self, value: float) -> float:
        """Where so many total points lie on the lower scale."""
        return self.x0 + (self.x1 - self.x0) * value / self.max_total


def draw_odds(ax: Axes, nomogram: Nomogram, scale: Scale, y: float) -> None:
    """The axis of odds ratios against the reference patient."""
    ax.plot([scale.x0, scale.x1], [y, y], color=PALETTE["ink"], lw=0.8, zorder=2, gid="odds")
    low, high = (nomogram.risk(total) for total in (0.0, scale.max_total))
    ratios = [ratio for ratio in ODDS_TICKS.tolist() if low <= ratio <= high]
    places = [scale.total(nomogram.total_of(ratio)) for ratio in ratios]
    first = sorted(range(len(ratios)), key=lambda k: (ratios[k] != 1.0, -abs(math.log(ratios[k]))))
    _labels(ax, places, [f"{ratio:g}" for ratio in ratios], first, y, on_guides=False)


def draw_risks(ax: Axes, nomogram: Nomogram, scale: Scale, y: float, place: int) -> None:
    """The axis of risk of one horizon, over the whole range of total points."""
    if isinstance(nomogram.scales[place], OddsScale):
        draw_odds(ax, nomogram, scale, y)
        return
    low, high = (nomogram.risk(total, place) for total in (0.0, scale.max_total))
    low, high = min(low, high), max(low, high)
    frame = nomogram.later_ticks[place - 1] if place else nomogram.risk_ticks
    risks = risk_ticks(low, high, [float(risk) for risk in frame["risk"].to_list()])
    places = [scale.total(nomogram.total_of(risk, place)) for risk in risks]
    gid = f"risk-{place}" if place else "risk"
    ax.plot([scale.x0, scale.x1], [y, y], color=PALETTE["ink"], lw=0.8, zorder=2, gid=gid)
    fine = (scale.total(nomogram.total_of(risk, place)) for risk in minor_risks(low, high))
    _fine_ticks(ax, list(fine), y)
    texts = [f"{100.0 * risk:.6g}" for risk in risks]
    last = place == len(nomogram.scales) - 1 and nomogram.median is None
    _labels(ax, places, texts, risk_priority(risks), y, on_guides=not last)


def draw_median(
    ax: Axes,
    nomogram: Nomogram,
    median: MedianScale,
    scale: Scale,
    y: float,
    words: Mapping[str, str],
    unit: str,
) -> None:
    """The axis of the median time: drawn where half have the event inside follow-up."""
    start = max(nomogram.total_of_median(median.limit), 0.0)
    end = duration(median.limit, unit, words)
    if start >= scale.max_total:
        _remark(ax, words["median_unknown"].format(time=end), scale.x0, y, "left")
        return
    first = scale.total(start)
    beyond = words["beyond_time"].format(time=end)
    if first - scale.x0 >= text_width(beyond, SMALL) + 2.0 * _CLEAR:
        _remark(ax, beyond, first - _CLEAR, y, "right")
    ax.plot([first, scale.x1], [y, y], color=PALETTE["ink"], lw=0.8, zorder=2, gid="median")
    shortest = nomogram.median_time(scale.max_total) or 0.0
    longest = nomogram.median_time(start) or median.limit
    times = [time for time in round_times(shortest, longest) if _attained(median, time)]
    places = [scale.total(nomogram.total_of_median(time)) for time in times]
    _fine_ticks(ax, [place for place in places if scale.x0 <= place <= scale.x1], y)
    texts = [f"{time:g}" for time in times]
    _labels(ax, places, texts, range(len(times)), y, on_guides=False)


def _attained(median: MedianScale, time: float) -> bool:
    """Whether a time is a median: where no event happens the curve leaps over times."""
    linear = median.linear(np.array([time]))
    if not np.isfinite(linear[0]):
        return False
    found = float(median.median(linear + 1e-12)[0])
    return math.isclose(found, time, rel_tol=1e-6)


def _remark(ax: Axes, text: str, x: float, y: float, align: str) -> None:
    ax.text(
        x, y, text, fontsize=SMALL, color=PALETTE["quiet"], ha=align, va="center_baseline",
        gid="beyond", zorder=4, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip


def _fine_ticks(ax: Axes, places: Sequence[float], y: float) -> None:
    previous = -math.inf
    for x in sorted(places):
        if x - previous >= _FINE:
            ax.plot([x, x], [y, y + 2.0], color=PALETTE["ink"], lw=0.4, zorder=2)
            previous = x


def _labels(
    ax: Axes,
    places: Sequence[float],
    texts: Sequence[str],
    priority: Sequence[int],
    y: float,
    *,
    on_guides: bool,
) -> None:
    """Ticks with their labels; of labels that would meet, the one that comes first stays.

    Guides that go on to an axis further down are not drawn through a label.
    """
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6} if on_guides else None
    widths = [text_width(text, TEXT) for text in texts]
    for k in keep_clear(places, widths, priority, _CLEAR):
        ax.plot(
            [places[k], places[k]], [y, y + 4.5], color=PALETTE["ink"], lw=0.6, zorder=2,
            gid="risk-tick",
        )  # fmt: skip
        ax.text(
            places[k], y + 5.6, texts[k], fontsize=TEXT, ha="center", va="top", gid="tick-label",
            zorder=4, bbox=box,
        )  # fmt: skip
