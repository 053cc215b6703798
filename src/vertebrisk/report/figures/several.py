"""Several models on the same patients: their curves over each other, and their risks in pairs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from vertebrisk.report.figures.decision import threshold_axis
from vertebrisk.report.figures.lettering import clipped, keyed
from vertebrisk.report.figures.style import (
    DOUBLE_MM,
    PALETTE,
    SINGLE_MM,
    SMALL,
    diagonal,
    greatest,
    house_style,
    mark,
    new_axes,
    new_figure,
    size_in_points,
    square_axes,
    taller,
    tidy,
)
from vertebrisk.report.figures.words import ENGLISH, with_interval
from vertebrisk.validation.results import CalibrationCurve, DecisionCurve, Roc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours; the dashes keep them apart in grey.
LINES: Final[tuple[tuple[str, Any], ...]] = (
    ("#0072B2", "-"),
    ("#D55E00", (0, (5, 1.6))),
    ("#009E73", (0, (2, 1))),
    ("#CC79A7", (0, (6, 1.4, 1.2, 1.4))),
    ("#E69F00", (0, (1, 1))),
    ("#56B4E9", (0, (8, 2))),
)
_POINT = 5.0  # area of one patient's square, in square points
_LARGEST = 150.0
_COLUMNS = 3
_BESIDE_AREA = 80.0  # printer's points of a name before its area
_PANEL_MM = 42.0


def line_of(place: int) -> dict[str, Any]:
    """Colour and dash of the model at a place."""
    colour, dashes = LINES[place % len(LINES)]
    return {"color": colour, "ls": dashes, "lw": 1.3}


@house_style()
def plot_rocs(
    rocs: Mapping[str, Roc],
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """ROC curves of several models, each with its area.

    Parameters
    ----------
    rocs : mapping
        By the name of the model.
    ax, width_mm, label, words
        As in `plot_roc`.

    Returns
    -------
    Axes
    """
    ax = _square(ax, [*rocs], width_mm)
    ax.set_xlim(-0.012, 1.0)
    ax.set_ylim(-0.012, 1.006)
    ax.set_xlabel(words["one_minus_specificity"])
    ax.set_ylabel(words["sensitivity"])
    diagonal(ax, 1.0, "chance")
    for place, (name, roc) in enumerate(rocs.items()):
        area = with_interval(
            roc.auc.estimate, roc.auc.conf_low, roc.auc.conf_high, 3, words, "interval"
        )
        ax.plot(
            1.0 - roc.curve["specificity"].to_numpy(), roc.curve["sensitivity"].to_numpy(),
            label=f"{_short(name, _BESIDE_AREA)}  {area}", gid=f"model-{place}", zorder=3,
            **line_of(place),
        )  # fmt: skip
    _legend_below(ax)
    mark(ax, label)
    return ax


@house_style()
def plot_calibrations(
    curves: Mapping[str, CalibrationCurve],
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Observed share against predicted risk, of several models.

    Parameters
    ----------
    curves : mapping
        By the name of the model; drawn is `apparent`, from the smallest to the largest risk.
    ax, width_mm, label, words
        As in `plot_calibration`.

    Returns
    -------
    Axes
    """
    ax = _square(ax, [*curves], width_mm)
    top = max(_top(each) for each in curves.values())
    limit = min(1.0, max(0.1, math.ceil(top * 10.0 - 1e-9) / 10.0))
    ax.set_xlim(0.0, limit)
    ax.set_ylim(0.0, limit)
    ax.set_xlabel(words["predicted"])
    ax.set_ylabel(words["observed"])
    diagonal(ax, limit, "ideal", label=words["ideal"])
    for place, (name, curve) in enumerate(curves.items()):
        ax.plot(
            curve.frame["predicted"].to_numpy(), curve.frame["apparent"].to_numpy(),
            label=_short(name), gid=f"model-{place}", zorder=3, **line_of(place),
        )  # fmt: skip
    _legend_below(ax)
    mark(ax, label)
    return ax


def _top(curve: CalibrationCurve) -> float:
    return max(greatest(curve.frame[name]) for name in ("predicted", "apparent"))


