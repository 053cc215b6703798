"""The ROC curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vertebrisk.report.figures.lettering import text_width, wrap
from vertebrisk.report.figures.style import (
    PALETTE,
    SINGLE_MM,
    SMALL,
    TEXT,
    beside,
    house_style,
    legend,
    mark,
    room_beside,
    square_axes,
    tidy,
    width_in_points,
)
from vertebrisk.report.figures.words import ENGLISH, with_interval
from vertebrisk.validation.results import Roc, ThresholdTable, Validation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT = 11.0  # millimetres


@house_style()
def plot_roc(
    roc: Roc,
    thresholds: ThresholdTable | None = None,
    validation: Validation | None = None,
    *,
    ax: Axes | None = None,
    width_mm: float = SINGLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """ROC curve with its area and the points of the thresholds.

    Parameters
    ----------
    roc : Roc
        Curve and area.
    thresholds : ThresholdTable, optional
        Marks the protocol's thresholds with the intervals of sensitivity and
        specificity, and Youden's point as chosen by the data.
    validation : Validation, optional
        Adds the optimism-corrected area.
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
    room = room_beside(width_mm, _LEFT) if ax is None else 0.0
    ax = ax if ax is not None else square_axes(width_mm, left=_LEFT, right=3, bottom=10, top=5)
    tidy(ax)
    ax.set_aspect("equal", adjustable="box")
    ax.set_xlim(-0.012, 1.0)
    ax.set_ylim(-0.012, 1.006)
    ticks = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    ax.set_xticks(ticks)
    ax.set_yticks(ticks)
    ax.set_xlabel(words["one_minus_specificity"])
    ax.set_ylabel(words["sensitivity"])
    ax.plot(
        [0, 1], [0, 1], color=PALETTE["reference"], lw=0.7, ls=(0, (4, 3)), gid="chance", zorder=1
    )
    ax.plot(
        1.0 - roc.curve["specificity"].to_numpy(),
        roc.curve["sensitivity"].to_numpy(),
        color=PALETTE["model"],
        lw=1.4,
        solid_joinstyle="miter",
        gid="model",
        zorder=3,
    )
    handles = _band(ax, roc, words)
    if thresholds is not None:
        handles += _points(ax, thresholds, words)
    if handles:
        legend(
            ax, room, handles=handles, loc="lower right", bbox_to_anchor=(1.0, 0.13),
            handlelength=1.0, borderaxespad=0.0, borderpad=0.1,
        )  # fmt: skip
    _areas(ax, roc, validation, room, words)
    mark(ax, label)
    return ax


def _band(ax: Axes, roc: Roc, words: Mapping[str, str]) -> list[Any]:
    """The confidence region of each threshold, joined from corner to corner."""
    if "sensitivity_low" not in roc.curve.columns:
        return []
    low, high = (
        [roc.curve[f"{share}_{end}"].to_numpy() for share in ("specificity", "sensitivity")]
        for end in ("low", "high")
    )
    # Upper left corners, the far corner of the last region, lower right corners, the first's near.
    x = [*(1.0 - high[0]), 1.0 - low[0][-1], *(1.0 - low[0])[::-1], 1.0 - high[0][0]]
    y = [*high[1], high[1][-1], *low[1][::-1], low[1][0]]
    return ax.fill(x, y, color=PALETTE["band"], lw=0, zorder=0, gid="band", label=words["roc_band"])


def _areas(
    ax: Axes, roc: Roc, validation: Validation | None, room: float, words: Mapping[str, str]
) -> None:
    area = roc.auc
    lines = [(words["auc"], with_interval(area.estimate, area.conf_low, area.conf_high, 3, words))]
    row = _row(validation, "c_index")
    if row is not None:
        shown = with_interval(
            row["corrected"], row["conf_low"], row["conf_high"], 3, words, "interval"
        )
        lines.append((words["auc_corrected"], shown))
    if room:
        told = "\n".join(part for line in lines for part in wrap(" ".join(line), room, TEXT))
        beside(ax, told, fontsize=TEXT)
        return
    for place, (name, value) in enumerate(reversed(lines)):
        ax.annotate(
            f"{name} {value}",
            xy=(1.0, 0.0),
            xycoords="axes fraction",
            xytext=(-1.0, 4.0 + 10.0 * place),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=TEXT if name == words["auc"] else SMALL,
            color=PALETTE["ink"] if name == words["auc"] else PALETTE["quiet"],
            zorder=6,
        )


def _row(validation: Validation | None, measure: str) -> dict[str, Any] | None:
    if validation is None:
        return None
    rows = [row for row in validation.table.to_dicts() if row["measure"] == measure]
    return rows[0] if rows and rows[0]["corrected"] is not None else None


def _points(ax: Axes, thresholds: ThresholdTable, words: Mapping[str, str]) -> list[Any]:
    rows = thresholds.frame.sort("sensitivity", descending=True).to_dicts()
    rows = [
        row for row in rows if row["sensitivity"] is not None and row["specificity"] is not None
    ]
    handles: list[Any] = []
    for source, marker, face in (("protocol", "o", PALETTE["ink"]), ("youden", "D", "white")):
        chosen = [row for row in rows if row["source"] == source]
        if not chosen:
            continue
        for row in chosen:
            _whiskers(ax, row)
        handles += ax.plot(
            [1.0 - row["specificity"] for row in chosen],
            [row["sensitivity"] for row in chosen],
            ls="none",
            marker=marker,
            ms=4.2,
            mfc=face,
            mec=PALETTE["ink"],
            mew=0.9,
            label=words[f"{source}_threshold"],
            gid=f"threshold-{source}",
            zorder=5,
        )
    _names(ax, rows)
    return handles


def _whiskers(ax: Axes, row: Mapping[str, Any]) -> None:
    style: dict[str, Any] = {"color": PALETTE["quiet"], "lw": 0.5, "zorder": 2}
    x, y = 1.0 - row["specificity"], row["sensitivity"]
    if row.get("sensitivity_low") is not None:
        ax.plot([x, x], [row["sensitivity_low"], row["sensitivity_high"]], **style)
    if row.get("specificity_low") is not None:
        ax.plot([1.0 - row["specificity_low"], 1.0 - row["specificity_high"]], [y, y], **style)


def _names(ax: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write each threshold beside its point, lower down where two would meet."""
    unit = 1.012 / width_in_points(ax)
    taken: list[tuple[float, float, float, float]] = []
    for row in rows:
        x, y = 1.0 - row["specificity"], row["sensitivity"]
        text = f"{100 * row['threshold']:.3g}%"
        width, height = text_width(text, SMALL) * unit, 8.0 * unit
        left, top = x + 4.0 * unit, y - 2.5 * unit
        if left + width > 1.0:
            left = x - 5.0 * unit - width
        while any(
            left < other[2] and other[0] < left + width and top - height < other[3]
            and other[1] < top
            for other in taken
        ):  # fmt: skip
            top -= 2.0 * unit
        taken.append((left, top - height, left + width, top))
        ax.text(
            left, top, text, fontsize=SMALL, ha="left", va="top", zorder=6, gid="threshold-name",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3, "alpha": 0.85},
        )  # fmt: skip
