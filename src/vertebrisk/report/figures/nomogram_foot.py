"""The foot of the nomogram: the cohort over total points, their axis, and the risk below."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from vertebrisk.nomogram.results import Nomogram
from vertebrisk.report.figures.layout import (
    keep_clear,
    minor_risks,
    nice_step,
    risk_priority,
    risk_ticks,
)
from vertebrisk.report.figures.lettering import text_width, wrap
from vertebrisk.report.figures.reading import Reading
from vertebrisk.report.figures.style import PALETTE, SMALL, TEXT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BARS = 26.0
_BETWEEN = 30.0
_LINE = 8.4


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


def foot_height(scale: Scale, bars: bool, risk_title: str) -> float:
    """Room that the foot takes."""
    lines = len(wrap(risk_title, scale.column, TEXT, "bold"))
    return 12.0 + (_BARS + 10.0 if bars else 6.0) + _BETWEEN + max(14.0, _LINE * lines / 2) + 14.0


def draw_foot(
    ax: Axes,
    nomogram: Nomogram,
    scale: Scale,
    top: float,
    bins: pl.DataFrame | None,
    reading: Reading | None,
    risk_title: str,
    words: Mapping[str, str],
) -> float:
    """Draw bars, total points and risk; the y where the sentence may begin comes back."""
    y = top + 12.0 + (_BARS + 10.0 if bins is not None else 6.0)
    under = y + _BETWEEN
    if bins is not None:
        _bars(ax, bins, scale, y, words)
    _total_axis(ax, scale, y, under, words)
    _risk_axis(ax, nomogram, scale, under, risk_title)
    if reading is not None:
        _way_down(ax, reading, scale, y, under)
    lines = len(wrap(risk_title, scale.column, TEXT, "bold"))
    return under + max(14.0, _LINE * lines / 2) + 12.0


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
    step = nice_step(scale.max_total, 14)
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


def _risk_axis(ax: Axes, nomogram: Nomogram, scale: Scale, y: float, title: str) -> None:
    _title(ax, title, scale, y)
    low, high = (nomogram.risk(total) for total in (0.0, scale.max_total))
    low, high = min(low, high), max(low, high)
    given = [float(risk) for risk in nomogram.risk_ticks["risk"].to_list()]
    risks = risk_ticks(low, high, given)
    places = [scale.total(nomogram.total_of(risk)) for risk in risks]
    ax.plot([scale.x0, scale.x1], [y, y], color=PALETTE["ink"], lw=0.8, zorder=2, gid="risk")
    previous = -math.inf
    for risk in minor_risks(low, high):
        x = scale.total(nomogram.total_of(risk))
        if abs(x - previous) >= 1.6:
            ax.plot([x, x], [y, y + 2.0], color=PALETTE["ink"], lw=0.4, zorder=2)
            previous = x
    texts = [f"{100.0 * risk:.6g}" for risk in risks]
    widths = [text_width(text, TEXT) for text in texts]
    for k in keep_clear(places, widths, risk_priority(risks), 4.0):
        ax.plot(
            [places[k], places[k]], [y, y + 4.5], color=PALETTE["ink"], lw=0.6, zorder=2,
            gid="risk-tick",
        )  # fmt: skip
        ax.text(
            places[k], y + 5.6, texts[k], fontsize=TEXT, ha="center", va="top", gid="tick-label",
            zorder=4,
        )  # fmt: skip


def _way_down(ax: Axes, reading: Reading, scale: Scale, y: float, under: float) -> None:
    colour, edge = PALETTE["example"], scale.width - 4.0
    x = scale.total(min(max(reading.total, 0.0), scale.max_total))
    ax.plot([x, x], [y, under], color=colour, lw=0.9, zorder=3, gid="plumb")
    ax.plot(
        [x, x], [y, under], ls="none", marker="o", ms=5.0, color=colour, mec="white", mew=0.6,
        zorder=5, gid="example-total",
    )  # fmt: skip
    for at, text in ((y, reading.total_text), (under, reading.risk_text)):
        ax.text(
            edge, at, text, fontsize=TEXT, fontweight="bold", color=colour, ha="right",
            va="center", gid="example-points",
        )  # fmt: skip
    ax.plot([edge - 18.0, edge], [y - 8.0, y - 8.0], color=colour, lw=0.5, gid="sum-line")
