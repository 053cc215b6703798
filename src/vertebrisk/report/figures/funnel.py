"""The funnel of pooled studies: effect against standard error, large studies above."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vertebrisk.evidence.pooling.asymmetry import ENOUGH_STUDIES
from vertebrisk.evidence.pooling.papers import PooledPapers
from vertebrisk.kernels.meta_analysis.effects import Scale, from_scale, to_scale
from vertebrisk.report.figures.forest_rows import axis_name
from vertebrisk.report.figures.layout import nice_step, thin
from vertebrisk.report.figures.lettering import text_width
from vertebrisk.report.figures.style import (
    PALETTE,
    SMALL,
    house_style,
    new_axes,
    size_in_points,
    tidy,
)
from vertebrisk.report.figures.words import ENGLISH, numbers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 110.0, 78.0
_NARROW_MM = 100.0
_RATIOS = tuple(float(f"{digit}e{power}") for power in range(-6, 7) for digit in (1, 2, 5))
_SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
           0.95, 0.98, 0.99, 0.995, 0.999)  # fmt: skip


@house_style()
def plot_funnel(
    result: PooledPapers,
    *,
    kinds: Mapping[str, str] | None = None,
    ax: Axes | None = None,
    width_mm: float = _WIDTH,
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """Studies by effect and standard error, with the lines of one effect and Egger's regression.

    Parameters
    ----------
    result : PooledPapers
        `result.funnel` has the points and lines; `result.egger` the regression, if there is one.
    kinds : mapping, optional
        Words for what kind of number a study gives ("adjusted", "crude", ...).
    ax : Axes, optional
        Where to draw; a new figure is made otherwise.
    width_mm : float
        Width of a new figure, in millimetres.
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Axes
        On the scale of pooling, ticks labelled as people read it; the standard error grows
        downwards. Under ten studies the figure says that it cannot judge asymmetry.
    """
    columns = 2 if width_mm > _NARROW_MM else 1
    if ax is None:
        top = 11.0 if columns == 2 else 18.0
        ax = new_axes(width_mm, _HEIGHT, left=15.0, right=4.0, bottom=11.0, top=top)
    tidy(ax)
    drawn, scale = result.funnel, result.pooled.scale
    style: dict[str, Any] = {"color": PALETTE["reference"], "lw": 0.7, "zorder": 1}
    dashes = (0, (4, 2.5))
    ax.plot(
        drawn.line_low, drawn.line_errors, ls=dashes, label=words["pool.lines"], gid="funnel-line",
        **style,
    )  # fmt: skip
    ax.plot(drawn.line_high, drawn.line_errors, ls=dashes, gid="funnel-line", **style)
    depth = [0.0, drawn.line_errors[-1]]
    ax.plot([drawn.centre] * 2, depth, label=words["pool.centre"], gid="centre", **style)
    _regression(ax, result, words)
    ax.plot(
        drawn.estimates, drawn.std_errors, ls="none", marker="o", ms=4.4, mew=0.6,
        mfc=PALETTE["model"], mec=PALETTE["paper"], zorder=3, gid="studies",
    )  # fmt: skip
    _limits(ax, result)
    _ticks(ax, result, scale)
    ax.set_xlabel(axis_name(result, words, kinds or {}))
    ax.set_ylabel(_error_name(scale, words))
    if len(drawn.estimates) < ENOUGH_STUDIES:
        few = words["pool.few"].format(k=len(drawn.estimates))
        ax.plot([], [], ls="none", label=few, gid="few-studies")
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.02),
        ncols=columns,
        columnspacing=1.6,
        borderaxespad=0.0,
    )
    return ax


def _regression(ax: Axes, result: PooledPapers, words: Mapping[str, str]) -> None:
    """Egger's line, from a study without error to the one with the greatest."""
    tested = result.egger
    if tested is None:
        return
    end = result.funnel.line_errors[-1]
    ax.plot(
        [tested.limit, tested.limit + tested.slope * end], [0.0, end], color=PALETTE["corrected"],
        lw=1.0, zorder=2, gid="egger",
        label=words["pool.egger"].format(p=numbers_of(words).p_statement(tested.p_value)),
    )  # fmt: skip


def _limits(ax: Axes, result: PooledPapers) -> None:
    drawn = result.funnel
    ends = [*drawn.line_low, *drawn.line_high, *drawn.estimates]
    margin = 0.05 * (max(ends) - min(ends))
    ax.set_xlim(min(ends) - margin, max(ends) + margin)
    ax.set_ylim(1.12 * drawn.line_errors[-1], 0.0)
    low, high = ax.get_xlim()
    tested = result.egger
    if tested is not None:  # the line stays in view, whatever its limit
        far = [tested.limit, tested.limit + tested.slope * drawn.line_errors[-1]]
        reach = 0.35 * (high - low)
        ax.set_xlim(max(min([low, *far]), low - reach), min(max([high, *far]), high + reach))


def _ticks(ax: Axes, result: PooledPapers, scale: Scale) -> None:
    low, high = ax.get_xlim()
    ticks = _natural_ticks(low, high, scale)
    factor = 100.0 if result.evidence.measure == "incidence" else 1.0
    labels = [f"{factor * tick:.6g}".replace("-", "\u2212") for tick in ticks]
    at = [float(each) for each in to_scale(np.array(ticks), scale)]
    per = size_in_points(ax)[0] / (high - low)
    kept = thin([per * x for x in at], [text_width(each, SMALL) for each in labels], 4.0)
    ax.set_xticks([at[k] for k in kept], [labels[k] for k in kept])


def _natural_ticks(low: float, high: float, scale: Scale) -> list[float]:
    """Round numbers, as people read them, inside a range on the scale of pooling."""
    ends = from_scale(np.array([low, high]), scale)
    usual: Sequence[float] = {"log": _RATIOS, "logit": _SHARES, "identity": ()}[scale]
    inside = [tick for tick in usual if ends[0] <= tick <= ends[1]]
    if len(inside) >= 3:
        return inside
    step = nice_step(float(ends[1] - ends[0]), 6)
    first, last = math.ceil(ends[0] / step - 1e-9), math.floor(ends[1] / step + 1e-9)
    even = [round(k * step, 10) for k in range(first, last + 1)]
    return [tick for tick in even if scale == "identity" or tick > 0]


def _error_name(scale: Scale, words: Mapping[str, str]) -> str:
    if scale == "identity":
        return words["pool.standard_error.identity"]
    return words["pool.standard_error"].format(scale=words[f"pool.scale.{scale}"])
