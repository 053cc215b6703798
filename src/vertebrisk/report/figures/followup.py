"""A score over follow-up: means with intervals, quartiles behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from vertebrisk.comparison.repeated.results import ALL, RepeatedMeasures
from vertebrisk.report.figures.lettering import clipped, title_lines
from vertebrisk.report.figures.style import (
    LINE_MM,
    PALETTE,
    POINTS_PER_MM,
    SINGLE_MM,
    SMALL,
    house_style,
    mark,
    size_in_points,
    tidy,
    wide_axes,
)
from vertebrisk.report.figures.time_axis import legend_entry
from vertebrisk.report.figures.words import ENGLISH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CLOSEST = 0.09  # visits nearer than this share of the axis would touch: they are spaced evenly
_STYLES: tuple[tuple[str, str, Any], ...] = (
    (PALETTE["model"], "o", "-"),
    (PALETTE["corrected"], "s", (0, (5, 1.6))),
    (PALETTE["ink"], "^", (0, (1, 1.5))),
    (PALETTE["reference"], "v", (0, (3, 1, 1, 1))),
)
_MOSTLY = 0.6  # scores that reach so far up their scale are drawn on all of it
_DODGE = 0.06
_PAD = 0.12  # share of the axis on either side of the visits
_COUNT = 8.5  # printer's points of a line below the axis


@house_style()
def plot_followup(
    record: RepeatedMeasures,
    title: str,
    group_labels: Sequence[str] = (),
    limits: tuple[float, float] | None = None,
    time_unit: str = "",
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Means of a score at each visit with 95 % intervals, by group where there are groups.

    Parameters
    ----------
    record : RepeatedMeasures
        Pale bars span the quartiles; hollow diamonds are the mixed model's means. A dotted
        line stands one least important difference from the mean of the first visit.
    title : str
        What the vertical axis measures, with its unit.
    group_labels : sequence of str
        Labels of the record's groups.
    limits : tuple of float, optional
        Ends of the scale.
    time_unit : str
        Unit of the visits' times. Without times, or where visits would lie too close
        together to be read, they are spaced evenly and the axis says so.
    ax : Axes, optional
        Where to draw; a new figure is made otherwise.
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
    groups = record.groups or (ALL,)
    lines = len(groups)
    places, to_scale = _places(record)
    width = places[-1] - places[0]
    name = title_lines(title, 53.0)
    left = 13.5 + LINE_MM * (len(name) - 1)
    room = (width_mm - left - 4.0) * POINTS_PER_MM if ax is None else size_in_points(ax)[0]
    visits = _visits(record, places, room)
    further = max(each.count("\n") for each in visits)
    margin = 11.5 + LINE_MM * (lines + further)
    ax = ax if ax is not None else wide_axes(
        width_mm, 62 + margin, left=left, right=4, bottom=margin, top=9 if lines > 1 else 5
    )  # fmt: skip
    tidy(ax)
    handles: dict[str, Any] = {}
    for at, group in enumerate(groups):
        shift = (at - (lines - 1) / 2) * _DODGE * width
        entry = legend_entry(group_labels[at]) if record.groups else words["mean_interval"]
        x = [place + shift for place in places]
        handles |= _trajectory(ax, record, group, x, _STYLES[at % len(_STYLES)], entry, width)
    if record.mcid is not None and not record.groups:
        _least_difference(ax, record, words)
    ax.set_xlim(places[0] - _PAD * width, places[-1] + _PAD * width)
    _vertical(ax, record, limits)
    ax.set_xticks(places, visits, parse_math=False)
    ax.set_ylabel("\n".join(name))
    _counts(ax, record, groups, places, _COUNT * further, words)
    axis = words["visit_time"].format(unit=time_unit) if to_scale else words["visit_even"]
    ax.annotate(
        axis,
        xy=(0.5, 0.0),
        xycoords="axes fraction",
        xytext=(0, -(17.0 + _COUNT * (lines + further))),
        textcoords="offset points",
        ha="center",
        va="top",
        annotation_clip=False,
    )
    if lines > 1 or record.mixed is not None:
        if record.mixed is not None:
            handles[words["mixed_model"]] = _diamond(ax, _STYLES[0][0])
        ax.legend(handles.values(), handles.keys(), loc="upper right", handlelength=2.6)
    mark(ax, label)
    return ax


def _places(record: RepeatedMeasures) -> tuple[list[float], bool]:
    """Where the visits stand, and whether that is to scale."""
    times = [visit.time for visit in record.visits]
    known = [time for time in times if time is not None]
    if len(known) == len(times):
        span = known[-1] - known[0]
        gaps = [(b - a) / span for a, b in pairwise(known)]
        if min(gaps) >= _CLOSEST * max(1.0, len(known) / 4):
            return known, True
    return [float(at) for at in range(len(times))], False


def _visits(record: RepeatedMeasures, places: Sequence[float], room: float) -> list[str]:
    """Labels of the visits, in two lines at most where the next is near."""
    span = (1.0 + 2.0 * _PAD) * (places[-1] - places[0])
    free = min(b - a for a, b in pairwise(places)) / span * room - 4.0
    return ["\n".join(clipped(visit.label, free, SMALL, 2)) for visit in record.visits]


def _trajectory(
    ax: Axes,
    record: RepeatedMeasures,
    group: str,
    x: Sequence[float],
    style: tuple[str, str, Any],
    name: str,
    width: float,
) -> dict[str, Any]:
    color, marker, dashes = style
    shown = [
        (place, record.summary(visit.name, group))
        for place, visit in zip(x, record.visits, strict=True)
    ]
    means = []
    for place, each in shown:
        found = each.summary
        if found.mean is None or found.q1 is None or found.q3 is None:
            continue
        means.append((place, found.mean))
        ax.plot(
            [place, place], [found.q1, found.q3],
            color=color, alpha=0.18, lw=7.0, solid_capstyle="butt", zorder=2, gid="quartiles",
        )  # fmt: skip
    (line,) = ax.plot(
        [place for place, _ in means], [mean for _, mean in means],
        color=color, ls=dashes, lw=1.1, marker=marker, ms=3.6, zorder=5, gid=f"mean-{group}",
    )  # fmt: skip
    for place, each in shown:
        if each.conf_low is not None and each.conf_high is not None:
            ax.plot(
                [place, place], [each.conf_low, each.conf_high],
                color=color, lw=1.1, zorder=4, gid="interval",
            )  # fmt: skip
            for end in (each.conf_low, each.conf_high):
                cap = 0.012 * width
                ax.plot([place - cap, place + cap], [end, end], color=color, lw=0.8, zorder=4)
    if record.mixed is not None:
        fitted = {each.visit: each for each in record.mixed.means if each.group == group}
        ax.plot(
            [place + 0.028 * width for place in x],
            [fitted[visit.name].estimate for visit in record.visits],
            color=color, ls="", marker="D", ms=3.2, mfc=PALETTE["paper"], mew=0.8, zorder=6,
            gid=f"mixed-{group}",
        )  # fmt: skip
    return {name: line}


def _diamond(ax: Axes, color: str) -> Any:
    (handle,) = ax.plot(
        [], [], color=color, ls="", marker="D", ms=3.2, mfc=PALETTE["paper"], mew=0.8
    )
    return handle


def _least_difference(ax: Axes, record: RepeatedMeasures, words: Mapping[str, str]) -> None:
    baseline = record.summary(record.visits[0].name).summary.mean
    if baseline is None or record.mcid is None:
        return
    height = baseline - record.mcid if record.higher_is_worse else baseline + record.mcid
    ax.axhline(height, color=PALETTE["reference"], lw=0.7, ls=(0, (1, 1.5)), zorder=1, gid="mcid")
    ax.annotate(
        words["mcid_line"],
        xy=(1.0, height),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2.0),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=SMALL,
        color=PALETTE["quiet"],
    )


def _vertical(ax: Axes, record: RepeatedMeasures, limits: tuple[float, float] | None) -> None:
    """The whole scale where it is known and mostly used; else what is drawn."""
    ends = [
        value
        for each in record.summaries
        for value in (each.summary.q1, each.summary.q3, each.conf_low, each.conf_high)
        if value is not None
    ]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    pad = 0.08 * (high - low or 1.0)
    if limits is None:
        ax.set_ylim(low - pad, high + pad)
        return
    span = limits[1] - limits[0]
    whole = high - limits[0] > _MOSTLY * span
    ax.set_ylim(limits[0], limits[1] if whole else max(high + pad, limits[0] + 0.4 * span))


def _counts(
    ax: Axes,
    record: RepeatedMeasures,
    groups: Sequence[str],
    places: Sequence[float],
    down: float,
    words: Mapping[str, str],
) -> None:
    """Patients with a score at each visit, below the axis, one line a group."""
    for at, group in enumerate(groups):
        color = _STYLES[at % len(_STYLES)][0] if len(groups) > 1 else PALETTE["quiet"]
        for place, visit in zip(places, record.visits, strict=True):
            ax.annotate(
                words["n"].format(n=record.summary(visit.name, group).summary.n),
                xy=(place, 0.0),
                xycoords=("data", "axes fraction"),
                xytext=(0, -(15.0 + down + _COUNT * at)),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=SMALL,
                color=color,
                annotation_clip=False,
                gid="n",
            )
