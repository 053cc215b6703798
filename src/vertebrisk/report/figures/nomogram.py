"""The nomogram, drawn so that a patient can be read off it without a ruler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vertebrisk.nomogram.results import Nomogram, NomogramAxis
from vertebrisk.nomogram.scales import OddsScale
from vertebrisk.report.figures.layout import Place, branches, keep_clear, place_all, thin
from vertebrisk.report.figures.lettering import text_width, widest, wrap
from vertebrisk.report.figures.nomogram_foot import draw_foot, foot_height
from vertebrisk.report.figures.nomogram_scales import Scale
from vertebrisk.report.figures.reading import Reading, read_example
from vertebrisk.report.figures.style import (
    DOUBLE_MM,
    PALETTE,
    SMALL,
    TEXT,
    canvas_axes,
    house_style,
    width_in_points,
)
from vertebrisk.report.figures.words import ENGLISH, duration, true_minus
from vertebrisk.report.results.study import ExamplePatient

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE = 8.4
_SMALL_LINE = 7.6
_TICK = 3.0
_LEAD = 5.0
_ROW_GAP = 8.0
_FIRST = 5.0
_NARROW = 370.0  # printer's points below which titles take more of the width
_WRAP = 84.0
_GAP = 4.0


@dataclass(frozen=True, slots=True)
class _Label:
    """A tick's label: its lines, the number of points below them, and its place."""

    lines: tuple[str, ...]
    points: str
    tick: float
    place: Place


@dataclass(frozen=True, slots=True)
class _Row:
    """One variable, ready to be drawn."""

    axis: NomogramAxis
    title: tuple[str, ...]
    condition: tuple[str, ...]
    ticks: tuple[float, ...]
    labels: tuple[_Label, ...]
    above: float
    below: float


