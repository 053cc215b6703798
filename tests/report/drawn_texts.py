"""What tests ask of a drawn figure: its texts and marks; no text meets another or the edge."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from vertebrisk.report.figures import missing_glyphs

NO_CHINESE_FONT = "no Chinese font is installed (fonts-noto-cjk): its letters are not looked at"


def skip_without_chinese_font(texts: Iterable[str] = ("中文",)) -> None:
    """Skip the test where no font of this machine draws these texts."""
    if missing_glyphs(texts):
        pytest.skip(NO_CHINESE_FONT)


def figure_of(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def seen(ax: Axes) -> list[Text]:
    """Every text of a figure that is drawn."""
    found = [text for text in figure_of(ax).findobj(Text) if isinstance(text, Text)]
    return [text for text in found if text.get_text().strip() and text.get_visible()]


def by_gid(ax: Axes, gid: str) -> list[Artist]:
    return ax.findobj(lambda artist: artist.get_gid() == gid)


def line(ax: Axes, gid: str) -> Line2D:
    (found,) = by_gid(ax, gid)
    assert isinstance(found, Line2D)
    return found


def nothing_collides(texts: list[Text], slack: float = 0.3) -> None:
    """Fail if the boxes of two texts meet by more than `slack` printer's points."""
    boxes = [text.get_window_extent() for text in texts]
    allowed = slack * 100.0 / 72.0
    for a, b in itertools.combinations(range(len(boxes)), 2):
        wide = min(boxes[a].x1, boxes[b].x1) - max(boxes[a].x0, boxes[b].x0)
        tall = min(boxes[a].y1, boxes[b].y1) - max(boxes[a].y0, boxes[b].y0)
        assert wide <= allowed or tall <= allowed, (texts[a].get_text(), texts[b].get_text())


def keeps_apart_and_inside(ax: Axes, edge: float = 0.3) -> None:
    """Fail if two texts meet, or one leaves the figure by more than `edge` printer's points."""
    figure, texts = figure_of(ax), seen(ax)
    figure.draw_without_rendering()
    nothing_collides(texts)
    allowed = edge * figure.dpi / 72.0
    for text in texts:
        box = text.get_window_extent()
        assert box.x0 >= -allowed, text.get_text()
        assert box.y0 >= -allowed, text.get_text()
        assert box.x1 <= figure.bbox.x1 + allowed, text.get_text()
        assert box.y1 <= figure.bbox.y1 + allowed, text.get_text()
