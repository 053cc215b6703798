"""The forest plot of pooled studies: one row a study, diamonds, the interval of a new study."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from vertebrisk.evidence.pooling.papers import PooledPapers
from vertebrisk.evidence.pooling.study_estimates import Measure
from vertebrisk.report.figures.forest_rows import ForestRow, axis_name, column_heads, forest_rows
from vertebrisk.report.figures.layout import nice_step, thin
from vertebrisk.report.figures.lettering import text_width, widest, wrap
from vertebrisk.report.figures.style import (
    DOUBLE_MM,
    PALETTE,
    POINTS_PER_MM,
    SMALL,
    TEXT,
    house_style,
    new_axes,
    size_in_points,
    tidy,
)
from vertebrisk.report.figures.words import ENGLISH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE = 9.0
_SPACE = {"heading": 5.0, "study": 3.0, "subtotal": 3.0, "overall": 6.5, "prediction": 3.0,
          "note": 2.5}  # fmt: skip
_GAP = 9.0
_FOOT = 27.0
_HEAD = 15.0
_BIGGEST, _SMALLEST = 8.0, 2.2
_LEAST_PLOT = 150.0
_LEAST_COLUMN = 62.0
_LEAST_LEFT = 140.0  # for the lines about heterogeneity
_DIGITS: tuple[tuple[float, ...], ...] = (
    (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
    (1, 1.5, 2, 3, 4, 5, 7),
    (1, 2, 5),
    (1, 3),
    (1,),
)
_NULL: Mapping[Measure, float] = {"odds-ratio": 1.0, "oe": 1.0, "slope": 1.0, "c-statistic": 0.5}
_LOG: tuple[Measure, ...] = ("odds-ratio", "oe")


@house_style()
def plot_forest_pooled(
    result: PooledPapers,
    *,
    kinds: Mapping[str, str] | None = None,
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Studies, their groups and all of them together, with numbers in columns beside the axis.

    Parameters
    ----------
    result : PooledPapers
        Groups are drawn where it has them. Squares have areas in proportion to the weights;
        intervals that run off the axis end in an arrow and stand in full in the column.
    kinds : mapping, optional
        Words for what kind of number a study gives ("adjusted", "crude", ...).
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Axes
        In a figure of 174 mm; ratios on a log axis. Row ``k`` of `forest_rows` lies where its
        marker lies.
    """
    rows = forest_rows(result, words, kinds or {})
    measure = result.evidence.measure
    heads = column_heads(result, words)
    right = _right_widths(rows, words[f"pool.ci.{measure}"], words["pool.weight"])
    room = DOUBLE_MM * POINTS_PER_MM - sum(right) - _LEAST_PLOT
    left = _left_widths(rows, heads, words, room)
    wrapped = [_lines(row, left) for row in rows]
    centres, height = _centres(rows, wrapped)
    mm = 1.0 / POINTS_PER_MM
    ax = new_axes(
        DOUBLE_MM, (height + _FOOT + _HEAD) * mm,
        left=sum(left) * mm + 1.5, right=sum(right) * mm + 1.5,
        bottom=_FOOT * mm, top=_HEAD * mm,
    )  # fmt: skip
    low, high = axis_limits(rows, measure)
    _axis(ax, low, high, height, measure)
    ax.set_xlabel(axis_name(result, words, kinds or {}))
    _guides(ax, rows, centres, measure, low, high)
    heaviest = max((row.weight or 0.0 for row in rows if row.kind == "study"), default=1.0)
    for row, lines, y in zip(rows, wrapped, centres, strict=True):
        _texts(ax, row, lines, y, left, right)
        _draw(ax, row, y, low, high, heaviest)
    _heads(ax, (words["pool.study"], *heads), left, right, words, measure)
    return ax


def axis_limits(rows: Sequence[ForestRow], measure: Measure) -> tuple[float, float]:
    """Axis wide enough for every study, and for pooled intervals that let the rest be seen."""
    log = measure in _LOG

    def place(value: float) -> float:
        return math.log(min(max(value, 1e-9), 1e9)) if log else value

    null = [place(_NULL[measure])] if measure in _NULL else [0.0]
    drawn = [(row.kind, tuple(place(end) for end in row.ends)) for row in rows if row.ends]
    centres = [ends[0] for kind, ends in drawn if kind == "study"] + null
    limits = [end for kind, ends in drawn if kind == "study" for end in ends]
    spread = max(max(centres) - min(centres), math.log(4.0) if log else 0.0)
    if log:
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


def _left_widths(
    rows: Sequence[ForestRow], heads: Sequence[str], words: Mapping[str, str], room: float
) -> list[float]:
    """Widths of the columns left of the axis in printer's points, made to fit by wrapping."""
    studies = [row for row in rows if row.kind == "study"]
    bold = [words["pool.study"]]
    bold += [row.label for row in rows if row.kind in ("subtotal", "overall", "prediction")]
    first = max(widest(bold, TEXT, "bold"), widest([row.label for row in studies], TEXT))
    widths = [first + _GAP]
    for place, head in enumerate(heads):
        texts = [row.texts[place] for row in studies]
        widths.append(max(widest([head], TEXT, "bold"), widest(texts, TEXT)) + _GAP)
    widths[0] += max(0.0, _LEAST_LEFT - sum(widths))
    for place in (1, 0) if len(widths) > 2 else (0,):
        excess = sum(widths) - room
        if excess > 0:
            widths[place] = max(widths[place] - excess, min(widths[place], _LEAST_COLUMN))
    return widths


