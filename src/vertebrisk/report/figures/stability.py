"""How often each candidate was selected when the procedure was repeated."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import polars as pl

from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures.lettering import widest, wrap
from vertebrisk.report.figures.style import (
    PALETTE,
    POINTS_PER_MM,
    SINGLE_MM,
    SMALL,
    TEXT,
    house_style,
    mark,
    new_axes,
    tidy,
)
from vertebrisk.report.figures.words import ENGLISH, numbers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@house_style()
def plot_selection(
    selected: pl.DataFrame,
    in_model: Collection[str] = (),
    labels: Mapping[str, str] | None = None,
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Share of resamples in which each candidate was selected, the most frequent on top.

    Parameters
    ----------
    selected : DataFrame
        Columns predictor and frequency (0 to 1), as `Validation.selected`.
    in_model : collection of str
        Predictors of the final model, drawn dark.
    labels : mapping, optional
        From predictor to what is printed for it.
    ax : Axes, optional
        Where to draw; labels stand to its left and need room there. A new figure is
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
        If nothing was selected, or a frequency is not a share from 0 to 1.
    """
    if selected.height == 0:
        raise ArgumentError("selected is empty: no selection was repeated, so there is no figure.")
    frame = selected.sort(["frequency", "predictor"], descending=[True, False])
    shares = [float(value) for value in frame["frequency"].to_list()]
    if min(shares) < 0.0 or max(shares) > 1.0 + 1e-9:
        raise ArgumentError(
            f"frequency runs from {min(shares):.4g} to {max(shares):.4g}; "
            "shares from 0 to 1 are needed."
        )
    predictors = frame["predictor"].to_list()
    names = labels if labels is not None else {}
    texts = [wrap(names.get(p, p), 0.48 * width_mm * POINTS_PER_MM, TEXT) for p in predictors]
    ax = ax if ax is not None else _new(texts, width_mm, bool(in_model))
    tidy(ax)
    positions = list(range(len(shares)))
    ax.set_ylim(len(shares) - 0.4, -0.6)
    ax.set_xlim(0.0, 100.0)
    ax.set_xticks([0, 25, 50, 75, 100])
    ax.set_yticks(positions, ["\n".join(lines) for lines in texts])
    ax.tick_params(axis="y", length=0, labelsize=TEXT)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(words["selected_share"])
    for kept, colour, word in (
        (True, PALETTE["model"], "in_model"),
        (False, PALETTE["bars"], "not_in_model"),
    ):
        chosen = [k for k in positions if (predictors[k] in in_model) == kept]
        if chosen:
            ax.barh(
                chosen, [100.0 * shares[k] for k in chosen], height=0.62, color=colour, lw=0,
                label=words[word], gid=word,
            )  # fmt: skip
    for k, share in zip(positions, shares, strict=True):
        ax.annotate(
            numbers_of(words).estimate(100.0 * share, 0), xy=(100.0 * share, k), xytext=(2.5, 0.0),
            textcoords="offset points", ha="left", va="center_baseline", fontsize=SMALL,
            annotation_clip=False,
        )  # fmt: skip
    if in_model:
        ax.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, handlelength=1.0,
            columnspacing=1.2, borderaxespad=0.6,
        )  # fmt: skip
    mark(ax, label, dy=15.5 if in_model else 2.5)
    return ax


def _new(texts: list[tuple[str, ...]], width_mm: float, legend: bool) -> Axes:
    lines = max(len(lines) for lines in texts)
    row = max(3.7, 3.2 * lines + 0.6)
    left = max(widest(lines, TEXT) for lines in texts) / POINTS_PER_MM + 2.5
    top = 10.5 if legend else 5.0
    return new_axes(
        width_mm, row * len(texts) + 10.0 + top, left=left, right=6.0, bottom=10.0, top=top
    )
