"""One look for every figure: palette, sizes, settings, and the frames to draw in.

Settings are applied while a figure is drawn and taken back afterwards, so that a
caller's own matplotlib configuration neither changes nor shows through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from vertebrisk.report.figures.lettering import TITLE, font_families

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SINGLE_MM: Final = 85.0
DOUBLE_MM: Final = 174.0
SQUARE_MM: Final = 100.0  # the longest side of square axes; a wider figure has its key beside
_BESIDE_MM: Final = 4.0
_LEAST_MM: Final = 1.0  # of axes that have no room: the figure then does not fit
_LEAST_KEY_MM: Final = 45.0
POINTS_PER_MM: Final = 72.0 / 25.4

TEXT: Final = TITLE
LINE_MM: Final = 3.0  # one line of such letters
SMALL: Final = 6.5

# Okabe and Ito's colours for the two that carry meaning (they stay apart for the
# colour-blind; line styles keep them apart in grey), greys for everything else.
PALETTE: Final[Mapping[str, str]] = {
    "model": "#0072B2",
    "corrected": "#D55E00",
    "example": "#C44601",
    "band": "#CFE3F0",
    "bars": "#C9CED3",
    "ink": "#1C1C1C",
    "reference": "#6B6B6B",
    "quiet": "#666666",
    "guide": "#DEDEDE",
    "faint": "#EFEFEF",
    "paper": "#FFFFFF",
}

_SETTINGS: Final[Mapping[str, Any]] = {
    "font.size": TEXT,
    "text.color": PALETTE["ink"],
    "text.parse_math": False,
    "axes.edgecolor": PALETTE["ink"],
    "axes.labelcolor": PALETTE["ink"],
    "axes.labelsize": TEXT,
    "axes.labelpad": 3.0,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.use_mathtext": False,
    "xtick.color": PALETTE["ink"],
    "ytick.color": PALETTE["ink"],
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.size": 2.6,
    "ytick.major.size": 2.6,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "xtick.major.pad": 2.4,
    "ytick.major.pad": 2.4,
    "lines.linewidth": 1.2,
    "lines.solid_capstyle": "butt",
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "legend.handlelength": 2.2,
    "legend.handletextpad": 0.6,
    "legend.labelspacing": 0.35,
    "legend.borderaxespad": 0.2,
    "figure.dpi": 100.0,
    "path.simplify": False,
    "svg.hashsalt": "vertebrisk",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw with the settings of the house; the caller's come back on leaving.

    Works as a context manager and as a decorator.
    """
    import matplotlib as mpl

    settings: dict[Any, Any] = {
        name: value for name, value in mpl.rcParamsDefault.items() if not name.startswith("backend")
    }
    settings |= {"font.family": list(font_families()), **_SETTINGS}
    # matplotlib looks closely at whatever is set: what is so already is not set again
    other = {name: value for name, value in settings.items() if mpl.rcParams[name] != value}
    with mpl.rc_context(other):
        yield


