"""How a penalty was chosen: the path of the coefficients, and the cross-validation along it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures.layout import spread
from vertebrisk.report.figures.lettering import clipped, widest
from vertebrisk.report.figures.style import (
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
from vertebrisk.report.figures.words import ENGLISH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LABELS = 14
_HEIGHT_MM = 72.0
_NAME_SHARE = 0.4
_ASIDE = 7.0  # printer's points from the axes to the names
_COUNTS = 7  # numbers of coefficients written along the top


@house_style()
def plot_path(
    path: pl.DataFrame,
    penalty: float,
    labels: Mapping[tuple[str, str], str] | None = None,
    in_model: Collection[tuple[str, str]] = (),
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Coefficients for a standard deviation as the penalty falls, from left to right.

    Parameters
    ----------
    path : DataFrame
        Columns penalty, term, level, per_sd, as `PenalisedLogisticFit.path`; rows without
        per_sd (an intercept) are left out.
    penalty : float
        The penalty that was used, marked by a vertical line.
    labels : mapping, optional
        From (term, level) to what is printed for it.
    in_model : collection of (term, level)
        Coefficients of the final model, drawn dark and named at the right end, as many as
        have room.
    ax : Axes, optional
        Where to draw; names stand to its right and need room there. A new figure is
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

    Raises
    ------
    ArgumentError
        If the path has no coefficients.
    """
    frame = path.drop_nulls("per_sd").sort("penalty", descending=True)
    if frame.height == 0:
        raise ArgumentError("path is empty: there are no coefficients to draw.")
    lines = {
        (str(term), str(level)): own
        for (term, level), own in frame.partition_by(
            "term", "level", as_dict=True, maintain_order=True
        ).items()
    }
    ends = {key: float(own["per_sd"][-1]) for key, own in lines.items()}
    dark = [key for key in lines if key in in_model] or list(lines)
    named = sorted(
        sorted(dark, key=lambda key: -abs(ends[key]))[:MOST_LABELS], key=ends.__getitem__
    )
    known = labels if labels is not None else {}
    names = [known.get(key, " ".join(part for part in key if part)) for key in named]
    room = _NAME_SHARE * width_mm * POINTS_PER_MM
    texts = [clipped(name, room, SMALL, 1)[0] for name in names]
    ax = ax if ax is not None else _new(texts, width_mm)
    tidy(ax)
    for key, own in lines.items():
        kept = key in dark
        ax.plot(
            own["penalty"].to_numpy(),
            own["per_sd"].to_numpy(),
            color=PALETTE["model"] if kept else PALETTE["bars"],
            lw=1.1 if kept else 0.8, zorder=3 if kept else 2, gid="path",
        )  # fmt: skip
    ax.axhline(0.0, color=PALETTE["reference"], lw=0.6, zorder=1)
    _penalty_axis(ax, frame["penalty"], words)
    ax.set_ylabel(words["per_sd"])
    _used(ax, penalty, words)
    _name_ends(ax, texts, [ends[key] for key in named])
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.3)
    mark(ax, label)
    return ax


