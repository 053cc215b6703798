"""The figures of a page in every format and width asked for: one way for all pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vertebrisk._types import Language
from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.findings import Finding
from vertebrisk.report.figures.fitting import TALLEST_MM, fits, height_mm
from vertebrisk.report.figures.lettering import missing_glyphs
from vertebrisk.report.figures.output import Format, figure_texts, render
from vertebrisk.report.figures.style import DOUBLE_MM, SINGLE_MM
from vertebrisk.text.messages import joined, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Called without arguments it draws at the figure's own width, with `width_mm` at another.
Drawing = Callable[..., "Axes | Figure | tuple[Figure, Any]"]

PRINT_WIDTHS: Final = (SINGLE_MM, DOUBLE_MM)


@dataclass(frozen=True, slots=True)
class DrawnFigures:
    """The figures of one page, drawn.

    Attributes
    ----------
    page : mapping
        SVG by key, each at the figure's own width.
    pictures : mapping
        PNG by key at the same width, for Word; without those whose letters no font draws.
    files : mapping
        Every file by its path in the folder of figures: ``roc.svg`` as on the page,
        ``85mm/roc.tiff`` and ``174mm/roc.tiff`` for print.
    findings : tuple of Finding
        What was left out, and why.
    """

    page: Mapping[str, str]
    pictures: Mapping[str, bytes]
    files: Mapping[str, bytes]
    findings: tuple[Finding, ...]

    def told(self, language: Language) -> tuple[Finding, ...]:
        """What was left out, in this language."""
        return tuple(finding.said(language) for finding in self.findings)


def draw_all(
    drawings: Mapping[str, Drawing],
    formats: Sequence[Format] = ("svg",),
    widths: Sequence[float] = PRINT_WIDTHS,
    *,
    pictures: bool = False,
    prefix: str = "",
    watch: Watch = unwatched,
) -> DrawnFigures:
    """Draw every figure of a page.

    Parameters
    ----------
    drawings : mapping
        By the figure's key; with `width_mm` a drawing lays itself out for that width.
    formats : sequence of {"svg", "pdf", "png", "tiff"}
        SVG of the page is always there. Where another is asked for, each format comes at each
        of `widths`.
    widths : sequence of float
        In millimetres. The widest is always drawn; a figure that cannot be read at a narrower
        one is left out there.
    pictures : bool
        Whether to make PNGs for Word.
    prefix : str
        What the names of files leave out of the keys.
    watch : callable
        Called with the step, and how many figures are drawn and to be drawn.
    """
    printed = list(dict.fromkeys(formats)) if set(formats) - {"svg"} else []
    page: dict[str, str] = {}
    shown: dict[str, bytes] = {}
    files: dict[str, bytes] = {}
    lacking: dict[str, set[str]] = {}
    narrow: dict[float, list[str]] = {}
    tall: list[str] = []
    for done, (key, draw) in enumerate(drawings.items()):
        watch("figures", done, len(drawings))
        figure = whole_figure(draw())
        name = key.removeprefix(prefix)
        svg = render(figure, "svg")
        page[key], files[f"{name}.svg"] = svg.decode("utf-8"), svg
        strange = missing_glyphs(figure_texts(figure))
        if strange:
            lacking[name] = strange
        elif pictures:
            shown[key] = render(figure, "png")
        for width in widths if printed else ():
            figure = whole_figure(draw(width_mm=width))
            if width < max(widths) and not fits(figure):
                narrow.setdefault(width, []).append(name)
                continue
            if height_mm(figure) > TALLEST_MM:
                tall.append(name)
            for suffix in printed:
                if suffix == "svg" or not strange:
                    files[f"{width:g}mm/{name}.{suffix}"] = render(figure, suffix)
    told = (*_lacking(lacking), *_narrow(narrow, max(widths)), *_tall(tall, max(widths)))
    return DrawnFigures(page, shown, files, told)


def whole_figure(drawn: Axes | Figure | tuple[Figure, Any]) -> Figure:
    """A figure: itself, that of axes, or the first of a figure and its axes by name."""
    from matplotlib.figure import Figure

    if isinstance(drawn, tuple):
        drawn = drawn[0]
    if isinstance(drawn, Figure):
        return drawn
    figure = drawn.get_figure(root=True)
    assert figure is not None  # axes are made on a figure
    return figure


def _lacking(found: Mapping[str, set[str]]) -> tuple[Finding, ...]:
    if not found:
        return ()
    letters = sorted(set().union(*found.values()))
    return (
        Finding(
            code="missing-font",
            severity="note",
            message=say(
                "No font of this machine draws {n} of the characters in {figures} figures, such "
                "as {letters}: these figures come as SVG alone, whose letters the reader's "
                "own fonts draw.",
                n=len(letters),
                figures=len(found),
                letters=" ".join(letters[:5]),
            ),
            remedy=say(
                "For Chinese, Japanese or Korean install Noto Sans CJK: fonts-noto-cjk "
                "(Debian, Ubuntu), google-noto-sans-cjk-fonts (Fedora), font-noto-sans-cjk "
                "(Homebrew on macOS); Windows and macOS bring one. Scripts that run from "
                "right to left or join their letters are drawn by browsers alone: open the "
                "SVG there and print it."
            ),
        ),
    )


def _narrow(found: Mapping[float, Sequence[str]], widest: float) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code="narrow-figure",
            severity="note",
            message=say(
                "Not legible at {width:g} mm, and left out there: {names}.",
                width=width,
                names=joined(names),
            ),
            remedy=say(
                "Use them at {widest:g} mm, or shorten the labels in the protocol.", widest=widest
            ),
        )
        for width, names in found.items()
    )


def _tall(names: Sequence[str], width: float) -> tuple[Finding, ...]:
    if not names:
        return ()
    return (
        Finding(
            code="tall-figure",
            severity="note",
            message=say(
                "Taller at {width:g} mm than a journal's page of {page:g} mm: {names}.",
                width=width,
                page=TALLEST_MM,
                names=joined(names),
            ),
            remedy=say("Print such a figure as a supplement, or shorten the labels."),
        ),
    )
