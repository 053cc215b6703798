"""The distribution of the linear predictor on new patients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk.report.figures.style import (
    PALETTE,
    SINGLE_MM,
    house_style,
    mark,
    tidy,
    wide_axes,
)
from vertebrisk.report.figures.words import ENGLISH

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@house_style()
def plot_linear_predictor(
    bins: pl.DataFrame,
    developed: tuple[float, float] | None = None,
    means: tuple[float | None, float | None] = (None, None),
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """How the log-odds of the risks lie on these patients, events upwards, others downwards.

    Parameters
    ----------
    bins : DataFrame
        low, high, n, n_events.
    developed : tuple of float, optional
        Range over the patients whom the model was made from, shaded.
    means : tuple of (float or None)
        Mean of those patients, and of these; None where it is not known.
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
    ax = ax if ax is not None else wide_axes(width_mm, 62, left=13, right=3, bottom=10, top=14)
    tidy(ax)
    low, high = bins["low"].to_numpy(), bins["high"].to_numpy()
    events = bins["n_events"].to_numpy()
    others = bins["n"].to_numpy() - events
    inside = 0.06 * (high - low)
    for counts, colour, gid in (
        (events, PALETTE["ink"], "events"),
        (-others, PALETTE["bars"], "non_events"),
    ):
        ax.bar(
            low + inside, counts, width=high - low - 2 * inside, align="edge", color=colour,
            lw=0, gid=gid, label=words[gid], zorder=2,
        )  # fmt: skip
    if developed is not None:
        ax.axvspan(
            *developed, color=PALETTE["band"], lw=0, zorder=0, gid="developed",
            label=words["developed_range"],
        )  # fmt: skip
    lines = (("mean_developed", "corrected", (0, (3, 1.2))), ("mean_here", "model", "-"))
    for value, (word, colour, dashes) in zip(means, lines, strict=True):
        if value is not None:
            ax.axvline(
                value, color=PALETTE[colour], lw=1.2, ls=dashes, zorder=4, gid=word,
                label=words[word],
            )  # fmt: skip
    ax.axhline(0.0, color=PALETTE["ink"], lw=0.5, zorder=3)
    ends = [low[0], high[-1], *(developed or ())]
    pad = 0.03 * (max(ends) - min(ends))
    ax.set_xlim(min(ends) - pad, max(ends) + pad)
    _counts(ax, float(np.max(events, initial=0)), float(np.max(others, initial=0)))
    ax.set_xlabel(words["linear_predictor"])
    ax.set_ylabel(words["patients_n"])
    ax.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, handlelength=1.3, handletextpad=0.4,
        columnspacing=0.8, borderaxespad=0.0, borderpad=0.2,
    )  # fmt: skip
    mark(ax, label, dy=25.0)
    return ax


def _counts(ax: Axes, up: float, down: float) -> None:
    """Ticks without a sign, on one scale both ways."""
    span = max(up + down, 1.0)
    ax.set_ylim(-down - 0.06 * span, up + 0.06 * span)
    ticks = [-down, 0.0, up] if up > 0.1 * span else [-down, 0.0]
    ax.set_yticks(ticks, [f"{abs(tick):.0f}" for tick in ticks])
