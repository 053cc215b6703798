"""What is missing together, how the imputation settled, and what it drew."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures.lettering import clipped, widest
from vertebrisk.report.figures.style import (
    DOUBLE_MM,
    PALETTE,
    POINTS_PER_MM,
    SMALL,
    TEXT,
    canvas_axes,
    house_style,
    mark,
    new_figure,
    size_in_points,
    tidy,
)
from vertebrisk.report.figures.words import ENGLISH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PANELS = 12
_CELL = 13.0
_STEP, _WIDEST_STEP = 18.0, 54.0  # from one pattern to the next
_MARGIN = 4.0
_NAME = 130.0
_TALL = 42.0
_NARROW_MM = 130.0


@house_style()
def plot_missing_patterns(
    patterns: pl.DataFrame,
    labels: Mapping[str, str] | None = None,
    *,
    ax: Axes | None = None,
    width_mm: float | None = None,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Which values are missing together: variables down, patterns across, as many as patients.

    Parameters
    ----------
    patterns : DataFrame
        Columns n and missing (names of the variables; null for patterns left out), the most
        frequent first.
    labels : mapping, optional
        From variable to what is printed for it.
    ax : Axes, optional
        Where to draw, filled whole; a figure of its own size is made otherwise.
    width_mm : float, optional
        Width of a new figure, in millimetres; by default what the patterns take, 174 at most.
    label : str
        Where the data come from, for instance "Reconstructed data".
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Axes
        Units are printer's points, y downwards.
    """
    known = patterns.drop_nulls("missing")
    counts: dict[str, int] = {}
    for row in known.iter_rows(named=True):
        for name in row["missing"]:
            counts[name] = counts.get(name, 0) + row["n"]
    if not counts:
        raise ArgumentError("patterns has no missing value to draw.")
    names = sorted(counts, key=lambda name: -counts[name])
    widest_mm = DOUBLE_MM if width_mm is None else width_mm
    room = min(_NAME, 0.4 * widest_mm * POINTS_PER_MM)
    texts = [clipped((labels or {}).get(name, name), room, TEXT, 1)[0] for name in names]
    left = max(widest(tuple(texts), TEXT), widest((words["patients_n"],), TEXT)) + 8.0
    across = widest_mm * POINTS_PER_MM - left - 2 * _MARGIN
    shown = known.head(max(1, int(across // _STEP)))
    step = _STEP if width_mm is None else min(across / shown.height, _WIDEST_STEP)
    top = _MARGIN + (12.0 if label else 0.0)
    width = left + shown.height * step + 2 * _MARGIN
    width = width if width_mm is None else width_mm * POINTS_PER_MM
    height = top + (len(names) + 2) * _CELL + _MARGIN
    ax = canvas_axes(ax, width, height)
    for place, (name, shown_name) in enumerate(zip(names, texts, strict=True)):
        y = top + (place + 0.5) * _CELL
        ax.text(left - 6.0, y, shown_name, ha="right", va="center", fontsize=TEXT)
        for column, missing in enumerate(shown["missing"].to_list()):
            _cell(ax, left + column * step, top + place * _CELL, step, filled=name in missing)
    y = top + (len(names) + 0.8) * _CELL
    ax.text(left - 6.0, y, words["patients_n"], ha="right", va="center", fontsize=SMALL)
    for column, n in enumerate(shown["n"].to_list()):
        ax.text(
            left + (column + 0.5) * step, y, str(n), ha="center", va="center", fontsize=SMALL,
            gid="n",
        )  # fmt: skip
    if label:
        ax.text(
            width - _MARGIN, _MARGIN, label, ha="right", va="top", fontsize=SMALL,
            color=PALETTE["quiet"], gid="data-kind",
        )  # fmt: skip
    return ax


def _cell(ax: Axes, x: float, y: float, width: float, *, filled: bool) -> None:
    from matplotlib.patches import Rectangle

    ax.add_patch(
        Rectangle(
            (x + 1.0, y + 1.0), width - 2.0, _CELL - 2.0, lw=0,
            fc=PALETTE["corrected"] if filled else PALETTE["faint"],
            gid="gap" if filled else "known",
        )
    )  # fmt: skip


@house_style()
def plot_convergence(
    convergence: pl.DataFrame,
    labels: Mapping[str, str] | None = None,
    *,
    width_mm: float = DOUBLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> tuple[Any, dict[str, tuple[Axes, Axes]]]:
    """Did the imputation settle? Mean and spread of the imputed values over the rounds.

    Parameters
    ----------
    convergence : DataFrame
        As `Imputations.convergence`: variable, iteration, imputation, mean, sd. The first 12
        variables are drawn.
    labels : mapping, optional
        From variable to what is printed for it.
    width_mm, label, words
        See `plot_missing_patterns`.

    Returns
    -------
    figure, and by variable its axes of mean and spread.
    """
    names = [str(name) for name in convergence["variable"].unique(maintain_order=True)]
    if not names:
        raise ArgumentError("convergence is empty: nothing was imputed.")
    from matplotlib.ticker import MaxNLocator

    names = names[:MOST_PANELS]
    columns = min(2 * len(names), 4 if width_mm > _NARROW_MM else 2)
    flat = _panels(2 * len(names), columns, width_mm)
    axes: dict[str, tuple[Axes, Axes]] = {}
    for place, name in enumerate(names):
        pair = (flat[2 * place], flat[2 * place + 1])
        axes[name] = pair
        own = convergence.filter(pl.col("variable") == name)
        for ax, key in zip(pair, ("mean", "sd"), strict=True):
            tidy(ax)
            for _, line in own.group_by("imputation", maintain_order=True):
                ax.plot(
                    line["iteration"].to_numpy(), line[key].to_numpy(), lw=0.6, alpha=0.6,
                    color=PALETTE["model"], gid="chain",
                )  # fmt: skip
            ax.set_xlabel(words["round"])
            ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            _title(ax, f"{(labels or {}).get(name, name)}: {words[f'trace.{key}']}")
    corner = flat[columns - 1]
    mark(corner, label, dy=16.0)
    return corner.get_figure(), axes


@house_style()
def plot_imputed_values(
    densities: pl.DataFrame,
    labels: Mapping[str, str] | None = None,
    *,
    width_mm: float = DOUBLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> tuple[Any, dict[str, Axes]]:
    """Are the imputed values believable? Their distribution beside that of the known ones.

    Parameters
    ----------
    densities : DataFrame
        variable, at (None for a level), level, observed, imputed: densities over a grid, or
        shares of levels. The first 12 variables are drawn.
    labels : mapping, optional
        From variable to what is printed for it.
    width_mm, label, words
        See `plot_missing_patterns`.

    Returns
    -------
    figure, and its axes by variable.
    """
    names = [str(name) for name in densities["variable"].unique(maintain_order=True)]
    if not names:
        raise ArgumentError("densities is empty: nothing was imputed.")
    names = names[:MOST_PANELS]
    columns = min(len(names), 3 if width_mm > _NARROW_MM else 1)
    flat = _panels(len(names), columns, width_mm)
    axes = dict(zip(names, flat, strict=True))
    for name, ax in axes.items():
        tidy(ax)
        own = densities.filter(pl.col("variable") == name)
        if own["level"].null_count():
            _lines(ax, own, words)
        else:
            _bars(ax, own, words)
        ax.set_ylim(bottom=0.0)
        _title(ax, (labels or {}).get(name, name))
    flat[0].legend(loc="best")
    mark(flat[columns - 1], label, dy=16.0)
    return flat[0].get_figure(), axes


def _lines(ax: Axes, rows: pl.DataFrame, words: Mapping[str, str]) -> None:
    at = rows["at"].to_numpy()
    ax.plot(at, rows["observed"].to_numpy(), color=PALETTE["model"], lw=1.3, gid="observed",
            label=words["known_values"])  # fmt: skip
    ax.plot(at, rows["imputed"].to_numpy(), color=PALETTE["corrected"], lw=1.1, ls=(0, (4, 1.5)),
            gid="imputed", label=words["imputed_values"])  # fmt: skip
    ax.set_ylabel(words["density"])
    ax.set_yticks([])


def _bars(ax: Axes, rows: pl.DataFrame, words: Mapping[str, str]) -> None:
    at = np.arange(rows.height)
    for shift, key, colour, word in (
        (-0.19, "observed", "model", "known_values"),
        (0.19, "imputed", "corrected", "imputed_values"),
    ):
        ax.bar(at + shift, 100.0 * rows[key].to_numpy(), 0.36, color=PALETTE[colour],
               label=words[word], gid=key)  # fmt: skip
    room = size_in_points(ax)[0] / rows.height
    ax.set_xticks(at.tolist(), ["\n".join(clipped(text, room, SMALL, 2)) for text in rows["level"]])
    ax.set_ylabel(words["share_percent"])


def _title(ax: Axes, text: str) -> None:
    room = size_in_points(ax)[0]
    ax.set_title("\n".join(clipped(text, room, TEXT, 2)), fontsize=TEXT, loc="left", pad=3.0)


def _panels(count: int, columns: int, width: float) -> Sequence[Axes]:
    """Axes of a new figure, row by row."""
    rows = math.ceil(count / columns)
    height, panel = rows * _TALL + 4.0, width / columns
    figure = new_figure(width, height)
    return [
        figure.add_axes(
            (
                (column * panel + 10.0) / width,
                ((rows - 1 - row) * _TALL + 10.0) / height,
                (panel - 13.0) / width,
                (_TALL - 18.0) / height,
            )
        )
        for row, column in (divmod(place, columns) for place in range(count))
    ]
