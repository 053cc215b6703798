"""Curves of an event over time: Kaplan-Meier and cumulative incidence, with numbers at risk."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures.layout import nice_step
from vertebrisk.report.figures.lettering import keyed
from vertebrisk.report.figures.style import PALETTE, SINGLE_MM, house_style, mark, tidy
from vertebrisk.report.figures.time_axis import (
    draw_at_risk,
    draw_steps,
    draw_time_axis,
    figure_with_table,
    legend_entry,
    line_of,
    numbers,
    numbers_at_risk,
    stairs,
)
from vertebrisk.report.figures.words import ENGLISH, numbers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HIGH = 0.45  # curves that end above it leave room for a legend below them
_CAUSES = (("event", PALETTE["model"], "-"), ("competing", PALETTE["corrected"], (0, (5, 1.6))))


@house_style()
def plot_kaplan_meier(
    frame: pl.DataFrame,
    group_labels: Mapping[str, str] | None = None,
    p_value: float | None = None,
    time_unit: str = "",
    ticks: Sequence[float] = (),
    horizons: Sequence[float] = (),
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Share of patients without the event over time, with bands and numbers at risk.

    Parameters
    ----------
    frame : DataFrame
        As `KaplanMeier.frame`: group, time, n_risk, survival, conf_low, conf_high, and n_censored
        where the times at which patients were censored shall have their ticks. Each curve ends
        where the follow-up of its group ends.
    group_labels : mapping, optional
        From group to what is printed for it.
    p_value : float, optional
        Of the log-rank test of these groups.
    time_unit : str
        Unit of the times, in the language of the words.
    ticks : sequence of float
        Times to label and to count at; round ones by default.
    horizons : sequence of float
        Marked by thin vertical lines.
    ax : Axes, optional
        Where to draw; the numbers at risk stand below it, the groups' names to their left. A
        figure of 85 mm is made otherwise.
    width_mm : float
        Width of a new figure, in millimetres.
    label : str
        Where the data come from, for instance "Reconstructed data".
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Axes
    """
    groups = _groups(frame)
    names = _names(groups, group_labels)
    ax = ax if ax is not None else figure_with_table(names, width_mm)
    tidy(ax)
    end = float(frame["time"].max())  # type: ignore[arg-type]
    shown = draw_time_axis(ax, end, time_unit, words, ticks)
    ax.set_ylim(0.0, 1.0)
    ax.set_ylabel(words["without_event"])
    _mark_horizons(ax, horizons)
    handles, table, lowest = [], [], 1.0
    for place, (group, name) in enumerate(zip(groups, names, strict=True)):
        rows = frame.filter(pl.col("group") == group)
        color, dashes = line_of(place)
        style = {"color": color, "ls": dashes, "gid": f"survival-{group}"}
        style["label"] = legend_entry(name)
        handles.append(draw_steps(ax, rows, "survival", 1.0, style))
        table.append((name, color, numbers_at_risk(rows, shown)))
        lowest = min(lowest, float(rows["survival"][-1]))
    if len(groups) == 1:
        handles = []
    elif p_value is not None:
        handles.append(_silent(words["log_rank"].format(p=numbers_of(words).p_statement(p_value))))
    handles += _censored(ax, frame, groups, words)
    if handles:
        corner: Literal["lower left", "upper right"] = (
            "lower left" if lowest > _HIGH else "upper right"
        )
        ax.legend(handles=handles, loc=corner, handlelength=2.8)
    draw_at_risk(ax, table, shown, words)
    mark(ax, label)
    return ax


