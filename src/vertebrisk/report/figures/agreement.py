"""Bland and Altman's plot of two readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vertebrisk.comparison.agreement.results import BlandAltman
from vertebrisk.report.figures.lettering import title_lines
from vertebrisk.report.figures.style import (
    LINE_MM,
    PALETTE,
    SINGLE_MM,
    SMALL,
    house_style,
    mark,
    tidy,
    wide_axes,
)
from vertebrisk.report.figures.words import ENGLISH, numbers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINT = 9.0  # area of one patient's circle, in square points
_ALPHA = 0.05


@house_style()
def plot_bland_altman(
    found: BlandAltman,
    title: str,
    readers: tuple[str, str],
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Difference of two readers against the mean of their readings.

    Parameters
    ----------
    found : BlandAltman
        Drawn are the counts on its grid (area of a circle: number of patients), bias and
        limits of agreement with their intervals, and the line of a proportional bias where
        its p value is below 0.05.
    title : str
        What was measured, with its unit.
    readers : tuple of str
        First and second reader; the difference is first less second.
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
    across = title_lines(words["bland_mean"].format(title=title), width_mm - 33.5)
    upwards = title_lines(
        words["bland_difference"].format(first=readers[0], second=readers[1]), 53.0
    )
    under, aside = (LINE_MM * (len(each) - 1) for each in (across, upwards))
    ax = ax if ax is not None else wide_axes(
        width_mm, 68 + under, left=13.5 + aside, right=20, bottom=10 + under, top=5
    )  # fmt: skip
    tidy(ax)
    cells = found.cells()
    ax.scatter(
        [cell["mean"] for cell in cells], [cell["difference"] for cell in cells],
        s=[_POINT * cell["n"] for cell in cells],
        facecolor=PALETTE["model"], alpha=0.45, linewidth=0, zorder=3, gid="patients",
    )  # fmt: skip
    low, high = _span([cell["mean"] for cell in cells])
    ax.set_xlim(low, high)
    ax.axhline(0.0, color=PALETTE["guide"], lw=0.7, zorder=0)
    lines = (
        ("bias", found.bias, found.bias_low, found.bias_high, PALETTE["ink"], "-"),
        (
            "upper",
            found.upper,
            found.upper_low,
            found.upper_high,
            PALETTE["corrected"],
            (0, (5, 2)),
        ),
        (
            "lower",
            found.lower,
            found.lower_low,
            found.lower_high,
            PALETTE["corrected"],
            (0, (5, 2)),
        ),
    )
    for name, at, below, above, color, dashes in lines:
        ax.axhspan(below, above, color=color, alpha=0.10, lw=0, zorder=1, gid=f"{name}-interval")
        ax.axhline(at, color=color, lw=0.9, ls=dashes, zorder=2, gid=name)
    if found.slope is not None and found.slope_p is not None and found.slope_p < _ALPHA:
        assert found.intercept is not None  # it exists where the slope does
        ax.plot(
            [low, high], [found.intercept + found.slope * x for x in (low, high)],
            color=PALETTE["reference"], lw=0.9, ls=(0, (1, 1.5)), zorder=2, gid="slope",
        )  # fmt: skip
    ends = [found.lower_low, found.upper_high, *(cell["difference"] for cell in cells)]
    ax.set_ylim(*_span(ends))
    for name, at, *_ in lines:
        ax.annotate(
            words[f"bland_{name}"].format(value=numbers_of(words).estimate(at, 2)),
            xy=(1.0, at),
            xycoords=("axes fraction", "data"),
            xytext=(3, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=SMALL,
            annotation_clip=False,
        )
    ax.set_xlabel("\n".join(across))
    ax.set_ylabel("\n".join(upwards))
    mark(ax, label)
    return ax


def _span(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    pad = 0.07 * (high - low or 1.0)
    return low - pad, high + pad