@house_style()
def plot_cross_validation(
    cross_validation: pl.DataFrame,
    penalty: float,
    measure: str = "deviance",
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Cross-validated deviance or AUC at each penalty, with one standard error each way.

    Parameters
    ----------
    cross_validation : DataFrame
        Columns penalty, nonzero, mean, std_error, rule, as
        `PenalisedLogisticFit.cross_validation`. The number of coefficients that are not zero
        stands along the top.
    penalty : float
        The penalty that was used, marked by a vertical line; where another rule would have
        taken another one, that is marked, too.
    measure : {"deviance", "partial_deviance", "auc"}
        What the axis is called.
    ax, width_mm, label, words
        See `plot_path`.

    Returns
    -------
    Axes

    Raises
    ------
    ArgumentError
        If there was no cross-validation.
    """
    frame = cross_validation.sort("penalty", descending=True)
    if frame.height == 0:
        raise ArgumentError("cross_validation is empty: the penalty was given.")
    ax = (
        ax
        if ax is not None
        else wide_axes(width_mm, _HEIGHT_MM, left=14, right=4, bottom=11, top=9)
    )
    tidy(ax)
    x, mean = frame["penalty"].to_numpy(), frame["mean"].to_numpy()
    error = frame["std_error"].to_numpy()
    ax.fill_between(
        x, mean - error, mean + error,
        color=PALETTE["band"], lw=0, zorder=1, gid="band", label=words["one_error_band"],
    )  # fmt: skip
    ax.plot(x, mean, color=PALETTE["model"], lw=1.3, zorder=3, gid="mean", label=words["cv_mean"])
    _penalty_axis(ax, frame["penalty"], words)
    ax.set_ylabel(words[f"cv.{measure}"])
    _used(ax, penalty, words)
    for line in frame.filter(pl.col("rule") != "").iter_rows(named=True):
        if not math.isclose(line["penalty"], penalty, rel_tol=1e-9):
            word = "rule_min" if "min" in line["rule"] else "rule_1se"
            ax.axvline(
                line["penalty"], color=PALETTE["reference"], lw=0.8, ls=(0, (1, 1.5)), zorder=2,
                gid="other", label=words[word],
            )  # fmt: skip
    _counts(ax, frame)
    ax.legend(loc="best")
    mark(ax, label, dy=12.0)
    return ax


def _new(texts: list[str], width_mm: float) -> Axes:
    right = widest(tuple(texts), SMALL) / POINTS_PER_MM + 4.0 if texts else 4.0
    return wide_axes(width_mm, _HEIGHT_MM, left=12, right=right, bottom=11, top=5)


def _penalty_axis(ax: Axes, penalties: pl.Series, words: Mapping[str, str]) -> None:
    values = penalties.to_numpy()
    high, low = float(values.max()), float(values.min())
    if high <= low:
        high, low = high * 1.1, low / 1.1
    ax.set_xscale("log")
    ax.set_xlim(high, low)
    ticks = _ticks(low, high)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_xticks([], minor=True)
    ax.set_xlabel(words["penalty"])


def _ticks(low: float, high: float) -> list[float]:
    """Round penalties, no more than six."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        ticks = [s * 10.0**d for d in decades for s in steps if low <= s * 10.0**d <= high]
        if len(ticks) <= 6 or steps == (1,):
            break
    return [float(f"{tick:.6g}") for tick in ticks[:: max(1, math.ceil(len(ticks) / 6))]]


def _used(ax: Axes, penalty: float, words: Mapping[str, str]) -> None:
    ax.axvline(
        penalty, color=PALETTE["corrected"], lw=0.9, ls=(0, (5, 1.6)), zorder=2,
        gid="used", label=words["penalty_used"],
    )  # fmt: skip


def _name_ends(ax: Axes, texts: list[str], ends: list[float]) -> None:
    """Names beside the right ends of their lines, moved apart where they would meet."""
    low, high = ax.get_ylim()
    unit = (high - low) / size_in_points(ax)[1]
    places = spread(ends, [SMALL * unit] * len(ends), low, high, 0.5 * unit)
    if places is None:
        places = np.asarray(ends)
    for text, end, place in zip(texts, ends, places, strict=True):
        ax.annotate(
            text, xy=(1.0, end), xycoords=("axes fraction", "data"),
            xytext=(1.0 + _ASIDE / size_in_points(ax)[0], place),
            textcoords=("axes fraction", "data"),
            ha="left", va="center", fontsize=SMALL, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": PALETTE["guide"], "lw": 0.5, "shrinkA": 0,
                        "shrinkB": 0},
        )  # fmt: skip


def _counts(ax: Axes, frame: pl.DataFrame) -> None:
    """How many coefficients are not zero, above the axes at a few penalties."""
    high, low = np.log(float(frame["penalty"][0])), np.log(float(frame["penalty"][-1]))
    width = high - low if high > low else 1.0
    for row in np.unique(np.linspace(0, frame.height - 1, _COUNTS).round().astype(int)):
        at = (high - np.log(float(frame["penalty"][int(row)]))) / width
        ax.annotate(
            str(frame["nonzero"][int(row)]), xy=(at, 1.0), xycoords="axes fraction",
            xytext=(0.0, 2.0), textcoords="offset points", ha="center", va="bottom",
            fontsize=SMALL, color=PALETTE["quiet"], annotation_clip=False, gid="count",
        )  # fmt: skip