@house_style()
def plot_decision_curves(
    curves: Mapping[str, DecisionCurve],
    thresholds: Sequence[float] = (),
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Net benefit of several models over threshold risks, against treating all and none.

    Parameters
    ----------
    curves : mapping
        By the name of the model, on the same patients and thresholds.
    thresholds : sequence of float
        Risks at which one would act, marked by thin vertical lines.
    ax, width_mm, label, words
        As in `plot_decision_curve`.

    Returns
    -------
    Axes
    """
    if ax is None:
        rows = len(curves) + 2
        ax = new_axes(
            width_mm,
            taller(72, width_mm) + 3.2 * rows,
            left=15.5,
            right=4,
            bottom=13 + 3.2 * rows,
            top=5,
        )
    tidy(ax)
    first = next(iter(curves.values())).frame
    tops = []
    for name, style in (("all", {"ls": (0, (1, 1.5))}), ("none", {"ls": "-"})):
        rows_of = first.filter(pl.col("model") == name).sort("threshold")
        colour = PALETTE["reference"] if name == "all" else PALETTE["ink"]
        ax.plot(
            rows_of["threshold"], rows_of["net_benefit"], color=colour, lw=0.9, gid=name,
            label=words[f"treat_{name}"], **style,
        )  # fmt: skip
        tops.append(greatest(rows_of["net_benefit"]))
    for place, (name, curve) in enumerate(curves.items()):
        own = curve.frame.filter(pl.col("model") == "model").sort("threshold")
        ax.plot(
            own["threshold"], own["net_benefit"], label=_short(name), gid=f"model-{place}",
            zorder=4, **line_of(place),
        )  # fmt: skip
        tops.append(greatest(own["net_benefit"]))
    top = max(*tops, 0.0) or 0.05
    ax.set_ylim(-0.22 * top, 1.12 * top)
    threshold_axis(ax, first, thresholds, words)
    ax.set_ylabel(words["net_benefit"])
    _legend_below(ax, -30.0)
    mark(ax, label)
    return ax


@house_style()
def plot_joint_risks(
    pairs: Sequence[tuple[str, str, pl.DataFrame]],
    thresholds: Sequence[float] = (),
    *,
    width_mm: float | None = None,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Figure:
    """Risks of two models of the same patients, one panel a pair, counted on a grid.

    Parameters
    ----------
    pairs : sequence of (str, str, DataFrame)
        First model (across), second model (upwards), and bins: first_low, first_high, second_low,
        second_high, n, n_events. Area is the number of patients, its shade the share with the
        event.
    thresholds : sequence of float
        Risks at which one would act: patients in the quarters off the diagonal change class.
    width_mm : float, optional
        Width of the figure, in millimetres; 85 for one pair and 174 for more by default.
    label, words
        As elsewhere.

    Returns
    -------
    Figure
    """
    width = width_mm or (SINGLE_MM if len(pairs) == 1 else DOUBLE_MM)
    columns = min(_COLUMNS, len(pairs), max(1, int(width // _PANEL_MM)))
    rows = math.ceil(len(pairs) / columns)
    side = (width - 5.0 - 13.0 * columns) / columns
    height = rows * (side + 13.0) + 12.0
    figure = new_figure(width, height)
    for place, (first, second, bins) in enumerate(pairs):
        row, column = divmod(place, columns)
        left = 11.0 + column * (side + 13.0)
        bottom = height - 6.0 - side - row * (side + 13.0)
        ax = figure.add_axes((left / width, bottom / height, side / width, side / height))
        _panel(ax, (first, second), bins, thresholds)
        if place == min(columns, len(pairs)) - 1:
            mark(ax, label)
    figure.text(
        0.5, 2.0 / height, words["joint_note"], ha="center", va="bottom", fontsize=SMALL,
        color=PALETTE["quiet"],
    )  # fmt: skip
    return figure


def _panel(
    ax: Axes, names: tuple[str, str], bins: pl.DataFrame, thresholds: Sequence[float]
) -> None:
    tidy(ax)
    limit = max(greatest(bins[f"{name}_high"]) for name in ("first", "second"))
    ax.set_xlim(0.0, limit)
    ax.set_ylim(0.0, limit)
    step = next(s for s in (0.02, 0.05, 0.1, 0.2, 0.5) if limit / s <= 5.01)
    ticks = [round(k * step, 6) for k in range(int(limit / step + 1e-9) + 1)]
    ax.set_xticks(ticks)
    ax.set_yticks(ticks)
    diagonal(ax, limit, "same")
    for cut in thresholds:
        if cut < limit:
            ax.axvline(cut, color=PALETTE["guide"], lw=0.6, zorder=0, gid="threshold")
            ax.axhline(cut, color=PALETTE["guide"], lw=0.6, zorder=0, gid="threshold")
    share = (bins["n_events"] / bins["n"]).to_numpy()
    light, dark = (_rgb(PALETTE[name]) for name in ("band", "model"))
    ax.scatter(
        ((bins["first_low"] + bins["first_high"]) / 2).to_numpy(),
        ((bins["second_low"] + bins["second_high"]) / 2).to_numpy(),
        s=min(_POINT, _LARGEST / max(greatest(bins["n"]), 1.0)) * bins["n"].to_numpy(),
        c=light + share[:, None] * (dark - light), marker="o",
        linewidth=0.3, edgecolor=PALETTE["model"], zorder=3, gid="patients",
    )  # fmt: skip
    room = size_in_points(ax)[0]
    ax.set_xlabel(_short(names[0], room), fontsize=SMALL)
    ax.set_ylabel(_short(names[1], room), fontsize=SMALL)


def _short(name: str, room: float = 165.0) -> str:
    """A model's name in one line of a key, which goes on for so many printer's points."""
    return keyed(clipped(name, room, SMALL, 1)[0])


def _rgb(colour: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)])


def _square(ax: Axes | None, names: Sequence[str], width_mm: float) -> Axes:
    """Square axes with room for a legend of all models below them."""
    if ax is None:
        foot = 12.0 + 3.4 * (len(names) + 1)
        ax = square_axes(width_mm, left=11, right=3, bottom=foot, top=5)
    tidy(ax)
    ax.set_aspect("equal", adjustable="box")
    return ax


def _legend_below(ax: Axes, offset: float = -24.0) -> None:
    """The legend under the axis, so that it covers no curve."""
    below = offset / size_in_points(ax)[1]
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, below), handlelength=3.0, borderaxespad=0.0)
