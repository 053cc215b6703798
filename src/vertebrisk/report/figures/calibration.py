"""The calibration curve, with the distribution of the predicted risks below it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk.report.figures.lettering import wrap
from vertebrisk.report.figures.style import (
    PALETTE,
    POINTS_PER_MM,
    SINGLE_MM,
    SMALL,
    SQUARE_MM,
    beside,
    diagonal,
    house_style,
    legend,
    mark,
    room_beside,
    square_axes,
    tidy,
    width_in_points,
)
from vertebrisk.report.figures.words import ENGLISH, numbers_of, with_interval
from vertebrisk.validation.results import CalibrationCurve, Validation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FOOT = -0.245
_LEFT = 11.0  # millimetres
_LINE_MM = 3.2


@house_style()
def plot_calibration(
    curve: CalibrationCurve,
    validation: Validation | None = None,
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Observed against predicted risk, apparent and bias-corrected.

    Parameters
    ----------
    curve : CalibrationCurve
        Curves, band and distribution. Axes end where the data end.
    validation : Validation, optional
        Adds the corrected slope and intercept with their intervals.
    ax : Axes, optional
        Where to draw; the distribution hangs below it as an inset, with slope, intercept
        and smoother below that. A new figure is
        made otherwise.
    width_mm : float
        Width of a new figure, in millimetres.
    label : str
        Where the data come from, for instance "Reconstructed data".
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Axes
        The upper axes; the distribution is its only child axes.
    """
    notes = _note_lines(curve, validation, words)
    room = room_beside(width_mm, _LEFT) if ax is None else 0.0
    ax = ax if ax is not None else _new(notes, width_mm, room)
    tidy(ax)
    limit = _limit(curve)
    ticks = square_of_risks(ax, limit)
    ax.tick_params(labelbottom=False)
    ax.set_ylabel(words["observed"])
    _curves(ax, curve.frame, limit, words)
    corner = "lower right" if _fills_the_corner(curve.frame, limit) else "upper left"
    legend(ax, room, loc=corner, borderaxespad=0.3)
    if room:
        told = "\n".join(_wrapped(notes, room))
        beside(ax, told, fontsize=SMALL, color=PALETTE["quiet"], gid="notes")
    else:
        _notes(ax, _wrapped(notes, width_in_points(ax)))
    _distribution(ax, curve.distribution, limit, ticks, words)
    mark(ax, label)
    return ax


def _new(notes: list[str], width_mm: float, room: float) -> Axes:
    """A figure with room for the distribution, and for the notes that do not stand beside."""
    side = min(width_mm - _LEFT - 3.0, SQUARE_MM)
    lines = 0 if room else len(_wrapped(notes, side * POINTS_PER_MM))
    bottom = -_FOOT * side + 11.0 + _LINE_MM * lines
    return square_axes(width_mm, left=_LEFT, right=3, bottom=bottom, top=5)


def _fills_the_corner(frame: pl.DataFrame, limit: float) -> bool:
    """True where the curve runs through the upper left, far above the line of equality."""
    high = (pl.col("apparent") > 0.72 * limit) & (pl.col("predicted") < 0.55 * limit)
    return frame.filter(high).height > 0


def _limit(curve: CalibrationCurve) -> float:
    """Common end of both axes: just past the largest risk, predicted or observed."""
    used = curve.distribution.filter(pl.col("n") > 0)
    tops = [float(value) for value in used["high"].to_list()]
    for name in ("predicted", "apparent", "corrected"):
        if name in curve.frame.columns:
            column = curve.frame[name].cast(pl.Float64).drop_nulls().drop_nans()
            tops += [float(value) for value in column.to_list()]
    return end_of_risks(max(tops, default=1.0))


def end_of_risks(top: float) -> float:
    """End of an axis of risks, just past the largest."""
    step = 0.1 if top > 0.3 else 0.05 if top > 0.1 else 0.01
    return min(1.0, max(step, math.ceil(top / step - 1e-9) * step))


def risk_ticks(limit: float) -> list[float]:
    """Six or so risks of a round step, from 0."""
    step = next(s for s in (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2) if limit / s <= 6.01)
    return [round(k * step, 6) for k in range(int(limit / step + 1e-9) + 1)]


def square_of_risks(ax: Axes, limit: float) -> list[float]:
    """Both axes are risks from 0 to the same end; returns their ticks."""
    ticks = risk_ticks(limit)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(ticks)
    ax.set_xlim(0.0, limit)
    ax.set_ylim(0.0, limit)
    return ticks


