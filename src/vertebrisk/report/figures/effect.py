"""Risk against one number, the other predictors held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures.lettering import title_lines
from vertebrisk.report.figures.style import (
    LINE_MM,
    PALETTE,
    SINGLE_MM,
    house_style,
    mark,
    tidy,
    wide_axes,
)
from vertebrisk.report.figures.time_axis import BAND_ALPHA, legend_entry, line_of, numbers
from vertebrisk.report.figures.words import ENGLISH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEW = 12  # values up to which each has its mark
_ROOM = 1.04


@house_style()
def plot_effect(
    frame: pl.DataFrame,
    title: str,
    by_title: str = "",
    duration: str = "",
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Predicted risk along a predictor with its band, one curve or one for each group.

    Parameters
    ----------
    frame : DataFrame
        Columns value, risk, conf_low, conf_high, and perhaps by, as `RiskModel.effect`. A curve
        without limits has no band.
    title : str
        What the predictor is called, with its unit.
    by_title : str
        What tells the curves apart, above their key.
    duration : str
        The horizon with its unit, for a model of time to event.
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

    Raises
    ------
    ArgumentError
        If the frame has no rows.
    """
    if not frame.height:
        raise ArgumentError("frame is empty: there is no effect to draw.")
    name = title_lines(title, width_mm - 17.5)
    more = LINE_MM * (len(name) - 1)
    ax = ax if ax is not None else wide_axes(
        width_mm, 62 + more, left=13, right=4.5, bottom=11 + more, top=5
    )  # fmt: skip
    tidy(ax)
    several = "by" in frame.columns and frame["by"].n_unique() > 1
    groups = frame.partition_by("by", maintain_order=True) if several else [frame]
    for place, own in enumerate(groups):
        _curve(ax, own, place, legend_entry(str(own["by"][0])) if several else "")
    top = np.nanmax([*numbers(frame, "risk"), *numbers(frame, "conf_high")])
    ax.set_ylim(0.0, min(100.0 * float(top) * _ROOM, 100.0) or 1.0)
    low, high = float(numbers(frame, "value").min()), float(numbers(frame, "value").max())
    if high > low:
        ax.set_xlim(low, high)
    ax.set_xlabel("\n".join(name))
    by = words["risk_by_percent"].format(time=duration)
    ax.set_ylabel(by if duration else words["risk_percent"])
    if several:
        head = legend_entry(by_title) or None
        ax.legend(loc="best", title=head, title_fontsize="small", handlelength=2.8)
    mark(ax, label)
    return ax


def _curve(ax: Axes, frame: pl.DataFrame, place: int, name: str) -> None:
    """A curve with its band; few values have a mark each."""
    colour, dashes = line_of(place)
    x, risk = numbers(frame, "value"), 100.0 * numbers(frame, "risk")
    low, high = (100.0 * numbers(frame, limit) for limit in ("conf_low", "conf_high"))
    if np.isfinite(low).any():
        band = {"color": colour, "alpha": BAND_ALPHA} if name else {"color": PALETTE["band"]}
        ax.fill_between(x, low, high, lw=0, zorder=1, gid="band", **band)
    ax.plot(
        x, risk, color=colour, ls=dashes, lw=1.3, zorder=3, gid="effect", label=name,
        marker="o" if x.size <= _FEW else "", ms=3.2,
    )  # fmt: skip