@house_style()
def plot_cumulative_incidence(
    frame: pl.DataFrame,
    group_labels: Mapping[str, str] | None = None,
    cause_labels: Mapping[str, str] | None = None,
    p_value: float | None = None,
    time_unit: str = "",
    ticks: Sequence[float] = (),
    horizons: Sequence[float] = (),
    *,
    stacked: bool = False,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Share of patients with the event, and with the competing event, over time.

    Parameters
    ----------
    frame : DataFrame
        As `CumulativeIncidence.frame`: group, cause ("event" or "competing"), time, n_risk,
        estimate, conf_low, conf_high. One group shows both causes, several show the event.
    group_labels, cause_labels : mapping, optional
        From group, and from cause, to what is printed for it.
    p_value : float, optional
        Of Gray's test of these groups.
    stacked : bool
        Both causes as areas, one upon the other, the rest being free of either; of one group
        only.
    time_unit, ticks, horizons, ax, width_mm, label, words
        As in `plot_kaplan_meier`.

    Returns
    -------
    Axes
    """
    groups = _groups(frame)
    if stacked and len(groups) > 1:
        raise ArgumentError(
            f"Stacked areas show one group; the frame holds {len(groups)}. Draw a figure for each."
        )
    names = _names(groups, group_labels)
    ax = ax if ax is not None else figure_with_table(names, width_mm)
    tidy(ax)
    known = frame.filter(pl.col("estimate").is_not_null())
    end = float(frame["time"].max())  # type: ignore[arg-type]
    shown = draw_time_axis(ax, end, time_unit, words, ticks)
    _mark_horizons(ax, horizons)
    causes = {name: words[f"cause_{name}"] for name, *_ in _CAUSES} | dict(cause_labels or {})
    causes = {cause: keyed(name) for cause, name in causes.items()}
    if stacked:
        handles = _areas(ax, known, end, causes, words)
    elif len(groups) == 1:
        handles = _causes(ax, known, causes)
    else:
        known = known.filter(pl.col("cause") == "event")
        handles = _event_by_group(ax, known, groups, names)
    ax.set_ylabel(words["incidence"])
    if p_value is not None and len(groups) > 1:
        handles.append(_silent(words["gray"].format(p=numbers_of(words).p_statement(p_value))))
    legend = ax.legend(handles=handles, loc="upper left", handlelength=2.8)
    if stacked:
        ax.set_ylim(0.0, 1.0)
        legend.set_frame_on(True)
        legend.get_frame().set(facecolor=PALETTE["paper"], edgecolor="none", alpha=0.85)
    else:
        entries = sum(str(handle.get_label()).count("\n") + 1 for handle in handles)
        _upper_limit(ax, known, entries)
    table = []
    for place, (group, name) in enumerate(zip(groups, names, strict=True)):
        rows = frame.filter((pl.col("group") == group) & (pl.col("cause") == "event"))
        table.append((name, line_of(place)[0], numbers_at_risk(rows, shown)))
    draw_at_risk(ax, table, shown, words)
    mark(ax, label)
    return ax


def _censored(
    ax: Axes, frame: pl.DataFrame, groups: Sequence[str], words: Mapping[str, str]
) -> list[Any]:
    """Ticks on the curves where patients were censored; the entry of the legend comes back."""
    if "n_censored" not in frame.columns:
        return []
    drawn = 0
    for place, group in enumerate(groups):
        rows = frame.filter((pl.col("group") == group) & (pl.col("n_censored") > 0))
        drawn += rows.height
        if rows.height:
            ax.plot(
                numbers(rows, "time"), numbers(rows, "survival"), ls="none", marker="|", ms=3.4,
                mew=0.6, color=line_of(place)[0], zorder=5, gid=f"censored-{group}",
            )  # fmt: skip
    return [_tick(words["censored"])] if drawn else []


def _tick(text: str) -> Any:
    """An entry of a legend for the ticks of all groups."""
    from matplotlib.lines import Line2D

    return Line2D([], [], ls="none", marker="|", ms=3.4, mew=0.6, color=PALETTE["ink"], label=text)


def _groups(frame: pl.DataFrame) -> list[str]:
    groups = [str(name) for name in frame["group"].unique(maintain_order=True)]
    if not groups:
        raise ArgumentError("The frame has no rows; there is no curve to draw.")
    return groups


def _names(groups: Sequence[str], labels: Mapping[str, str] | None) -> list[str]:
    """Names to print; a single group needs none."""
    if len(groups) == 1:
        return [""]
    return [(labels or {}).get(group, group) for group in groups]


def _mark_horizons(ax: Axes, horizons: Sequence[float]) -> None:
    for horizon in horizons:
        ax.axvline(horizon, color=PALETTE["guide"], lw=0.6, zorder=0, gid="horizon")


def _silent(text: str) -> Any:
    """An entry of a legend that is text alone."""
    from matplotlib.lines import Line2D

    return Line2D([], [], ls="none", label=text)


def _causes(ax: Axes, frame: pl.DataFrame, causes: Mapping[str, str]) -> list[Any]:
    handles = []
    for cause, color, dashes in _CAUSES:
        rows = frame.filter(pl.col("cause") == cause)
        if rows.height:
            style = {"color": color, "ls": dashes, "gid": f"incidence-{cause}"}
            handles.append(draw_steps(ax, rows, "estimate", 0.0, style | {"label": causes[cause]}))
    return handles


def _event_by_group(
    ax: Axes, frame: pl.DataFrame, groups: Sequence[str], names: Sequence[str]
) -> list[Any]:
    handles = []
    for place, (group, name) in enumerate(zip(groups, names, strict=True)):
        rows = frame.filter((pl.col("group") == group) & (pl.col("cause") == "event"))
        color, dashes = line_of(place)
        if rows.height:
            style = {"color": color, "ls": dashes, "gid": f"incidence-{group}"}
            style["label"] = legend_entry(name)
            handles.append(draw_steps(ax, rows, "estimate", 0.0, style))
    return handles


def _areas(
    ax: Axes, frame: pl.DataFrame, end: float, causes: Mapping[str, str], words: Mapping[str, str]
) -> list[Any]:
    """The event from below, the competing event upon it, hatched."""
    from matplotlib.patches import Patch

    below: Any = 0.0
    handles: list[Any] = []
    looks = ((PALETTE["model"], ""), (PALETTE["bars"], "//////"))
    for (cause, *_), (color, hatch) in zip(_CAUSES, looks, strict=True):
        rows = frame.filter(pl.col("cause") == cause)
        if not rows.height:
            continue
        x, y = stairs(numbers(rows, "time"), numbers(rows, "estimate"), 0.0, end)
        top = below + y
        ax.fill_between(
            x, below, top, step="post", facecolor=color, edgecolor=PALETTE["paper"], hatch=hatch,
            lw=0.0, zorder=2, gid=f"area-{cause}",
        )  # fmt: skip
        ax.plot(x, top, drawstyle="steps-post", color=PALETTE["ink"], lw=0.6, zorder=3)
        handles.append(
            Patch(facecolor=color, edgecolor=PALETTE["paper"], hatch=hatch, label=causes[cause])
        )
        below = top
    rest = Patch(facecolor=PALETTE["paper"], edgecolor=PALETTE["ink"], lw=0.5)
    rest.set_label(words["neither"])
    return [rest, *handles[::-1]]


def _upper_limit(ax: Axes, frame: pl.DataFrame, entries: int) -> None:
    """From 0 to a round share that leaves room for the band, or for the legend's entries."""
    curve, band = (
        float(np.nanmax(numbers(frame, name), initial=0.0)) for name in ("estimate", "conf_high")
    )
    legend = curve / max(1.0 - 0.04 - 0.07 * entries, 0.4)
    top = min(max(legend, min(1.05 * band, 2.5 * curve), 0.02), 1.0)
    step = nice_step(top, 6)
    ax.set_ylim(0.0, min(1.0, math.ceil(top / step - 1e-9) * step))