def _right_widths(rows: Sequence[ForestRow], head: str, weight: str) -> list[float]:
    return [
        widest([head, *(row.shown for row in rows)], TEXT, "bold") + _GAP,
        widest([weight, "100.0%"], TEXT, "bold") + _GAP,
    ]


def _lines(row: ForestRow, left: Sequence[float]) -> tuple[tuple[str, ...], ...]:
    """Lines of the row's texts, column by column."""
    if row.kind in ("heading", "note"):
        small = row.kind == "note"
        size, weight = (SMALL, "normal") if small else (TEXT, "bold")
        return (wrap(row.label, sum(left) - _GAP, size, weight),)
    weight = "normal" if row.kind in ("study", "prediction") else "bold"
    texts = zip(row.texts, left[1:], strict=False)
    return (
        wrap(row.label, left[0] - _GAP, TEXT, weight),
        *(wrap(text, width - _GAP, TEXT) for text, width in texts),
    )


def _centres(
    rows: Sequence[ForestRow], wrapped: Sequence[tuple[tuple[str, ...], ...]]
) -> tuple[list[float], float]:
    centres, y = [], 0.0
    for row, lines in zip(rows, wrapped, strict=True):
        tall = _LINE * max(len(each) for each in lines)
        y += _SPACE[row.kind]
        centres.append(y + tall / 2)
        y += tall
    return centres, y + 4.0


def _axis(ax: Axes, low: float, high: float, height: float, measure: Measure) -> None:
    from matplotlib.ticker import NullLocator

    tidy(ax)
    ax.spines["left"].set_visible(False)
    ax.set_yticks([])
    ax.set_ylim(height, 0.0)
    if measure in _LOG:
        ax.set_xscale("log")
    ax.set_xlim(low, high)
    ticks = (
        log_ticks(low, high, size_in_points(ax)[0]) if measure in _LOG else _even_ticks(low, high)
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


def _even_ticks(low: float, high: float) -> list[float]:
    step = nice_step(high - low, 6)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 10) for k in range(first, last + 1)]


def _guides(
    ax: Axes,
    rows: Sequence[ForestRow],
    centres: Sequence[float],
    measure: Measure,
    low: float,
    high: float,
) -> None:
    """The line of no effect, and a dashed one down from the pooled number."""
    null = _NULL.get(measure)
    if null is not None and low <= null <= high:
        ax.axvline(null, color=PALETTE["reference"], lw=0.6, gid="no-effect", zorder=1)
    for row, y in zip(rows, centres, strict=True):
        if row.kind == "overall" and row.ends is not None and low <= row.ends[0] <= high:
            ax.plot(
                [row.ends[0]] * 2, [0.0, y], color=PALETTE["corrected"], lw=0.6, zorder=1,
                ls=(0, (3, 2)), gid="pooled-line",
            )  # fmt: skip


def _draw(ax: Axes, row: ForestRow, y: float, low: float, high: float, heaviest: float) -> None:
    if row.ends is None:
        return
    estimate, start, end = row.ends
    if row.kind == "study":
        _interval(ax, start, end, y, low, high, PALETTE["model"], 1.0, "interval")
        share = (row.weight or 0.0) / heaviest
        size = max(_SMALLEST, _BIGGEST * math.sqrt(share))
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


def _texts(
    ax: Axes,
    row: ForestRow,
    lines: tuple[tuple[str, ...], ...],
    y: float,
    left: Sequence[float],
    right: Sequence[float],
) -> None:
    style: dict[str, Any] = {
        "textcoords": "offset points", "va": "center_baseline", "annotation_clip": False,
        "linespacing": 1.15, "xycoords": ("axes fraction", "data"), "fontsize": TEXT,
    }  # fmt: skip
    bold = "normal" if row.kind in ("study", "note", "prediction") else "bold"
    at = -sum(left)
    if row.kind == "note":
        style |= {"fontsize": SMALL, "color": PALETTE["quiet"]}
    for place, text in enumerate(lines):
        last = place == len(left) - 1 and place > 0
        x = at + left[place] - _GAP if last else at
        ax.annotate(
            "\n".join(text), xy=(0.0, y), xytext=(x, 0.0), ha="right" if last else "left",
            fontweight=bold, **style,
        )  # fmt: skip
        at += left[place]
    if row.shown:
        ax.annotate(
            row.shown, xy=(1.0, y), xytext=(right[0], 0.0), ha="right", fontweight=bold, **style
        )
    if row.weight is not None:
        ax.annotate(
            f"{row.weight:.1f}%", xy=(1.0, y), xytext=(sum(right), 0.0), ha="right",
            fontweight=bold, **style,
        )  # fmt: skip


def _heads(
    ax: Axes,
    names: Sequence[str],
    left: Sequence[float],
    right: Sequence[float],
    words: Mapping[str, str],
    measure: Measure,
) -> None:
    style: dict[str, Any] = {
        "xycoords": "axes fraction", "textcoords": "offset points", "va": "bottom",
        "fontsize": TEXT, "fontweight": "bold", "annotation_clip": False,
    }  # fmt: skip
    at = -sum(left)
    for place, name in enumerate(names):
        last = place == len(names) - 1 and place > 0
        x = at + left[place] - _GAP if last else at
        ax.annotate(name, xy=(0.0, 1.0), xytext=(x, 3.0), ha="right" if last else "left", **style)
        at += left[place]
    for name, x in ((words[f"pool.ci.{measure}"], right[0]), (words["pool.weight"], sum(right))):
        ax.annotate(name, xy=(1.0, 1.0), xytext=(x, 3.0), ha="right", **style)
