"""Odds ratios on a log axis, the numbers in columns beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vertebrisk._types import RegressionKind
from vertebrisk.errors import ArgumentError
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.figures.forest_marks import log_ticks
from vertebrisk.report.figures.lettering import text_width, widest, wrap
from vertebrisk.report.figures.style import (
    DOUBLE_MM,
    PALETTE,
    POINTS_PER_MM,
    TEXT,
    house_style,
    mark,
    new_axes,
    size_in_points,
    tidy,
)
from vertebrisk.report.figures.words import ENGLISH, numbers_of
from vertebrisk.text.numbers import MISSING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE = 9.0
_GAP = 4.5
_INDENT = 8.0
_LABEL_SHARE = 0.36
_COLUMN = 8.0  # printer's points between two columns
_LEAST_PLOT, _LEAST_LABEL = 56.0, 60.0


@dataclass(frozen=True, slots=True)
class _Entry:
    lines: tuple[str, ...]
    indent: float
    heading: bool
    row: RegressionRow
    ratio: str
    p: str


@house_style()
def plot_forest(
    rows: Sequence[RegressionRow],
    *,
    model: RegressionKind = "logistic",
    ax: Axes | None = None,
    width_mm: float = DOUBLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Ratios with their intervals, one row each, reference levels included.

    Parameters
    ----------
    rows : sequence of RegressionRow
        As in the regression table; the constant is left out. Intervals that run off the
        axis end in an arrow, and stand in full in the column of numbers.
    model : {"logistic", "cox", "fine-gray", "conditional"}
        Whether the ratios are of odds, hazards or subdistribution hazards.
    ax : Axes, optional
        Where to draw; labels and numbers stand to its left and right and need room
        there. A new figure is made otherwise.
    width_mm : float
        Width of a new figure, in millimetres.
    label : str
        Where the data come from, for instance "Reconstructed data".
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Axes
        With a log x axis; row ``k`` of those drawn lies where its marker lies.

    Raises
    ------
    ArgumentError
        If no row is left to draw.
    """
    shown = [row for row in rows if row.kind != "intercept"]
    if not any(row.ratio is not None for row in shown):
        raise ArgumentError("rows holds no ratio; give the rows of a regression table.")
    headed = {row.term for row in shown if row.kind in ("overall", "reference")}
    heads = (words[f"ratio_ci.{model}"], numbers_of(words).style.p_letter)
    ratios = [_ratio(row, words) if row.ratio is not None else "" for row in shown]
    bold = [text_width(head, TEXT, "bold") for head in heads]
    middle = max(bold[0], widest([words["reference"], *ratios], TEXT)) + _COLUMN
    right = max(bold[1], widest([_p(row.p_value, words) for row in shown], TEXT)) + _COLUMN
    total = width_mm * POINTS_PER_MM - 4.0 * POINTS_PER_MM
    room = min(_LABEL_SHARE * total, total - middle - right - _LEAST_PLOT - _COLUMN)
    entries = [_entry(row, row.term in headed, max(room, _LEAST_LABEL), words) for row in shown]
    centres, height = _centres(entries)
    left = _COLUMN + max(
        widest(e.lines, TEXT, "bold" if e.heading else "normal") + e.indent for e in entries
    )
    if ax is None:
        mm = 1.0 / POINTS_PER_MM
        ax = new_axes(
            width_mm, (height + 26.0 + 26.0) * mm,
            left=left * mm + 2.0, right=(middle + right) * mm + 2.0,
            bottom=26.0 * mm, top=26.0 * mm,
        )  # fmt: skip
    low, high = _limits(shown)
    _axis(ax, low, high, height)
    ax.set_xlabel(words[f"ratio.{model}"])
    for entry, y in zip(entries, centres, strict=True):
        _columns(ax, entry, y, left, middle, right)
        _draw(ax, entry.row, y, low, high)
    _heads(ax, middle, right, *heads)
    mark(ax, label, dx=middle + right, dy=15.0)
    return ax


def _entry(row: RegressionRow, inside: bool, width: float, words: Mapping[str, str]) -> _Entry:
    """One row; `inside` where it stands below the heading of its variable."""
    heading = row.kind == "overall"
    indent = 0.0
    if row.level and (inside or row.kind == "reference" or not row.reference):
        text, indent = row.shown_level, _INDENT
    elif row.level and row.reference and row.kind == "estimate":
        versus = words["versus"].format(level=row.shown_level, reference=row.shown_reference)
        text = f"{row.label}{words['parenthesis'].format(text=versus)}"
    else:
        text = row.label
    weight = "bold" if heading else "normal"
    ratio = words["reference"] if row.kind == "reference" else ""
    if row.ratio is not None:
        ratio = _ratio(row, words)
    lines = wrap(text, width - indent, TEXT, weight)
    return _Entry(lines, indent, heading, row, ratio, _p(row.p_value, words))


