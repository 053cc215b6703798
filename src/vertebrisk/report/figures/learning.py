"""The learning curve: performance against the number of patients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk._checks import place_of
from vertebrisk.report.figures.style import (
    PALETTE,
    SINGLE_MM,
    house_style,
    mark,
    tidy,
    wide_axes,
)
from vertebrisk.report.figures.words import ENGLISH
from vertebrisk.validation.learning import LearningCurve

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@house_style()
def plot_learning_curve(
    found: LearningCurve,
    measure: str = "c_index",
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """One measure in the patients used and in those left out, by the number of patients.

    Parameters
    ----------
    found : LearningCurve
    measure : str
        One of those in its `frame`: "c_index", "slope", "brier" or "brier_scaled".
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
        The curve has no such measure.
    """
    place_of(measure, found.whole["measure"].to_list(), "measure")
    if ax is None:
        ax = wide_axes(width_mm, 70, left=13.5, right=4, bottom=13, top=5)
    tidy(ax)
    rows = found.frame.filter(pl.col("measure") == measure)
    n = rows["n"].to_numpy()
    low, high, left_out, apparent = (
        rows[name].cast(pl.Float64).to_numpy() for name in ("low", "high", "left_out", "apparent")
    )
    ax.fill_between(
        n, low, high, color=PALETTE["band"], lw=0, zorder=1, gid="spread",
        label=words["learning.spread"].format(n=found.repeats),
    )  # fmt: skip
    ax.plot(
        n, left_out, color=PALETTE["model"], lw=1.3, marker=".", ms=4.0, zorder=4, gid="left_out",
        label=words["learning.left_out"],
    )  # fmt: skip
    if measure != "slope":  # which is 1 in the patients used
        ax.plot(
            n, apparent, color=PALETTE["corrected"], lw=1.1, ls=(0, (5, 1.6)), marker=".", ms=4.0,
            zorder=3, gid="apparent", label=words["learning.apparent"],
        )  # fmt: skip
    whole = float(found.whole.filter(pl.col("measure") == measure)["apparent"].item())
    ax.plot(
        [found.n], [whole], color=PALETTE["ink"], marker="D", ms=3.2, ls="", zorder=5, gid="whole",
        label=words["learning.all"],
    )  # fmt: skip
    ax.set_xlim(0.0, 1.04 * found.n)
    seen = np.concatenate([low, high, left_out, apparent, [whole]])
    bottom, top = float(np.nanmin(seen)), float(np.nanmax(seen))
    reach = max(top - bottom, 1e-3)
    ax.set_ylim(bottom - 0.06 * reach, top + 0.5 * reach)  # room for the legend
    _counts(ax, found, words)
    ax.set_ylabel(words[f"learning.{measure}"])
    ax.legend(loc="upper right")
    mark(ax, label)
    return ax


def _counts(ax: Axes, found: LearningCurve, words: Mapping[str, str]) -> None:
    """Patients along the axis, with the events below them."""
    ticks = [tick for tick in ax.get_xticks() if 0.0 < tick <= found.n]
    share = found.n_events / found.n
    ax.set_xticks(ticks, [f"{tick:.0f}\n{share * tick:.0f}" for tick in ticks])
    ax.set_xlabel(words["learning.patients"])
