"""How far two groups differ: standardised differences, the largest on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from vertebrisk.comparison.results import Comparison
from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures.lettering import widest, wrap
from vertebrisk.report.figures.style import (
    PALETTE,
    POINTS_PER_MM,
    SINGLE_MM,
    TEXT,
    house_style,
    mark,
    new_axes,
    size_in_points,
    tidy,
)
from vertebrisk.report.figures.words import ENGLISH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GUIDE: Final = 0.1  # differences below it are commonly called small
_LINE = 8.6
_GAP = 2.2
_LABEL_SHARE = 0.5
_RIGHT = 4.0  # millimetres


@house_style()
def plot_balance(
    comparison: Comparison,
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Absolute standardised mean difference of each variable, with a guide at 0.1.

    Parameters
    ----------
    comparison : Comparison
        Of two groups. Drawn are its `smd`; a variable without one, as where nobody varies, is
        left out.
    ax : Axes, optional
        Where to draw; labels stand to its left and need room there. A new figure is made
        otherwise.
    width_mm : float
        Width of a new figure, in millimetres.
    label : str
        Where the data come from, for instance "Reconstructed data".
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Axes
        The variable with the largest difference is on top, at 0.

    Raises
    ------
    ArgumentError
        If no variable has a standardised difference, as with more than two groups.
    """
    known = [(each.label, abs(each.smd)) for each in comparison.variables if each.smd is not None]
    if not known:
        raise ArgumentError(
            "comparison holds no standardised difference; it needs two groups and a variable."
        )
    known.sort(key=lambda each: (-each[1], each[0]))
    room = _LABEL_SHARE * width_mm * POINTS_PER_MM
    names = [wrap(name, room, TEXT) for name, _ in known]
    places, height = _places([len(lines) for lines in names])
    ax = ax if ax is not None else _new(names, height, width_mm, words)
    tidy(ax)
    values = [value for _, value in known]
    ax.set_ylim(height, 0.0)
    ax.set_xlim(0.0, 1.06 * max(*values, 2.5 * GUIDE))
    ax.axvline(GUIDE, color=PALETTE["reference"], lw=0.7, ls=(0, (4, 2.5)), gid="guide", zorder=1)
    for value, y in zip(values, places, strict=True):
        ax.plot([0.0, value], [y, y], color=PALETTE["guide"], lw=0.6, zorder=0)
    for large, face in ((True, PALETTE["model"]), (False, PALETTE["paper"])):
        own = [
            (value, y) for value, y in zip(values, places, strict=True) if (value >= GUIDE) == large
        ]
        ax.plot(
            [value for value, _ in own], [y for _, y in own], ls="none", marker="o", ms=4.0,
            mfc=face, mec=PALETTE["model"], mew=0.9, zorder=3, clip_on=False,
            gid="large" if large else "small",
        )  # fmt: skip
    ax.set_yticks(places, ["\n".join(lines) for lines in names], parse_math=False)
    ax.tick_params(axis="y", length=0, labelsize=TEXT)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("\n".join(wrap(words["balance"], size_in_points(ax)[0], TEXT)))
    mark(ax, label)
    return ax


def _places(lines: list[int]) -> tuple[list[float], float]:
    """Middle of each row, downwards in printer's points, and the height of all."""
    places, y = [], _GAP
    for count in lines:
        places.append(y + _LINE * count / 2)
        y += _LINE * count + _GAP
    return places, y


def _new(
    names: list[tuple[str, ...]], height: float, width_mm: float, words: Mapping[str, str]
) -> Axes:
    left = max(widest(lines, TEXT) for lines in names) / POINTS_PER_MM + 2.5
    title = wrap(words["balance"], (width_mm - left - _RIGHT) * POINTS_PER_MM, TEXT)
    bottom = 8.0 + 3.0 * len(title)
    tall = height / POINTS_PER_MM + bottom + 5.0
    return new_axes(width_mm, tall, left=left, right=_RIGHT, bottom=bottom, top=5.0)
