"""Whether a figure can be read: no text meets another or leaves the picture."""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from vertebrisk.report.figures.lettering import NO_GLYPH
from vertebrisk.report.figures.style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TALLEST_MM: Final = 235.0  # the height of a journal's page
_DPI: Final = 300.0
_SLACK: Final = 0.6  # printer's points by which the boxes of two texts may meet


def fits(figure: Figure) -> bool:
    """Whether a figure fits on a page and every text of it can be read."""
    return height_mm(figure) <= TALLEST_MM and not unreadable(figure)


def height_mm(figure: Figure) -> float:
    """Height of a figure in millimetres."""
    return float(figure.get_figheight()) * 25.4


@house_style()
def unreadable(figure: Figure) -> tuple[str, ...]:
    """Texts that are cut off by the edge, or meet another."""
    own = figure.dpi
    figure.set_dpi(_DPI)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=NO_GLYPH)
            figure.draw_without_rendering()
            drawn = [(text.get_text(), text.get_window_extent()) for text in _texts(figure)]
    finally:
        figure.set_dpi(own)
    scale = _DPI / 72.0
    right, top = (side * _DPI for side in figure.get_size_inches())
    cut = [
        text
        for text, box in drawn
        if min(box.x0, box.y0) < -scale or box.x1 > right + scale or box.y1 > top + scale
    ]
    for (text, box), (other, beside) in combinations(drawn, 2):
        wide = min(box.x1, beside.x1) - max(box.x0, beside.x0)
        tall = min(box.y1, beside.y1) - max(box.y0, beside.y0)
        if min(wide, tall) > _SLACK * scale:
            cut += [text, other]
    return tuple(dict.fromkeys(cut))


def _texts(figure: Figure) -> list[Any]:
    """Every text that is drawn: ticks beyond the ends of their axis are not."""
    from matplotlib.axis import Tick
    from matplotlib.text import Text

    hidden = {
        text for tick in figure.findobj(Tick) if not _inside(tick) for text in tick.findobj(Text)
    }
    return [
        text
        for text in figure.findobj(Text)
        if isinstance(text, Text)
        and text not in hidden
        and text.get_visible()
        and text.get_text().strip()
    ]


def _inside(tick: Any) -> bool:
    """Whether a tick lies between the ends of its axis."""
    from matplotlib.axis import XTick

    axis = tick.axes.xaxis if isinstance(tick, XTick) else tick.axes.yaxis
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    return bool(low - slack <= tick.get_loc() <= high + slack)
