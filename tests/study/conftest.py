"""What the tests of whole runs share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pytest

from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.report.drawn import PRINT_WIDTHS, Drawing, DrawnFigures, draw_all
from vertebrisk.report.figures.output import Format

EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72"></svg>'


def named_alone(
    drawings: Mapping[str, Drawing],
    formats: Sequence[Format] = ("svg",),
    widths: Sequence[float] = PRINT_WIDTHS,
    *,
    pictures: bool = False,
    prefix: str = "",
    watch: Watch = unwatched,
) -> DrawnFigures:
    """Each figure as an SVG without a stroke; where other formats are asked for, all are drawn."""
    if pictures or set(formats) - {"svg"}:
        return draw_all(drawings, formats, widths, pictures=pictures, prefix=prefix, watch=watch)
    files = {f"{key.removeprefix(prefix)}.svg": EMPTY.encode() for key in drawings}
    return DrawnFigures(dict.fromkeys(drawings, EMPTY), {}, files, ())


@pytest.fixture(scope="module")
def undrawn() -> Iterator[None]:
    """Figures have their places and captions, and are not drawn, which takes most of a run's time.

    For modules that look at no figure: `tests/report` looks at each, the runs of
    `tests/cli/test_commands.py` and the embedded studies draw theirs, and
    `tests/study/test_figures_run.py` lays out those of every kind of study.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vertebrisk.report.printing.draw_all", named_alone)
        yield