@house_style()
def plot_nomogram(
    nomogram: Nomogram,
    example: ExamplePatient | None = None,
    total_points: pl.DataFrame | None = None,
    outcome: str = "",
    *,
    ax: Axes | None = None,
    width_mm: float = DOUBLE_MM,
    label: str = "",
    unit: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Nomogram in the layout of rms: points, variables, total points, risk.

    Faint lines carry the scale of points down through the variables and that of total
    points down to the risk. Each level of a categorical variable says its points. A model of
    time to event has an axis of risk for each horizon, and one of the median time as far as
    half have the event inside follow-up.

    Parameters
    ----------
    nomogram : Nomogram
        Axes and scales. A variable with interactions has one axis for each condition.
    example : ExamplePatient, optional
        One number of points for each of its values. Drawn in colour: a dot on each axis,
        its points at the right margin, the sum, the way down to the risk, and a sentence
        that says the same.
    total_points : DataFrame, optional
        Columns low, high, n: the cohort over total points, as bars above their axis.
    outcome : str
        What the risk is a risk of, for its axis.
    ax : Axes, optional
        Where to draw, filled whole; a new figure is made otherwise.
    width_mm : float
        Width of a new figure, in millimetres.
    label : str
        Where the data come from, for instance "Reconstructed data".
    unit : str
        Of horizons and median, as people read it: "months".
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Axes
        Units are printer's points, y downwards.

    Raises
    ------
    ArgumentError
        If the example has not one number of points for each value.
    """
    width = width_in_points(ax, width_mm)
    reading = read_example(nomogram, example, words, unit) if example is not None else None
    meanings = _meanings(nomogram, outcome, unit, words)
    scale = _scale(nomogram, width, reading, meanings, words)
    rows = [_row(axis, scale) for axis in nomogram.axes]
    top = 30.0 if label or reading else 24.0
    sentence = wrap(reading.sentence, width - 12.0, TEXT) if reading else ()
    body = _FIRST + sum(row.above + row.below + _ROW_GAP for row in rows)
    foot = foot_height(scale, total_points is not None, meanings)
    ax = canvas_axes(
        ax, width, top + body + foot + (9.6 * len(sentence) + 6.0 if sentence else 0.0)
    )
    y, lines = top + _FIRST, []
    for row in rows:
        y += _ROW_GAP + row.above
        lines.append(y)
        y += row.below
    _guides(ax, scale, top, lines[-1] if lines else top)
    _points_axis(ax, scale, top, words)
    for row, at in zip(rows, lines, strict=True):
        _draw_row(ax, row, scale, at)
    if reading is not None:
        _draw_example(ax, reading, nomogram, scale, lines, top, words)
    bottom = draw_foot(ax, nomogram, scale, y, total_points, reading, meanings, words, unit)
    for k, line in enumerate(sentence):
        ax.text(6.0, bottom + 9.6 * k, line, fontsize=TEXT, va="top", gid="sentence")
    if label:
        ax.text(
            width - 3.0, 3.0, label, ha="right", va="top", fontsize=SMALL,
            color=PALETTE["quiet"], gid="data-kind",
        )  # fmt: skip
    return ax


def _meanings(
    nomogram: Nomogram, outcome: str, unit: str, words: Mapping[str, str]
) -> tuple[str, ...]:
    """Titles of the axes under the total points."""
    titles = []
    for scale in nomogram.scales:
        if isinstance(scale, OddsScale):
            titles.append(words["odds_against"])
            continue
        form = "risk_of" if outcome else "risk"
        form += "_percent" if scale.horizon is None else "_by_percent"
        time = "" if scale.horizon is None else duration(scale.horizon, unit, words)
        titles.append(words[form].format(outcome=outcome, time=time))
    if nomogram.median is not None:
        title = words["median_time_to" if outcome else "median_time"].format(outcome=outcome)
        titles.append(title + (words["parenthesis"].format(text=unit) if unit else ""))
    return tuple(titles)


def _title(axis: NomogramAxis) -> str:
    return f"{axis.label} ({axis.unit})" if axis.unit else axis.label


def _scale(
    nomogram: Nomogram,
    width: float,
    reading: Reading | None,
    meanings: Sequence[str],
    words: Mapping[str, str],
) -> Scale:
    """Room for titles on the left and for the example's points on the right."""
    titles = [_title(axis) for axis in nomogram.axes]
    titles += [words["points"], words["total_points"], *meanings]
    most = (0.31 if width < _NARROW else 0.24) * width
    column = min(widest(titles, TEXT, "bold"), most)
    column = max([column, *(min(text_width(t, SMALL), most) for t in (
        axis.condition for axis in nomogram.axes))])  # fmt: skip
    right = 16.0
    if reading is not None:
        right = 20.0 + max(
            widest((*reading.column, *reading.below), TEXT, "bold"),
            text_width(words["example"], SMALL),
        )
    return Scale(
        left=5.0, column=column, x0=5.0 + column + 22.0, x1=width - right, width=width,
        max_total=max(float(nomogram.max_total), 1e-9),
    )  # fmt: skip


def _row(axis: NomogramAxis, scale: Scale) -> _Row:
    ticks = tuple(scale.points(float(value)) for value in axis.points)
    labels = _levels(axis, ticks, scale) if axis.categorical else _numbers(axis, ticks)
    title = wrap(_title(axis), scale.column, TEXT, "bold")
    condition = wrap(axis.condition, scale.column, SMALL) if axis.condition else ()
    beside = (_LINE * len(title) + _SMALL_LINE * len(condition)) / 2.0
    above = max([_extent(entry, labels) for entry in labels if not entry.place.below], default=0.0)
    below = max([_extent(entry, labels) for entry in labels if entry.place.below], default=_TICK)
    return _Row(axis, title, condition, ticks, labels, max(above, beside), max(below, beside))


def _tall(label: _Label) -> float:
    return _LINE * len(label.lines) + (_SMALL_LINE if label.points else 0.0)


def _start(label: _Label, labels: tuple[_Label, ...]) -> float:
    """Distance from the axis at which a label begins: past its leader and nearer rows."""
    same = [entry for entry in labels if entry.place.below == label.place.below]
    moved = any(abs(entry.place.x - entry.tick) > 1.0 for entry in same if entry.place.row == 0)
    start = _TICK + (_LEAD if moved else 0.0) + 0.8
    for row in range(label.place.row):
        start += max((_tall(e) for e in same if e.place.row == row), default=0.0) + 3.0
    return start


def _extent(label: _Label, labels: tuple[_Label, ...]) -> float:
    return _start(label, labels) + _tall(label)


def _levels(axis: NomogramAxis, ticks: tuple[float, ...], scale: Scale) -> tuple[_Label, ...]:
    """Every level keeps its label; where ticks are close, labels move and get a leader."""
    texts = [wrap(value, _WRAP, TEXT) for value in axis.shown_values]
    points = [f"{value:.0f}" for value in axis.points]
    widths = [
        max(widest(lines, TEXT), text_width(p, SMALL))
        for lines, p in zip(texts, points, strict=True)
    ]
    places = place_all(ticks, widths, scale.x0 - 18.0, scale.x1 + 14.0, _GAP)
    return tuple(
        _Label(lines, p, tick, place)
        for lines, p, tick, place in zip(texts, points, ticks, places, strict=True)
    )


def _numbers(axis: NomogramAxis, ticks: tuple[float, ...]) -> tuple[_Label, ...]:
    """Numbers may be thinned; those of a stretch that turns back stand above the line.

    A number that has no room on its own side of a folded axis goes to the other side; one
    that has room somewhere is never left out.
    """
    sides = branches([float(value) for value in axis.points])
    texts = [true_minus(value) for value in axis.shown_values]
    widths = [text_width(text, TEXT) for text in texts]
    places: dict[int, bool] = {}
    for below in (True, False):
        members = [k for k, side in enumerate(sides) if (side % 2 == 0) == below]
        chosen = thin([ticks[k] for k in members], [widths[k] for k in members], _GAP)
        order = [members[j] for j in chosen]
        order += [k for k in members if k not in order]
        places |= dict.fromkeys(keep_clear(ticks, widths, order, _GAP), below)
    if len(set(sides)) > 1:
        for k in range(len(ticks)):
            other = sides[k] % 2 != 0
            taken = [j for j, below in places.items() if below == other]
            if k not in places and k in keep_clear(ticks, widths, [*taken, k], _GAP):
                places[k] = other
    return tuple(
        _Label((texts[k],), "", ticks[k], Place(ticks[k], places[k], 0)) for k in sorted(places)
    )


def _guides(ax: Axes, scale: Scale, top: float, bottom: float) -> None:
    for points in range(0, 101, 5):
        x = scale.points(points)
        colour = PALETTE["guide"] if points % 10 == 0 else PALETTE["faint"]
        ax.plot([x, x], [top, bottom], color=colour, lw=0.5, zorder=0, gid="guide")


def _points_axis(ax: Axes, scale: Scale, y: float, words: Mapping[str, str]) -> None:
    ax.text(scale.left, y, words["points"], fontsize=TEXT, fontweight="bold", va="center_baseline")
    ax.plot([scale.x0, scale.x1], [y, y], color=PALETTE["ink"], lw=0.8, zorder=2, gid="points")
    for points in range(0, 101, 2):
        long = 4.5 if points % 10 == 0 else 2.0
        x = scale.points(points)
        ax.plot([x, x], [y, y - long], color=PALETTE["ink"], lw=0.6 if long > 3 else 0.4, zorder=2)
    step = 10 if scale.points(10) - scale.x0 > text_width("100", TEXT) + _GAP else 20
    for points in range(0, 101, step):
        ax.text(
            scale.points(points), y - 5.6, f"{points}", fontsize=TEXT, ha="center", va="bottom",
            gid="tick-label",
        )  # fmt: skip


def _draw_row(ax: Axes, row: _Row, scale: Scale, y: float) -> None:
    tall = _LINE * len(row.title) + _SMALL_LINE * len(row.condition)
    at = y - tall / 2.0
    for line in row.title:
        ax.text(
            scale.left, at + _LINE / 2, line, fontsize=TEXT, fontweight="bold",
            va="center_baseline", gid="title",
        )  # fmt: skip
        at += _LINE
    for line in row.condition:
        ax.text(
            scale.left, at + _SMALL_LINE / 2, line, fontsize=SMALL, va="center",
            color=PALETTE["quiet"], gid="condition",
        )  # fmt: skip
        at += _SMALL_LINE
    if row.ticks:
        ax.plot(
            [min(row.ticks), max(row.ticks)], [y, y], color=PALETTE["ink"], lw=0.8, zorder=2,
            gid=f"axis-{row.axis.variable}", solid_capstyle="projecting",
        )  # fmt: skip
    sides = {entry.tick: entry.place.below for entry in row.labels}
    for tick in row.ticks:
        end = y + (_TICK if sides.get(tick, True) else -_TICK)
        ax.plot([tick, tick], [y, end], color=PALETTE["ink"], lw=0.6, zorder=2, gid="tick")
    for entry in row.labels:
        _draw_label(ax, entry, row.labels, y)


def _draw_label(ax: Axes, entry: _Label, labels: tuple[_Label, ...], y: float) -> None:
    sign = 1.0 if entry.place.below else -1.0
    start = _start(entry, labels)
    if start > _TICK + 1.0:
        ax.plot(
            [entry.tick, entry.place.x], [y + sign * _TICK, y + sign * (start - 0.6)],
            color=PALETTE["reference"], lw=0.4, zorder=1, gid="leader",
        )  # fmt: skip
    at = y + start if entry.place.below else y - start - _tall(entry)
    style: dict[str, Any] = {
        "ha": "center", "va": "center", "zorder": 4,
        "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.4},
    }  # fmt: skip
    for line in entry.lines:
        ax.text(entry.place.x, at + _LINE / 2, line, fontsize=TEXT, gid="tick-label", **style)
        at += _LINE
    if entry.points:
        ax.text(
            entry.place.x, at + _SMALL_LINE / 2, entry.points, fontsize=SMALL, gid="tick-label",
            color=PALETTE["quiet"], **style,
        )  # fmt: skip


def _draw_example(
    ax: Axes,
    reading: Reading,
    nomogram: Nomogram,
    scale: Scale,
    lines: list[float],
    top: float,
    words: Mapping[str, str],
) -> None:
    """Dots on the axes, plumb lines up to the points, and the points at the right margin."""
    colour = PALETTE["example"]
    edge = scale.width - 4.0
    ax.text(
        edge, top, words["example"], fontsize=SMALL, color=colour, ha="right", va="center",
        gid="example-head",
    )  # fmt: skip
    for index, points, shown in zip(reading.axes, reading.points, reading.column, strict=True):
        if index is None:
            continue
        x, y = scale.points(points), lines[index]
        ax.plot([x, x], [top, y], color=colour, lw=0.6, ls=(0, (2, 1.6)), zorder=1, gid="plumb")
        ax.plot(
            [x], [y], marker="o", ms=5.0, color=colour, mec="white", mew=0.6, zorder=5,
            gid=f"example-{nomogram.axes[index].variable}",
        )  # fmt: skip
        ax.text(
            edge,
            y,
            shown,
            fontsize=TEXT,
            color=colour,
            ha="right",
            va="center",
            gid="example-points",
        )
    used = sorted({round(scale.points(p), 3) for p in reading.points})
    ax.plot(
        used, np.full(len(used), top), ls="none", marker="v", ms=3.4, color=colour, mew=0, zorder=5,
        gid="example-on-points",
    )  # fmt: skip
