"""How a page is to be written: language, journal, formats and widths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Literal

from vertebrisk._types import Language
from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.errors import ArgumentError
from vertebrisk.report.drawn import PRINT_WIDTHS, Drawing, DrawnFigures, draw_all
from vertebrisk.report.figures.output import Format
from vertebrisk.report.figures.schemes import figure_words
from vertebrisk.report.words import Words
from vertebrisk.text.journals import Journal

DocumentFormat = Literal["docx", "xlsx", "tex"]

# Formats whose package is an extra: the name it is installed by, and that of its module.
PACKAGES: Mapping[DocumentFormat, tuple[str, str]] = {
    "docx": ("python-docx", "docx"),
    "xlsx": ("xlsxwriter", "xlsxwriter"),
}


@dataclass(frozen=True, slots=True)
class Printing:
    """How a page is to be written, beside HTML.

    Parameters
    ----------
    language : {"en", "zh"}
        Of headings, sentences, tables and figures.
    journal : str
        Whose style the numbers are printed in.
    formats : tuple of {"svg", "pdf", "png", "tiff"}
        Of the figures; SVG is always there.
    documents : tuple of {"docx", "xlsx", "tex"}
        The page as a document of Word, and its tables apart.
    widths : tuple of float
        Of the figures for print, in millimetres.
    watch : callable
        Called with a step of the drawing, and how much of it is done and to be done.

    Raises
    ------
    ArgumentError
        When the package of a document's format is not installed; it names the extra.
    """

    language: Language = "en"
    journal: Journal = "default"
    formats: tuple[Format, ...] = ("svg",)
    documents: tuple[DocumentFormat, ...] = ()
    widths: tuple[float, ...] = PRINT_WIDTHS
    watch: Watch = field(default=unwatched, compare=False)

    def __post_init__(self) -> None:
        for name in self.documents:
            package, module = PACKAGES.get(name, ("", ""))
            if module and find_spec(module) is None:
                raise ArgumentError(
                    f"The format {name} needs the package {package}: "
                    "python -m pip install 'vertebrisk[paper]', or leave it out."
                )

    def drawn(self, drawings: Mapping[str, Drawing], prefix: str = "") -> DrawnFigures:
        """The figures of the page in these formats and widths, as pictures for Word too."""
        pictures = "docx" in self.documents
        return draw_all(
            drawings,
            self.formats,
            self.widths,
            pictures=pictures,
            prefix=prefix,
            watch=self.watch,
        )

    @property
    def words(self) -> Words:
        """The words of a page that belongs to no study of its own."""
        return Words(self.language, journal=self.journal)

    @property
    def figure_words(self) -> Mapping[str, str]:
        """The words of its figures."""
        return figure_words(self.language, journal=self.journal)


PLAIN_PAGE = Printing()
