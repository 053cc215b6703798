"""A model over calendar time: the charts with their limits, and observed over expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk.models.monitoring.results import Monitoring
from vertebrisk.report.figures.layout import thin
from vertebrisk.report.figures.lettering import text_width
from vertebrisk.report.figures.style import (
    DOUBLE_MM,
    PALETTE,
    SMALL,
    house_style,
    mark,
    new_axes,
    size_in_points,
    tidy,
)
from vertebrisk.report.figures.words import ENGLISH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HEIGHT = 70.0
_ROUND = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_LEAST, _MOST = 0.1, 10.0  # of observed over expected on the figure


@house_style()
def plot_drift(
    found: Monitoring,
    *,
    ax: Axes | None = None,
    width_mm: float = DOUBLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """The chart of more events upwards and that of fewer downwards, each with its limit.

    Parameters
    ----------
    found : Monitoring
        Drawn are its `points`, no patient by himself.
    ax : Axes, optional
        Where to draw; a new figure is made otherwise.
    width_mm : float
        Width of a new figure, in millimetres.
    label : str
        Where the data come from, for instance "Simulated data".
    words : mapping
        Texts; see `WORDS`.
    """
    ax = ax if ax is not None else new_axes(width_mm, _HEIGHT, left=14, right=3, bottom=11, top=9)
    tidy(ax)
    points = found.points()
    place = points["patient"].to_numpy()
    sides = (("upper", 1.0, "model", "watch.more"), ("lower", -1.0, "corrected", "watch.fewer"))
    for side, sign, colour, text in sides:
        ax.plot(
            place, sign * points[side], color=PALETTE[colour], lw=1.2, label=words[text], gid=side
        )
        ax.plot(
            place, sign * points[f"{side}_limit"], color=PALETTE["reference"], lw=0.8,
            ls=(0, (4, 2.5)), gid=f"{side}-limit",
            label=words["watch.limit"] if sign > 0 else "_nolegend_",
        )  # fmt: skip
    at = [
        (patient, sign * value)
        for side, sign, *_ in sides
        for patient, value, limit in points.select("patient", side, f"{side}_limit").rows()
        if value > limit
    ]
    if at:
        ax.plot(
            *zip(*at, strict=True), ls="none", marker="D", ms=4.2, mfc=PALETTE["ink"],
            mec=PALETTE["paper"], mew=0.6, label=words["watch.signal"], gid="signals", zorder=4,
        )  # fmt: skip
    ax.axhline(0.0, color=PALETTE["ink"], lw=0.5)
    ax.set_xlim(0, place[-1] + 1)
    _months(ax, points)
    top = max(abs(end) for end in ax.get_ylim())
    ax.set_ylim(-top, top)
    ticks = [tick for tick in ax.get_yticks() if abs(tick) <= top]
    ax.set_yticks(ticks, [f"{abs(tick):g}" for tick in ticks])
    ax.set_xlabel(words["watch.patients"])
    ax.set_ylabel(words["watch.evidence"])
    _legend(ax, 4)
    mark(ax, label, dy=3.0)
    return ax


def _months(ax: Axes, points: pl.DataFrame) -> None:
    """The month at its first point."""
    first = points.group_by("month", maintain_order=True).first()
    at = first["patient"].to_list()
    _dated(ax, at, first["month"].to_list(), points["patient"][-1] + 1)


def _dated(ax: Axes, at: Sequence[float], names: Sequence[str], span: float) -> None:
    """Ticks with as many of the names as there is room for; `span` is the length of the axis."""
    per = size_in_points(ax)[0] / span
    kept = thin([per * x for x in at], [text_width(name, SMALL) for name in names], 5.0)
    ax.set_xticks([at[k] for k in kept], [names[k] for k in kept])


@house_style()
def plot_observed_expected(
    found: Monitoring,
    *,
    ax: Axes | None = None,
    width_mm: float = DOUBLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Observed over expected events of each window, with interval, on a logarithmic axis.

    Parameters
    ----------
    found : Monitoring
    ax, width_mm, label, words
        As for `plot_drift`.

    Returns
    -------
    Axes
        A window that is not full has an open mark. Limits beyond 0.1 and 10 end there.
    """
    ax = ax if ax is not None else new_axes(width_mm, 62.0, left=14, right=3, bottom=11, top=9)
    tidy(ax)
    windows = found.windows.filter(pl.col("observed_expected").is_not_null())
    value = windows["observed_expected"].to_numpy().clip(_LEAST, _MOST)
    low = windows["observed_expected_low"].to_numpy().clip(_LEAST, _MOST)
    high = windows["observed_expected_high"].to_numpy().clip(_LEAST, _MOST)
    place = np.arange(value.size)
    ax.axhline(1.0, color=PALETTE["reference"], lw=0.8, ls=(0, (4, 2.5)))
    ax.vlines(place, low, high, color=PALETTE["model"], lw=1.0, gid="intervals")
    full = windows["complete"].to_numpy()
    for own, fill, text in (
        (full, PALETTE["model"], "watch.complete"),
        (~full, PALETTE["paper"], "watch.open"),
    ):
        if own.any():
            ax.plot(
                place[own], value[own], ls="none", marker="o", ms=4.6, mew=0.9, mfc=fill,
                mec=PALETTE["model"], label=words[text], gid=text, zorder=3,
            )  # fmt: skip
    ax.set_yscale("log")
    ends = (min(0.45, low.min(initial=1.0) * 0.9), max(2.2, high.max(initial=1.0) * 1.1))
    ax.set_ylim(*ends)
    ticks = [tick for tick in _ROUND if ends[0] <= tick <= ends[1]]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set_xlim(-0.6, max(value.size - 0.4, 0.6))
    names = windows["start"].dt.strftime("%Y-%m").to_list()
    _dated(ax, place.tolist(), names, max(value.size + 0.2, 1.2))
    ax.set_xlabel(words["watch.windows"])
    ax.set_ylabel(words["watch.oe"])
    _legend(ax, 2)
    mark(ax, label, dy=3.0)
    return ax


def _legend(ax: Axes, columns: int) -> None:
    ax.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.01), ncols=columns, columnspacing=1.6,
        borderaxespad=0.0,
    )  # fmt: skip
