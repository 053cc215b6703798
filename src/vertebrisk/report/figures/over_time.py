"""How a model performs over follow-up: time-dependent AUC and Brier score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures.style import (
    PALETTE,
    SINGLE_MM,
    house_style,
    mark,
    new_figure,
    taller,
    tidy,
    wide_axes,
)
from vertebrisk.report.figures.time_axis import draw_time_axis, numbers
from vertebrisk.report.figures.words import ENGLISH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DASHES = (0, (5, 1.6))


@house_style()
def plot_time_dependent_auc(
    frame: pl.DataFrame,
    time_unit: str = "",
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """AUC at each horizon with its interval; a dotted line at one half, where nothing is told.

    Parameters
    ----------
    frame : DataFrame
        As `TimeDependentAuc.frame`: horizon, estimate, conf_low, conf_high.
    time_unit : str
        Unit of the horizons, in the language of the words.
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
    ax = _axes(ax, frame, width_mm)
    ax.axhline(0.5, color=PALETTE["reference"], lw=0.7, ls=(0, (1, 2)), gid="chance", zorder=1)
    _curve(ax, frame, "estimate", {"color": PALETTE["model"], "gid": "auc"})
    lowest = float(np.nanmin([*numbers(frame, "conf_low"), *numbers(frame, "estimate")]))
    ax.set_ylim(0.4 if lowest >= 0.4 else 0.0, 1.0)
    ax.set_ylabel(words["auc_time"])
    _finish(ax, frame, time_unit, label, words)
    return ax


@house_style()
def plot_brier(
    frame: pl.DataFrame,
    time_unit: str = "",
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Brier score of the model at each horizon with its interval, and of the null model.

    Parameters
    ----------
    frame : DataFrame
        As `BrierSurvival.frame`: model ("model" or "null"), horizon, brier, conf_low,
        conf_high.
    time_unit, ax, width_mm, label, words
        As in `plot_time_dependent_auc`.

    Returns
    -------
    Axes
    """
    ax = _axes(ax, frame, width_mm)
    model, null = (frame.filter(pl.col("model") == name) for name in ("model", "null"))
    style: dict[str, Any] = {"color": PALETTE["model"], "gid": "brier", "label": words["model"]}
    handles = [_curve(ax, model, "brier", style)]
    if null.height:
        handles += ax.plot(
            numbers(null, "horizon"), numbers(null, "brier"), color=PALETTE["ink"], lw=1.0,
            ls=_DASHES, label=words["null_model"], gid="null", zorder=3,
        )  # fmt: skip
    top = float(np.nanmax([*numbers(frame, "brier"), *numbers(model, "conf_high")]))
    ax.set_ylim(0.0, 1.08 * max(top, 0.01))
    ax.set_ylabel(words["brier"])
    ax.legend(handles=handles, loc="lower right", handlelength=2.8)
    _finish(ax, frame, time_unit, label, words)
    return ax


@house_style()
def plot_over_time(
    auc: pl.DataFrame,
    brier: pl.DataFrame,
    time_unit: str = "",
    *,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> tuple[Any, dict[str, Axes]]:
    """The two above in one figure, AUC over Brier score, on one axis of time.

    Parameters
    ----------
    auc, brier, time_unit, label, words
        As in the two.
    width_mm : float
        Width of the figure, in millimetres.

    Returns
    -------
    figure, and its axes by name: "auc" and "brier".
    """
    panel = taller(39.0, width_mm)
    height = 2.0 * panel + 26.0
    figure = new_figure(width_mm, height)
    places = {"auc": panel + 21.0, "brier": 11.0}
    axes = {
        name: figure.add_axes(
            (13.0 / width_mm, bottom / height, (width_mm - 17.5) / width_mm, panel / height)
        )
        for name, bottom in places.items()
    }
    plot_time_dependent_auc(auc, time_unit, ax=axes["auc"], label=label, words=words)
    plot_brier(brier, time_unit, ax=axes["brier"], words=words)
    axes["auc"].set_xlabel("")
    return figure, axes


def _axes(ax: Axes | None, frame: pl.DataFrame, width_mm: float) -> Axes:
    if not frame.height:
        raise ArgumentError("The frame has no rows; there is no curve to draw.")
    ax = ax if ax is not None else wide_axes(width_mm, 62, left=13, right=4.5, bottom=11, top=5)
    tidy(ax)
    return ax


def _finish(
    ax: Axes, frame: pl.DataFrame, time_unit: str, label: str, words: Mapping[str, str]
) -> None:
    draw_time_axis(ax, float(frame["horizon"].max()), time_unit, words)  # type: ignore[arg-type]
    mark(ax, label)


def _curve(ax: Axes, frame: pl.DataFrame, column: str, style: Mapping[str, Any]) -> Any:
    """A curve with its band; a single horizon is a point with its whisker."""
    x, y = numbers(frame, "horizon"), numbers(frame, column)
    low, high = numbers(frame, "conf_low"), numbers(frame, "conf_high")
    known = np.isfinite(low) & np.isfinite(high)
    if x.size < 8:
        for at, bottom, top in zip(x[known], low[known], high[known], strict=True):
            ax.plot([at, at], [bottom, top], color=style["color"], lw=0.8, zorder=3, clip_on=False)
        (handle,) = ax.plot(x, y, marker="o", ms=3.6, ls="none", zorder=4, clip_on=False, **style)
        return handle
    ax.fill_between(
        x, low, high, where=known.tolist(), color=PALETTE["band"], lw=0, zorder=0, gid="band"
    )
    (handle,) = ax.plot(x, y, lw=1.3, zorder=4, **style)
    return handle