def _ratio(row: RegressionRow, words: Mapping[str, str]) -> str:
    numbers = numbers_of(words)
    shown = numbers.ratio(row.ratio)
    if row.conf_low is None or row.conf_high is None:
        return shown
    limits = numbers.ratio_limits(row.conf_low, row.conf_high)
    return words["interval"].format(estimate=shown, limits=limits)


def _p(value: float | None, words: Mapping[str, str]) -> str:
    text = numbers_of(words).p_value(value)
    return "" if text == MISSING else text


def _centres(entries: Sequence[_Entry]) -> tuple[list[float], float]:
    """Middle of each row, downwards in printer's points, and the height of all."""
    centres, y = [], 0.0
    for k, entry in enumerate(entries):
        tall = _LINE * len(entry.lines)
        closer = entry.indent > 0.0 and k > 0
        y += 1.5 if closer else _GAP
        centres.append(y + tall / 2)
        y += tall
    return centres, y + _GAP


def _limits(rows: Sequence[RegressionRow]) -> tuple[float, float]:
    """Axis wide enough for every estimate and for intervals within a factor of ten of it."""
    low, high = 0.8, 1.25
    for row in rows:
        if row.ratio is None or not 0.0 < row.ratio < math.inf:
            continue
        ratio = min(max(row.ratio, 1e-3), 1e3)
        low, high = min(low, ratio / 1.15), max(high, ratio * 1.15)
        if row.conf_low is not None and row.conf_low > 0.0:
            low = min(low, max(row.conf_low, ratio / 10.0) / 1.1)
        if row.conf_high is not None and math.isfinite(row.conf_high):
            high = max(high, min(row.conf_high, ratio * 10.0) * 1.1)
    return low, high


def _axis(ax: Axes, low: float, high: float, height: float) -> None:
    from matplotlib.ticker import NullLocator

    tidy(ax)
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(height, 0.0)
    ax.spines["left"].set_visible(False)
    ax.set_yticks([])
    ticks = log_ticks(low, high, size_in_points(ax)[0])
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.axvline(1.0, color=PALETTE["reference"], lw=0.6, gid="no-effect", zorder=1)


def _draw(ax: Axes, row: RegressionRow, y: float, low: float, high: float) -> None:
    if row.kind == "reference":
        ax.plot(
            [1.0], [y], marker="s", ms=3.6, mfc="white", mec=PALETTE["reference"], mew=0.8,
            ls="none", zorder=3, gid="reference",
        )  # fmt: skip
        return
    if row.ratio is None or math.isnan(row.ratio):
        return
    style: dict[str, Any] = {"color": PALETTE["model"], "zorder": 3}
    start = row.conf_low if row.conf_low is not None else row.ratio
    end = row.conf_high if row.conf_high is not None else row.ratio
    inside = [min(max(value, low), high) for value in (start, end)]
    ax.plot(inside, [y, y], lw=1.1, gid="interval", **style)
    for beyond, at, marker in ((start < low, low, "<"), (end > high, high, ">")):
        if beyond:
            ax.plot([at], [y], marker=marker, ms=3.8, clip_on=False, ls="none", mew=0, **style)
    if low <= row.ratio <= high:
        ax.plot([row.ratio], [y], marker="s", ms=4.4, mew=0, ls="none", gid="estimate", **style)


def _columns(ax: Axes, entry: _Entry, y: float, left: float, middle: float, right: float) -> None:
    style: dict[str, Any] = {
        "textcoords": "offset points", "va": "center_baseline", "fontsize": TEXT,
        "annotation_clip": False,
    }  # fmt: skip
    side = ("axes fraction", "data")
    ax.annotate(
        "\n".join(entry.lines), xy=(0.0, y), xycoords=side, xytext=(entry.indent - left, 0.0),
        ha="left", fontweight="bold" if entry.heading else "normal", linespacing=1.15,
        color=PALETTE["quiet"] if entry.row.kind == "reference" else PALETTE["ink"], **style,
    )  # fmt: skip
    if entry.ratio:
        ax.annotate(
            entry.ratio, xy=(1.0, y), xycoords=side, xytext=(middle, 0.0), ha="right",
            color=PALETTE["quiet"] if entry.row.kind == "reference" else PALETTE["ink"], **style,
        )  # fmt: skip
    if entry.p:
        ax.annotate(
            entry.p, xy=(1.0, y), xycoords=side, xytext=(middle + right, 0.0), ha="right", **style
        )


def _heads(ax: Axes, middle: float, right: float, ratio: str, p: str) -> None:
    for name, x in ((ratio, middle), (p, middle + right)):
        ax.annotate(
            name, xy=(1.0, 1.0), xycoords="axes fraction", xytext=(x, 3.0),
            textcoords="offset points", ha="right", va="bottom", fontsize=TEXT,
            fontweight="bold", annotation_clip=False,
        )  # fmt: skip
