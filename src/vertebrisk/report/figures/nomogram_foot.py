"""The foot of the nomogram: the cohort over total points, their axis, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import polars as pl

from vertebrisk.nomogram.results import Nomogram
from vertebrisk.report.figures.layout import nice_step
from vertebrisk.report.figures.lettering import text_width, wrap
from vertebrisk.report.figures.nomogram_scales import Scale, draw_median, draw_risks
from vertebrisk.report.figures.reading import Reading
from vertebrisk.report.figures.style import PALETTE, SMALL, TEXT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BARS = 26.0
_BETWEEN = 30.0
_NEXT = 26.0
_LINE = 8.4


def foot_height(scale: Scale, bars: bool, titles: Sequence[str]) -> float:
    """Room that the foot takes; `titles` are those of the axes under the total points."""
    return 12.0 + (_BARS + 10.0 if bars else 6.0) + sum(_descents(scale, titles)) + 2.0


def _descents(scale: Scale, titles: Sequence[str]) -> list[float]:
    """From the total points to each axis under them, and from the last to what follows."""
    halves = [_LINE * len(wrap(title, scale.column, TEXT, "bold")) / 2 for title in titles]
    between = [max(_NEXT, a + b + 4.0) for a, b in pairwise(halves)]
    return [max(_BETWEEN, halves[0] + 14.0), *between, max(14.0, halves[-1]) + 12.0]


def draw_foot(
    ax: Axes,
    nomogram: Nomogram,
    scale: Scale,
    top: float,
    bins: pl.DataFrame | None,
    reading: Reading | None,
    titles: Sequence[str],
    words: Mapping[str, str],
    unit: str,
) -> float:
    """Draw bars, total points, risks and median; the y where the sentence may begin comes back.

    `titles` has one for each scale of risk, and one more where there is a median.
    """
    y = top + 12.0 + (_BARS + 10.0 if bins is not None else 6.0)
    *descents, rest = _descents(scale, titles)
    lines = [y + down for down in accumulate(descents)]
    if bins is not None:
        _bars(ax, bins, scale, y, words)
    _total_axis(ax, scale, y, lines[-1], words)
    for title, line in zip(titles, lines, strict=True):
        _title(ax, title, scale, line)
    for place in range(len(nomogram.scales)):
        draw_risks(ax, nomogram, scale, lines[place], place)
    if nomogram.median is not None:
        draw_median(ax, nomogram, nomogram.median, scale, lines[-1], words, unit)
    if reading is not None:
        _way_down(ax, nomogram, reading, scale, y, lines)
    return lines[-1] + rest


def _title(ax: Axes, text: str, scale: Scale, y: float) -> None:
    lines = wrap(text, scale.column, TEXT, "bold")
    at = y - _LINE * (len(lines) - 1) / 2
    for line in lines:
        ax.text(
            scale.left,
            at,
            line,
            fontsize=TEXT,
            fontweight="bold",
            va="center_baseline",
            gid="title",
        )
        at += _LINE


def _bars(ax: Axes, bins: pl.DataFrame, scale: Scale, y: float, words: Mapping[str, str]) -> None:
    rows = [row for row in bins.to_dicts() if row["n"]]
    if not rows:
        return
    most = max(row["n"] for row in rows)
    text = words["patients"].format(n=sum(row["n"] for row in rows))
    ax.text(
        scale.left, y - _BARS / 2 - 1.0, text, fontsize=SMALL, color=PALETTE["quiet"], va="center",
        gid="title",
    )  # fmt: skip
    for row in rows:
        low, high = max(row["low"], 0.0), min(row["high"], scale.max_total)
        left, right = scale.total(low), scale.total(high)
        inset = min(0.6, 0.1 * (right - left))
        ax.bar(
            left + inset, -_BARS * row["n"] / most, width=max(right - left - 2 * inset, 0.5),
            bottom=y - 1.0, align="edge", color=PALETTE["bars"], lw=0, zorder=1, gid="patients",
        )  # fmt: skip
    tallest = next(row for row in rows if row["n"] == most)
    ax.text(
        scale.total((max(tallest["low"], 0.0) + min(tallest["high"], scale.max_total)) / 2),
        y - _BARS - 2.0, f"{most}", fontsize=SMALL, color=PALETTE["quiet"], ha="center",
        va="bottom", gid="most",
    )  # fmt: skip


def _total_axis(ax: Axes, scale: Scale, y: float, under: float, words: Mapping[str, str]) -> None:
    _title(ax, words["total_points"], scale, y)
    ax.plot([scale.x0, scale.x1], [y, y], color=PALETTE["ink"], lw=0.8, zorder=2, gid="total")
    label = text_width(f"{scale.max_total:.0f}", TEXT) + 5.0
    step = nice_step(scale.max_total, max(2, min(14, int((scale.x1 - scale.x0) / label))))
    fine = step / 5.0
    for k in range(int(scale.max_total / fine + 1e-9) + 1):
        x, major = scale.total(k * fine), k % 5 == 0
        ax.plot(
            [x, x], [y, y + (4.5 if major else 2.0)], color=PALETTE["ink"],
            lw=0.6 if major else 0.4, zorder=2,
        )  # fmt: skip
        if major:
            ax.plot([x, x], [y, under], color=PALETTE["guide"], lw=0.5, zorder=0, gid="guide")
            ax.text(
                x, y + 5.6, f"{k * fine:g}", fontsize=TEXT, ha="center", va="top",
                gid="tick-label", zorder=4,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            )  # fmt: skip


def _way_down(
    ax: Axes,
    nomogram: Nomogram,
    reading: Reading,
    scale: Scale,
    y: float,
    lines: Sequence[float],
) -> None:
    colour, edge = PALETTE["example"], scale.width - 4.0
    x = scale.total(min(max(reading.total, 0.0), scale.max_total))
    read = list(lines)
    if nomogram.median is not None and nomogram.median_time(reading.total) is None:
        read.pop()
    dots = [y, *read]
    ax.plot([x, x], [y, dots[-1]], color=colour, lw=0.9, zorder=3, gid="plumb")
    ax.plot(
        [x] * len(dots), dots, ls="none", marker="o", ms=5.0, color=colour, mec="white", mew=0.6,
        zorder=5, gid="example-total",
    )  # fmt: skip
    texts = (reading.total_text, *reading.below)
    for at, text in zip((y, *lines), texts, strict=True):
        ax.text(
            edge, at, text, fontsize=TEXT, fontweight="bold", color=colour, ha="right",
            va="center", gid="example-points",
        )  # fmt: skip
    ax.plot([edge - 18.0, edge], [y - 8.0, y - 8.0], color=colour, lw=0.5, gid="sum-line")
