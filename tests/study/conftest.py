"""What the tests of whole runs share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from vertebrisk.report.figures.output import Format, render


def frame_of(figure: Any, format: Format) -> bytes:
    """A figure as an SVG of its size without a stroke; other formats are drawn."""
    if format != "svg":
        return render(figure, format)
    width, height = (72 * each for each in figure.get_size_inches())
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{height:g}pt"'
    return f'{head} viewBox="0 0 {width:g} {height:g}"></svg>'.encode()


@pytest.fixture(scope="module")
def undrawn() -> Iterator[None]:
    """Figures are laid out, and their strokes are left out, which take most of a run's time.

    For modules that look at no figure: `tests/report` looks at each, and the runs of
    `tests/cli/test_commands.py` and the embedded studies draw theirs.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vertebrisk.report.drawn.render", frame_of)
        yield
