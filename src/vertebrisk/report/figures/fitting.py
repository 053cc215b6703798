"""Whether a figure can be read: no text meets another or leaves the picture."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from vertebrisk.report.figures.style import POINTS_PER_MM, house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TALLEST_MM: Final = 235.0  # the height of a journal's page
_SLACK: Final = 0.6  # printer's points by which the boxes of two texts may meet


def fits(figure: Figure) -> bool:
    """Whether a figure fits on a page and every text of it can be read."""
    height = figure.get_figheight() * 72.0 / POINTS_PER_MM
    return height <= TALLEST_MM and not unreadable(figure)


@house_style()
def unreadable(figure: Figure) -> tuple[str, ...]:
    """Texts that are cut off by the edge, or meet another."""
    figure.draw_without_rendering()
    drawn = [(text.get_text(), text.get_window_extent()) for text in _texts(figure)]
    scale = figure.dpi / 72.0
    edge = figure.bbox
    cut = [
        text
        for text, box in drawn
        if box.x0 < edge.x0 - scale
        or box.y0 < edge.y0 - scale
        or box.x1 > edge.x1 + scale
        or box.y1 > edge.y1 + scale
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