def new_figure(width_mm: float, height_mm: float) -> Figure:
    """An empty figure of a given size that belongs to no window and no global list."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), facecolor=PALETTE["paper"])
    FigureCanvasAgg(figure)
    return figure


def new_axes(
    width_mm: float,
    height_mm: float,
    *,
    left: float,
    right: float,
    bottom: float,
    top: float,
) -> Axes:
    """Axes in a new figure; all sizes and margins in millimetres."""
    return new_figure(width_mm, height_mm).add_axes(
        (
            left / width_mm,
            bottom / height_mm,
            max(width_mm - left - right, _LEAST_MM) / width_mm,
            (height_mm - bottom - top) / height_mm,
        )
    )


def taller(height_mm: float, width_mm: float) -> float:
    """Height of a figure that is so tall at a single column, at another width."""
    return height_mm + 0.25 * max(0.0, width_mm - SINGLE_MM)


def wide_axes(
    width_mm: float, height_mm: float, *, left: float, right: float, bottom: float, top: float
) -> Axes:
    """Axes in a new figure that is `height_mm` tall at a single column, and taller if wider."""
    return new_axes(
        width_mm, taller(height_mm, width_mm), left=left, right=right, bottom=bottom, top=top
    )


def square_axes(width_mm: float, *, left: float, right: float, bottom: float, top: float) -> Axes:
    """Square axes in a new figure; in a wide one they leave room on their right."""
    side = min(width_mm - left - right, SQUARE_MM)
    return new_axes(
        width_mm, side + bottom + top, left=left, right=width_mm - left - side,
        bottom=bottom, top=top,
    )  # fmt: skip


def room_beside(width_mm: float, left: float) -> float:
    """Room in points to the right of such axes for their key; 0 where it is too little."""
    room = width_mm - left - SQUARE_MM - 2.0 * _BESIDE_MM
    return room * POINTS_PER_MM if room >= _LEAST_KEY_MM else 0.0


def legend(ax: Axes, room: float = 0.0, **inside: Any) -> None:
    """The key of some axes: to their right where there is room, else where `inside` says."""
    if room:
        beside = 1.0 + _BESIDE_MM * POINTS_PER_MM / size_in_points(ax)[0]
        inside |= {"loc": "upper left", "bbox_to_anchor": (beside, 1.0), "borderaxespad": 0.0}
    ax.legend(**inside)


def beside(ax: Axes, text: str, **style: Any) -> None:
    """A text to the right of the axes, its last line at their foot."""
    ax.annotate(
        text, xy=(1.0, 0.0), xycoords="axes fraction", xytext=(_BESIDE_MM * POINTS_PER_MM, 0.0),
        textcoords="offset points", ha="left", va="bottom", linespacing=1.35,
        annotation_clip=False, **style,
    )  # fmt: skip


def canvas_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Bare axes whose unit is the printer's point, with y running downwards.

    Without `ax` a new figure of exactly that size is made; a given one is scaled to it.
    """
    if ax is None:
        figure = new_figure(width / POINTS_PER_MM, height / POINTS_PER_MM)
        ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set_xlim(0.0, width)
    ax.set_ylim(height, 0.0)
    ax.set_axis_off()
    return ax


def width_in_points(ax: Axes | None, otherwise_mm: float = DOUBLE_MM) -> float:
    """Width of some axes in printer's points, or of a new figure where there are none."""
    return otherwise_mm * POINTS_PER_MM if ax is None else size_in_points(ax)[0]


def size_in_points(ax: Axes) -> tuple[float, float]:
    """Width and height of axes in printer's points, as they are drawn now."""
    extent, figure = ax.get_window_extent(), ax.get_figure(root=True)
    assert figure is not None  # axes are made on a figure
    return float(extent.width) / figure.dpi * 72.0, float(extent.height) / figure.dpi * 72.0


def greatest(values: pl.Series) -> float:
    """The greatest number of a column, 0 where it holds none."""
    known = values.cast(pl.Float64).drop_nulls().drop_nans().to_numpy()
    return float(known.max()) if known.size else 0.0


def tidy(ax: Axes) -> None:
    """Thin left and bottom spines only; no name is read as TeX."""
    for text in (ax.xaxis.label, ax.yaxis.label, ax.title):
        text.set_parse_math(False)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_linewidth(0.6)


def diagonal(ax: Axes, limit: float, gid: str, **style: Any) -> None:
    """The dotted line on which both axes are the same."""
    ax.plot(
        [0.0, limit], [0.0, limit], color=PALETTE["reference"], lw=0.7, ls=(0, (1, 2)), gid=gid,
        **style,
    )  # fmt: skip


def mark(ax: Axes, label: str, *, dx: float = 0.0, dy: float = 2.5) -> None:
    """Write where the data come from ("Reconstructed data") above the top right corner.

    `dx` and `dy` move it from there, in printer's points.
    """
    if label:
        ax.annotate(
            label,
            xy=(1.0, 1.0),
            xycoords="axes fraction",
            xytext=(dx, dy),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=SMALL,
            color=PALETTE["quiet"],
            annotation_clip=False,
            gid="data-kind",
        )
