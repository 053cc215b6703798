"""How far the models of resamples scatter: risks, calibration, decisions, net benefit.

After Riley and Collins 2023, doi:10.1002/bimj.202200302. Risks of single patients are not
drawn: bands and lines join groups of patients of similar risk.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures.calibration import end_of_risks, risk_ticks, square_of_risks
from vertebrisk.report.figures.decision import threshold_axis
from vertebrisk.report.figures.style import (
    PALETTE,
    SINGLE_MM,
    SMALL,
    SQUARE_MM,
    diagonal,
    house_style,
    legend,
    mark,
    room_beside,
    square_axes,
    tidy,
    wide_axes,
)
from vertebrisk.report.figures.words import ENGLISH, duration, numbers_of
from vertebrisk.validation.instability import Instability

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT = 12.5  # millimetres
SHOWN, JOINED = 50, 20  # models drawn as thin lines, and points of each
STYLES: tuple[dict[str, Any], ...] = (
    {"color": PALETTE["model"], "ls": "-"},
    {"color": PALETTE["corrected"], "ls": (0, (5, 1.6))},
    {"color": PALETTE["ink"], "ls": (0, (1, 1.5))},
    {"color": PALETTE["quiet"], "ls": (0, (6, 1.5, 1, 1.5))},
)


@house_style()
def plot_prediction_instability(
    found: Instability,
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    time_unit: str = "",
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Risks by the models of resamples against those by the final one, and below it MAPE.

    Parameters
    ----------
    found : Instability
        Its `band` is drawn.
    ax : Axes, optional
        Where to draw; a new figure is made otherwise.
    width_mm : float
        Width of a new figure, in millimetres.
    time_unit : str
        Unit of the horizon, as written.
    label : str
        Where the data come from, for instance "Reconstructed data".
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Axes
        The upper axes; those of MAPE are its only child axes.
    """
    room = room_beside(width_mm, _LEFT) if ax is None else 0.0
    if ax is None:
        bottom = 0.36 * min(width_mm - 16.5, SQUARE_MM) + 9.0
        ax = square_axes(width_mm, left=_LEFT, right=4, bottom=bottom, top=5)
    tidy(ax)
    band = found.band
    limit = end_of_risks(float(np.nanmax(band.select("risk", "high").to_numpy())))
    ticks = square_of_risks(ax, limit)
    ax.tick_params(labelbottom=False)
    ax.set_ylabel(words["unstable.other_risk"])
    risk = band["risk"].to_numpy()
    ax.fill_between(
        risk, band["low"].to_numpy(), band["high"].to_numpy(), color=PALETTE["band"], lw=0,
        zorder=1, gid="limits", label=_limits_word(found, words),
    )  # fmt: skip
    diagonal(ax, limit, "equal", zorder=2, label=words["unstable.equal"])
    ax.plot(
        risk, band["median"].to_numpy(), color=PALETTE["model"], lw=1.2, marker=".", ms=3.5,
        zorder=3, gid="median", label=words["unstable.median"],
    )  # fmt: skip
    handles, labels = ax.get_legend_handles_labels()
    legend(
        ax, room, handles=[handles[k] for k in (2, 0, 1)], labels=[labels[k] for k in (2, 0, 1)],
        loc="upper left",
    )  # fmt: skip
    _counted(ax, found, words)
    below = ax.inset_axes((0.0, -0.36, 1.0, 0.26))
    _errors(below, found, limit, words)
    below.set_xticks(ticks)
    below.set_xlabel(_risk_word(found, time_unit, words))
    mark(ax, label)
    return ax


