"""The forest plot of pooled studies: one row a study, diamonds, the interval of a new study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vertebrisk.evidence.pooling.papers import PooledPapers
from vertebrisk.evidence.pooling.study_estimates import Measure
from vertebrisk.report.figures.forest_marks import axis_limits, axis_of, draw_row, guides
from vertebrisk.report.figures.forest_rows import ForestRow, axis_name, column_heads, forest_rows
from vertebrisk.report.figures.lettering import widest, wrap
from vertebrisk.report.figures.style import (
    DOUBLE_MM,
    PALETTE,
    POINTS_PER_MM,
    SMALL,
    TEXT,
    house_style,
    new_axes,
    size_in_points,
)
from vertebrisk.report.figures.words import ENGLISH, numbers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE = 9.0
_SPACE = {"heading": 5.0, "study": 3.0, "subtotal": 3.0, "overall": 6.5, "prediction": 3.0,
          "note": 2.5}  # fmt: skip
_GAP = 9.0
_FOOT = 27.0
_HEAD = 15.0
_LEAST_PLOT, _TICK_ROOM = 80.0, 20.0
_LEAST_COLUMN = 62.0
_LEAST_LEFT = 140.0  # for the lines about heterogeneity


@house_style()
def plot_forest_pooled(
    result: PooledPapers,
    *,
    kinds: Mapping[str, str] | None = None,
    width_mm: float = DOUBLE_MM,
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
    width_mm : float
        Width of the figure, in millimetres.
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Axes
        In a new figure; ratios on a log axis. Row ``k`` of `forest_rows` lies where its
        marker lies.
    """
    rows = forest_rows(result, words, kinds or {})
    measure = result.evidence.measure
    heads = column_heads(result, words)
    right = _right_widths(rows, words[f"pool.ci.{measure}"], words["pool.weight"])
    room = width_mm * POINTS_PER_MM - sum(right) - _LEAST_PLOT
    left = _left_widths(rows, heads, words, room)
    wrapped = [_lines(row, left) for row in rows]
    centres, height = _centres(rows, wrapped)
    mm = 1.0 / POINTS_PER_MM
    ax = new_axes(
        width_mm, (height + _FOOT + _HEAD) * mm,
        left=sum(left) * mm + 1.5, right=sum(right) * mm + 1.5,
        bottom=_FOOT * mm, top=_HEAD * mm,
    )  # fmt: skip
    low, high = axis_limits(rows, measure)
    axis_of(ax, low, high, height, measure, max(2, min(6, int(size_in_points(ax)[0] / _TICK_ROOM))))
    ax.set_xlabel(axis_name(result, words, kinds or {}))
    guides(ax, rows, centres, measure, low, high)
    heaviest = max((row.weight or 0.0 for row in rows if row.kind == "study"), default=1.0)
    for row, lines, y in zip(rows, wrapped, centres, strict=True):
        _texts(ax, row, lines, y, left, right, words)
        draw_row(ax, row, y, low, high, heaviest)
    _heads(ax, (words["pool.study"], *heads), left, right, words, measure)
    return ax


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


def _texts(
    ax: Axes,
    row: ForestRow,
    lines: tuple[tuple[str, ...], ...],
    y: float,
    left: Sequence[float],
    right: Sequence[float],
    words: Mapping[str, str],
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
        share = numbers_of(words).percent(row.weight)
        ax.annotate(
            share, xy=(1.0, y), xytext=(sum(right), 0.0), ha="right",
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
