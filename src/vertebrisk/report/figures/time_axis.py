"""What the figures over time share: the axis of time, step curves, numbers at risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.report.figures.layout import nice_step
from vertebrisk.report.figures.lettering import clipped, keyed, text_width, widest
from vertebrisk.report.figures.style import PALETTE, POINTS_PER_MM, SMALL, new_axes, taller

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colour and dashes tell the groups apart, each alone: the dashes where there is no colour.
LINES: Final[tuple[tuple[str, Any], ...]] = (
    (PALETTE["model"], "-"),
    (PALETTE["corrected"], (0, (5, 1.6))),
    (PALETTE["ink"], (0, (1, 1.3))),
    (PALETTE["reference"], (0, (6, 1.5, 1, 1.5))),
    ("#009E73", (0, (3, 1.2, 1, 1.2, 1, 1.2))),
    ("#CC79A7", (0, (8, 3))),
)
BAND_ALPHA: Final = 0.15
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 36, 60, 120)
_HEIGHT_MM: Final = 56.0
_ROW: Final = 9.0
_HEAD: Final = 27.0  # printer's points from the axis to the heading of the numbers at risk
_WIDEST_NAME: Final = 20.0 * POINTS_PER_MM
_WIDEST_ENTRY: Final = 32.0 * POINTS_PER_MM
_ENTRY_LINES: Final = 3


def line_of(place: int) -> tuple[str, Any]:
    """Colour and dashes of the group at a place."""
    return LINES[place % len(LINES)]


def time_ticks(end: float, unit: str = "") -> list[float]:
    """Round times from 0 to the end; of months, parts and multiples of a year."""
    step = nice_step(end, 6)
    if unit.lower().startswith(("month", "个月", "月")):
        step = next((float(m) for m in _MONTHS if end / m <= 8.01), step)
    return [round(k * step, 9) for k in range(int(end / step + 1e-9) + 1)]


def draw_time_axis(
    ax: Axes, end: float, unit: str, words: Mapping[str, str], ticks: Sequence[float] = ()
) -> list[float]:
    """Set limits, ticks and label of the time axis; returns the ticks."""
    shown = [float(tick) for tick in ticks if 0.0 <= tick <= end] or time_ticks(end, unit)
    ax.set_xlim(0.0, max(end, shown[-1]))
    ax.set_xticks(shown, [f"{tick:g}" for tick in shown])
    ax.set_xlabel(words["time_in"].format(unit=unit) if unit else words["time"])
    return shown


def stairs(
    times: FloatArray, values: FloatArray, start: float, end: float
) -> tuple[FloatArray, FloatArray]:
    """A curve from its value at time 0, carried to the end of its follow-up."""
    x = np.concatenate([[0.0], times, [max(end, float(times[-1]))]])
    return x, np.concatenate([[start], values, values[-1:]])


def numbers(frame: pl.DataFrame, column: str) -> FloatArray:
    """A column as floats, null as NaN."""
    return frame[column].cast(pl.Float64).fill_null(np.nan).to_numpy()


def draw_steps(
    ax: Axes, rows: pl.DataFrame, column: str, start: float, style: Mapping[str, Any]
) -> Any:
    """A step curve with its band; returns the handle of the line.

    `rows` has columns time, conf_low, conf_high and that of the curve, in the order of time.
    """
    times = numbers(rows, "time")
    end = float(times[-1])
    x, y = stairs(times, numbers(rows, column), start, end)
    kept = np.isfinite(y)
    line = dict(style)
    (handle,) = ax.plot(
        x[kept], y[kept], drawstyle="steps-post", lw=line.pop("lw", 1.3), zorder=4, **line
    )
    low, high = (
        stairs(times, numbers(rows, limit), start, end)[1] for limit in ("conf_low", "conf_high")
    )
    known = np.isfinite(low) & np.isfinite(high)
    if known.sum() > 1:
        ax.fill_between(
            x, low, high, where=known.tolist(), step="post", color=line["color"], alpha=BAND_ALPHA,
            lw=0, zorder=1, gid=f"band-{line.get('gid', '')}",
        )  # fmt: skip
    return handle


def numbers_at_risk(rows: pl.DataFrame, times: Sequence[float]) -> list[int]:
    """Patients under observation just before each time: 0 after the last row."""
    grid, at_risk = numbers(rows, "time"), numbers(rows, "n_risk")
    place = np.searchsorted(grid, np.asarray(times), side="left")
    return [round(float(value)) for value in np.append(at_risk, 0.0)[place]]


def names_of(groups: Sequence[str]) -> list[tuple[str, ...]]:
    """Group names broken into lines that fit the margin."""
    return [clipped(name, _WIDEST_NAME, SMALL, _ENTRY_LINES) for name in groups]


def legend_entry(name: str) -> str:
    """A name broken into lines that leave room for the curves."""
    return keyed("\n".join(clipped(name, _WIDEST_ENTRY, SMALL, _ENTRY_LINES)))


def figure_with_table(names: Sequence[str], width_mm: float) -> Axes:
    """Axes in a new figure, with room for a table of so many groups below."""
    lines = names_of(names)
    width = max((widest(each, SMALL) for each in lines), default=0.0)
    left = max(13.0, (width + 21.0) / POINTS_PER_MM)
    rows = sum(len(each) for each in lines)
    bottom = (_HEAD + _ROW * (rows + 1) + 4.0) / POINTS_PER_MM
    height = taller(_HEIGHT_MM, width_mm) + bottom + 5.0
    return new_axes(width_mm, height, left=left, right=4.5, bottom=bottom, top=5)


def draw_at_risk(
    ax: Axes,
    table: Sequence[tuple[str, str, Sequence[int]]],
    ticks: Sequence[float],
    words: Mapping[str, str],
) -> None:
    """Numbers at risk below the axis, each under its tick.

    `table` holds name, colour and numbers of each group; a single group has no name.
    """
    style: dict[str, Any] = {
        "textcoords": "offset points", "va": "top", "fontsize": SMALL, "annotation_clip": False,
    }  # fmt: skip
    ends = ax.get_xlim()
    down = _HEAD
    edge = -7.0 - text_width(f"{max(table[0][2], default=0)}", SMALL) / 2.0
    ax.annotate(
        words["at_risk"], xy=(0.0, 0.0), xycoords="axes fraction", xytext=(0.0, -down), ha="left",
        color=PALETTE["quiet"], gid="at-risk-head", **style,
    )  # fmt: skip
    down += _ROW + 1.0
    for name, color, counts in table:
        lines = names_of([name])[0] if name else ("",)
        for row, line in enumerate(lines):
            if line:
                ax.annotate(
                    line, xy=(0.0, 0.0), xycoords="axes fraction",
                    xytext=(edge, -down - _ROW * row), ha="right", color=color,
                    gid="at-risk-name", **style,
                )  # fmt: skip
        for tick, count in zip(ticks, counts, strict=True):
            share = (tick - ends[0]) / (ends[1] - ends[0])
            ax.annotate(
                str(count), xy=(share, 0.0), xycoords="axes fraction", xytext=(0.0, -down),
                ha="center", gid="at-risk", **style,
            )  # fmt: skip
        down += _ROW * len(lines)