def _errors(below: Axes, found: Instability, limit: float, words: Mapping[str, str]) -> None:
    """Mean absolute prediction error by risk, and its mean."""
    tidy(below)
    below.set_xlim(0.0, limit)
    error = found.band["mape"].to_numpy()
    below.fill_between(
        found.band["risk"].to_numpy(), error, color=PALETTE["bars"], lw=0, gid="mape"
    )
    below.axhline(found.mape, color=PALETTE["ink"], lw=0.7, ls=(0, (4, 2)), gid="mean")
    top = 1.35 * max(float(error.max()), 1e-6)
    below.set_ylim(0.0, top)
    mean = numbers_of(words).estimate(found.mape, 3)
    below.annotate(
        words["unstable.mape_mean"].format(value=mean), xy=(1.0, found.mape),
        xycoords=("axes fraction", "data"), xytext=(-1.0, 1.5), textcoords="offset points",
        ha="right", va="bottom", fontsize=SMALL, gid="mean-text",
    )  # fmt: skip
    below.set_yticks([0.0, round(float(error.max()), 2)])
    below.set_ylabel(words["unstable.mape"])


@house_style()
def plot_calibration_instability(
    found: Instability,
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    time_unit: str = "",
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Calibration curves of the models of resamples on the original patients.

    Limits of all models, and the curves of the first fifty as thin lines. Parameters as of
    `plot_prediction_instability`.

    Raises
    ------
    ArgumentError
        Nothing was measured, as after late entry.
    """
    frame = found.calibration
    if frame.is_empty():
        raise ArgumentError("There are no calibration curves: after late entry none is measured.")
    room = room_beside(width_mm, _LEFT) if ax is None else 0.0
    ax = ax if ax is not None else square_axes(width_mm, left=_LEFT, right=4, bottom=12, top=5)
    tidy(ax)
    top = frame.select("predicted", "final", "high").to_numpy().astype(np.float64)
    limit = end_of_risks(float(np.nanmax(top)))
    square_of_risks(ax, limit)
    ax.set_xlabel(words["predicted"])
    ax.set_ylabel(words["observed"])
    diagonal(ax, limit, "ideal", zorder=3, label=words["ideal"])
    _scatter(ax, frame, "predicted", found.curves, found, words, "upper left", room)
    mark(ax, label)
    return ax


@house_style()
def plot_decision_instability(
    found: Instability,
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    time_unit: str = "",
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Net benefit of the models of resamples for the original patients.

    Limits of all models, and the curves of the first fifty as thin lines; treating all and
    none beside them. Parameters as of `plot_prediction_instability`.

    Raises
    ------
    ArgumentError
        Nothing was measured, as after late entry.
    """
    frame = found.decision
    if frame.is_empty():
        raise ArgumentError("There is no net benefit: after late entry none is measured.")
    if ax is None:
        ax = wide_axes(width_mm, 72, left=15.5, right=4, bottom=13, top=5)
    tidy(ax)
    cuts = frame["threshold"].to_numpy()
    peak = max(float(np.nanmax(frame.select("final", "high").to_numpy())), 0.02)
    ax.set_ylim(-0.22 * peak, 1.25 * peak)
    threshold_axis(ax, frame, found.classification["threshold"].to_list(), words)
    ax.set_ylabel(words["net_benefit"])
    ax.plot(
        cuts, frame["treat_all"].to_numpy(), color=PALETTE["reference"], lw=0.9,
        ls=(0, (1, 1.5)), zorder=3, gid="all", label=words["treat_all"],
    )  # fmt: skip
    ax.axhline(0.0, color=PALETTE["ink"], lw=0.8, zorder=3, gid="none", label=words["treat_none"])
    level = float(frame["final"].cast(pl.Float64).to_numpy()[-1]) > 0.45 * peak
    corner: Literal["center left", "upper right"] = "center left" if level else "upper right"
    _scatter(ax, frame, "threshold", found.benefits, found, words, corner)
    mark(ax, label)
    return ax


@house_style()
def plot_classification_instability(
    found: Instability,
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    time_unit: str = "",
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Share of models that decide otherwise, by the risk of the final model.

    One line a threshold; the thresholds are marked. Parameters as of
    `plot_prediction_instability`.
    """
    if ax is None:
        ax = wide_axes(width_mm, 68, left=11, right=4, bottom=12, top=5)
    tidy(ax)
    limit = end_of_risks(float(found.band["risk"].to_numpy().max()))
    ax.set_xticks(risk_ticks(limit))
    ax.set_xlim(0.0, limit)
    ax.set_xlabel(_risk_word(found, time_unit, words))
    ax.set_ylabel(words["unstable.changed"])
    highest = 0.0
    cuts = found.classification["threshold"].to_list()
    for place, cut in enumerate(cuts):
        rows = found.classification_band.filter(pl.col("threshold") == cut)
        share = 100.0 * rows["index"].to_numpy()
        highest = max(highest, float(share.max()))
        style = STYLES[place % len(STYLES)]
        ax.axvline(cut, color=PALETTE["guide"], lw=0.6, zorder=0, gid="threshold")
        ax.plot(
            rows["risk"].to_numpy(), share, lw=1.2, marker=".", ms=3.5, gid="changed",
            label=words["unstable.at"].format(value=f"{100 * cut:g}"), **style,
        )  # fmt: skip
    ax.set_ylim(0.0, max(10.0, 1.3 * highest))
    ax.legend(loc="upper right")
    mark(ax, label)
    return ax


def _scatter(
    ax: Axes,
    frame: pl.DataFrame,
    along: str,
    curves: FloatArray,
    found: Instability,
    words: Mapping[str, str],
    corner: Literal["upper left", "upper right", "center left"],
    room: float = 0.0,
) -> None:
    """Limits of all models, some of them as thin lines, and the final one."""
    x = frame[along].to_numpy()
    low, high, final = (
        frame[name].cast(pl.Float64).to_numpy() for name in ("low", "high", "final")
    )
    ax.fill_between(
        x, low, high, color=PALETTE["band"], lw=0, zorder=1, gid="limits",
        label=_limits_word(found, words),
    )  # fmt: skip
    shown = curves[:SHOWN]
    at = np.unique(np.linspace(0, x.size - 1, JOINED).round().astype(np.int64))
    gaps = np.full((shown.shape[0], 1), np.nan)  # one path of many pieces stays small
    ax.plot(
        np.column_stack([np.tile(x[at], (shown.shape[0], 1)), gaps]).ravel(),
        np.column_stack([shown[:, at], gaps]).ravel(),
        color=PALETTE["quiet"], lw=0.25, alpha=0.5, zorder=2, gid="models",
        label=words["unstable.models"].format(n=shown.shape[0]),
    )  # fmt: skip
    ax.plot(
        x, final, color=PALETTE["model"], lw=1.3, zorder=4, gid="final",
        label=words["unstable.final"],
    )  # fmt: skip
    handles, labels = ax.get_legend_handles_labels()
    order = [labels.index(words["unstable.final"]), *range(len(labels) - 1)]
    legend(
        ax, room, handles=[handles[k] for k in order], labels=[labels[k] for k in order], loc=corner
    )


def _counted(ax: Axes, found: Instability, words: Mapping[str, str]) -> None:
    """How many models there are."""
    ax.annotate(
        words["unstable.counts"].format(n=found.risks.shape[0]), xy=(1.0, 0.0),
        xycoords="axes fraction", xytext=(-3.0, 4.0), textcoords="offset points", ha="right",
        va="bottom", fontsize=SMALL, color=PALETTE["quiet"], gid="notes",
    )  # fmt: skip


def _limits_word(found: Instability, words: Mapping[str, str]) -> str:
    return words["unstable.limits"].format(level=f"{100 * found.level:g}")


def _risk_word(found: Instability, time_unit: str, words: Mapping[str, str]) -> str:
    if found.horizon is None:
        return words["unstable.final_risk"]
    return words["unstable.final_risk_by"].format(time=duration(found.horizon, time_unit, words))