def _curves(ax: Axes, frame: pl.DataFrame, limit: float, words: Mapping[str, str]) -> None:
    diagonal(ax, limit, "ideal", label=words["ideal"], zorder=1)
    x = frame["predicted"].to_numpy()
    if {"conf_low", "conf_high"} <= set(frame.columns) and frame["conf_low"].count():
        ax.fill_between(
            x,
            frame["conf_low"].cast(pl.Float64).to_numpy(),
            frame["conf_high"].cast(pl.Float64).to_numpy(),
            color=PALETTE["band"], lw=0, label=words["band"], gid="band", zorder=0,
        )  # fmt: skip
    ax.plot(
        x, frame["apparent"].to_numpy(), color=PALETTE["model"], lw=1.3,
        label=words["apparent"], gid="apparent", zorder=3,
    )  # fmt: skip
    if "corrected" in frame.columns and frame["corrected"].count():
        ax.plot(
            x, frame["corrected"].cast(pl.Float64).to_numpy(), color=PALETTE["corrected"],
            lw=1.3, ls=(0, (5, 1.6)), label=words["bias_corrected"], gid="corrected", zorder=4,
        )  # fmt: skip


def _note_lines(
    curve: CalibrationCurve, validation: Validation | None, words: Mapping[str, str]
) -> list[str]:
    """What stands below the figure."""
    lines = []
    if validation is not None:
        rows = {row["measure"]: row for row in validation.table.to_dicts()}
        for measure in ("slope", "intercept"):
            row = rows.get(measure)
            if row is not None and row["corrected"] is not None:
                shown = with_interval(
                    row["corrected"], row["conf_low"], row["conf_high"], 2, words, "interval"
                )
                lines.append(f"{words[f'{measure}_corrected']} {shown}")
    if curve.mean_absolute_error is not None:
        shown = numbers_of(words).estimate(curve.mean_absolute_error, 3)
        lines.append(words["mean_absolute_error"].format(value=shown))
    lines.append(words["smoother"].format(name=words.get(curve.smoother, curve.smoother)))
    return lines


def _wrapped(lines: list[str], width: float) -> list[str]:
    return [part for line in lines for part in wrap(line, width, SMALL)]


def _notes(ax: Axes, lines: list[str]) -> None:
    ax.annotate(
        "\n".join(lines), xy=(0.0, _FOOT), xycoords="axes fraction", xytext=(0.0, -26.0),
        textcoords="offset points", ha="left", va="top", fontsize=SMALL,
        color=PALETTE["quiet"], linespacing=1.35, gid="notes", zorder=6,
    )  # fmt: skip


def _distribution(
    ax: Axes,
    bins: pl.DataFrame,
    limit: float,
    ticks: list[float],
    words: Mapping[str, str],
) -> None:
    """Events upwards, non-events downwards, on one scale."""
    below = ax.inset_axes((0.0, _FOOT, 1.0, 0.20))
    tidy(below)
    below.set_xlim(0.0, limit)
    below.set_xticks(ticks)
    below.set_xlabel(words["predicted"])
    low, high = bins["low"].to_numpy(), bins["high"].to_numpy()
    events = bins["n_events"].to_numpy()
    others = bins["n"].to_numpy() - events
    inside = 0.12 * (high - low)
    for counts, colour, gid in (
        (events, PALETTE["ink"], "events"),
        (-others, PALETTE["bars"], "non_events"),
    ):
        below.bar(
            low + inside, counts, width=high - low - 2 * inside, align="edge", color=colour,
            lw=0, gid=gid, label=words[gid],
        )  # fmt: skip
    below.axhline(0.0, color=PALETTE["ink"], lw=0.5)
    up, down = float(np.max(events, initial=0)), float(np.max(others, initial=0))
    span = max(up + down, 1.0)
    below.set_ylim(-down - 0.06 * span, up + 0.30 * span)
    below.set_yticks(
        [-down, 0.0, up] if up > 0.25 * span else [-down, 0.0],
        [f"{down:.0f}", "0", f"{up:.0f}"] if up > 0.25 * span else [f"{down:.0f}", "0"],
    )
    below.legend(
        loc="upper right", bbox_to_anchor=(1.0, 1.14), ncols=2, handlelength=0.9,
        columnspacing=1.2, borderaxespad=0.0, borderpad=0.0,
    )  # fmt: skip
