"""Does an effect change over time? Scaled Schoenfeld residuals with their smooth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures.lettering import clipped
from vertebrisk.report.figures.style import (
    DOUBLE_MM,
    PALETTE,
    SINGLE_MM,
    TEXT,
    house_style,
    mark,
    new_figure,
    size_in_points,
    tidy,
)
from vertebrisk.report.figures.time_axis import draw_time_axis, numbers
from vertebrisk.report.figures.words import ENGLISH, numbers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TALL = 52.0
_TICKS = 6


@house_style()
def plot_schoenfeld(
    residuals: pl.DataFrame,
    smooth: pl.DataFrame | None = None,
    p_values: Mapping[str, float | None] | None = None,
    coefficients: Mapping[str, float] | None = None,
    term_labels: Mapping[str, str] | None = None,
    time_unit: str = "",
    columns: int = 2,
    *,
    width_mm: float | None = None,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> tuple[Any, dict[str, Axes]]:
    """Does an effect change over time? Scaled Schoenfeld residuals, one panel a term.

    Parameters
    ----------
    residuals : DataFrame
        As `CoxFit.schoenfeld`: term, time, residual; with x, the transformed time, events are
        drawn along that, and labelled with their times.
    smooth : DataFrame, optional
        As `schoenfeld_trend`: term, time, x, estimate, conf_low, conf_high.
    p_values : mapping, optional
        From term to the p value of its test of proportional hazards.
    coefficients : mapping, optional
        From term to its coefficient, drawn as a dashed level: what the model assumes.
    term_labels : mapping, optional
        From term to what is printed for it.
    time_unit : str
        Unit of the times, in the language of the words.
    columns : int
        Panels in a row, at most.
    width_mm : float, optional
        Width of the figure, in millimetres; 85 for one column and 174 for more by default.
    label : str
        Where the data come from, for instance "Reconstructed data".
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    figure, and its axes by term.
    """
    terms = [str(term) for term in residuals["term"].unique(maintain_order=True)]
    if not terms:
        raise ArgumentError("residuals is empty; a model without events has none.")
    columns = min(columns, len(terms))
    width = width_mm or (SINGLE_MM if columns == 1 else DOUBLE_MM)
    columns = min(columns, max(1, round(width / SINGLE_MM)))
    along = "x" if "x" in residuals.columns else "time"
    axes = _panels(terms, columns, width)
    room = size_in_points(axes[terms[0]])[0]
    for term, ax in axes.items():
        tidy(ax)
        own = residuals.filter(pl.col("term") == term)
        _level(ax, (coefficients or {}).get(term))
        if smooth is not None:
            _trend(ax, smooth.filter(pl.col("term") == term), along)
        _dots(ax, own, along)
        _time(ax, residuals, along, time_unit, words)
        ax.set_ylabel(words["effect"])
        title = (term_labels or {}).get(term, term)
        p_value = (p_values or {}).get(term)
        if p_value is not None:
            title = f"{title}: {numbers_of(words).p_statement(p_value)}"
        ax.set_title("\n".join(clipped(title, room, TEXT, 2)), fontsize=TEXT, loc="left", pad=3.0)
    corner = axes[terms[columns - 1]]
    mark(corner, label, dy=22.0)
    return corner.get_figure(), axes


def _panels(terms: Sequence[str], columns: int, width: float) -> dict[str, Axes]:
    """Axes of a new figure, one a term, row by row."""
    rows = -(-len(terms) // columns)
    height = rows * _TALL + 4.0
    figure, panel = new_figure(width, height), width / columns
    axes: dict[str, Axes] = {}
    for place, term in enumerate(terms):
        row, column = divmod(place, columns)
        axes[term] = figure.add_axes(
            (
                (column * panel + 14.5) / width,
                ((rows - 1 - row) * _TALL + 11.0) / height,
                (panel - 18.5) / width,
                (_TALL - 19.0) / height,
            )
        )
    return axes


def _time(
    ax: Axes, residuals: pl.DataFrame, along: str, unit: str, words: Mapping[str, str]
) -> None:
    """The axis of time; where it is transformed, round times where they fall."""
    end = float(residuals["time"].max())  # type: ignore[arg-type]
    if along == "time":
        draw_time_axis(ax, end, unit, words)
        return
    known = residuals.select("x", "time").unique().sort("x")
    scale, times = numbers(known, "x"), numbers(known, "time")
    wanted = np.interp(np.linspace(scale[0], scale[-1], _TICKS), scale, times)
    rounded = {float(f"{time:.2g}") for time in wanted}
    labels = sorted(time for time in rounded if times[0] <= time <= times[-1])
    ax.set_xticks(np.interp(labels, times, scale).tolist(), [f"{time:g}" for time in labels])
    margin = 0.02 * (scale[-1] - scale[0]) or 0.5  # all events at one time
    ax.set_xlim(scale[0] - margin, scale[-1] + margin)
    ax.set_xlabel(words["time_in"].format(unit=unit) if unit else words["time"])


def _level(ax: Axes, value: float | None) -> None:
    ax.axhline(0.0, color=PALETTE["guide"], lw=0.6, zorder=0, gid="zero")
    if value is not None:
        ax.axhline(value, color=PALETTE["ink"], lw=0.8, ls=(0, (4, 3)), zorder=2, gid="coefficient")


def _trend(ax: Axes, rows: pl.DataFrame, along: str) -> None:
    x = numbers(rows, along)
    ax.fill_between(
        x, numbers(rows, "conf_low"), numbers(rows, "conf_high"), color=PALETTE["band"], lw=0,
        zorder=0.5, gid="band",
    )  # fmt: skip
    ax.plot(x, numbers(rows, "estimate"), color=PALETTE["model"], lw=1.3, zorder=4, gid="smooth")


def _dots(ax: Axes, rows: pl.DataFrame, along: str) -> None:
    size = 2.2 if rows.height < 400 else 1.4
    ax.plot(
        numbers(rows, along), numbers(rows, "residual"), ls="none", marker="o", ms=size,
        mfc="none", mec=PALETTE["quiet"], mew=0.4, zorder=1, gid="residual",
    )  # fmt: skip
