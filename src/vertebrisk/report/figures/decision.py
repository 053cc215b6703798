"""The decision curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from vertebrisk.report.figures.style import (
    PALETTE,
    SINGLE_MM,
    greatest,
    house_style,
    mark,
    tidy,
    wide_axes,
)
from vertebrisk.report.figures.words import ENGLISH
from vertebrisk.validation.results import DecisionCurve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("none", "treat_none", {"color": PALETTE["ink"], "lw": 0.8, "zorder": 2}),
    (
        "all",
        "treat_all",
        {"color": PALETTE["reference"], "lw": 0.9, "ls": (0, (1, 1.5)), "zorder": 2},
    ),
    ("model", "model", {"color": PALETTE["model"], "lw": 1.3, "zorder": 4}),
    (
        "model_corrected",
        "model_corrected",
        {"color": PALETTE["corrected"], "lw": 1.3, "ls": (0, (5, 1.6)), "zorder": 5},
    ),
)
_LEGEND = ("model", "model_corrected", "all", "none")


@house_style()
def plot_decision_curve(
    decision: DecisionCurve,
    thresholds: Sequence[float] = (),
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Net benefit over threshold risks, against treating all and none.

    Parameters
    ----------
    decision : DecisionCurve
        Net benefits. The axis is cut a little below zero, so that "treat all", which
        falls without limit, does not press the curves together.
    thresholds : sequence of float
        Risks at which the protocol takes decisions, marked by thin vertical lines.
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
    ax = ax if ax is not None else wide_axes(width_mm, 72, left=15.5, right=4, bottom=13, top=5)
    tidy(ax)
    frame = decision.frame
    ax.set_ylim(*_range(frame))
    threshold_axis(ax, frame, thresholds, words)
    ax.set_ylabel(words["net_benefit"])
    handles = _curves(ax, frame, words)
    ax.legend(
        handles=[handles[name] for name in (*_LEGEND, "band") if name in handles], loc="upper right"
    )
    mark(ax, label)
    return ax


def threshold_axis(
    ax: Axes, frame: pl.DataFrame, thresholds: Sequence[float], words: Mapping[str, str]
) -> None:
    """Threshold risks with harm for benefit, and a thin line at each where decisions are taken."""
    cuts = frame["threshold"].to_numpy()
    low, high = float(cuts.min()), float(cuts.max())
    ax.set_xlim(low, high)
    ticks = threshold_ticks(low, high)
    ax.set_xticks(ticks, [f"{100 * t:g}%\n{harm_to_benefit(t)}" for t in ticks])
    ax.set_xlabel(words["threshold_odds"])
    for threshold in thresholds:
        if low <= threshold <= high:
            ax.axvline(threshold, color=PALETTE["guide"], lw=0.6, zorder=0, gid="threshold")


def _range(frame: pl.DataFrame) -> tuple[float, float]:
    top = greatest(frame.filter(pl.col("model") != "none")["net_benefit"])
    top = top if top > 0.0 else 0.05
    reach = greatest(frame["conf_high"])
    return -0.22 * top, max(1.12 * top, min(1.03 * reach, 1.4 * top))


def threshold_ticks(low: float, high: float) -> list[float]:
    """Seven or so thresholds of a round step."""
    step = next((s for s in (0.01, 0.02, 0.05, 0.1) if (high - low) / s <= 7.0), 0.2)
    first = int(low / step - 1e-9) + 1
    ticks = [round(k * step, 6) for k in range(first, int(high / step + 1e-9) + 1)]
    return [tick for tick in ticks if 0.0 < tick < 1.0]


def harm_to_benefit(threshold: float) -> str:
    """Harm for benefit at a threshold, as 1 : 9 at 10 per cent."""
    odds = (1.0 - threshold) / threshold
    if odds >= 1.0:
        return f"1:{odds:.0f}" if abs(odds - round(odds)) < 0.05 else f"1:{odds:.1f}"
    return f"{1 / odds:.0f}:1" if abs(1 / odds - round(1 / odds)) < 0.05 else f"{1 / odds:.1f}:1"


def _curves(ax: Axes, frame: pl.DataFrame, words: Mapping[str, str]) -> dict[str, Any]:
    handles: dict[str, Any] = {}
    for name, word, style in _LINES:
        rows = frame.filter(pl.col("model") == name).sort("threshold")
        if not rows.height:
            continue
        x = rows["threshold"].to_numpy()
        y = rows["net_benefit"].cast(pl.Float64).to_numpy()
        (handles[name],) = ax.plot(x, y, label=words[word], gid=name, **style)
        if name == "model" and rows["conf_low"].count():
            handles["band"] = ax.fill_between(
                x,
                rows["conf_low"].cast(pl.Float64).to_numpy(),
                rows["conf_high"].cast(pl.Float64).to_numpy(),
                color=PALETTE["band"], lw=0, zorder=1, gid="band", label=words["model_band"],
            )  # fmt: skip
    return handles
