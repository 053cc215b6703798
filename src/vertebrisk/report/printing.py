"""How a page is to be written: language, journal, formats and widths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vertebrisk._types import Language
from vertebrisk.report.drawn import PRINT_WIDTHS
from vertebrisk.report.figures.output import Format
from vertebrisk.report.figures.schemes import figure_words
from vertebrisk.report.words import Words
from vertebrisk.text.journals import Journal

DocumentFormat = Literal["xlsx", "tex"]


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
    documents : tuple of {"xlsx", "tex"}
        In which the tables come as well.
    widths : tuple of float
        Of the figures for print, in millimetres.
    """

    language: Language = "en"
    journal: Journal = "default"
    formats: tuple[Format, ...] = ("svg",)
    documents: tuple[DocumentFormat, ...] = ()
    widths: tuple[float, ...] = PRINT_WIDTHS

    @property
    def words(self) -> Words:
        """The words of a page that belongs to no study of its own."""
        return Words(self.language, journal=self.journal)

    @property
    def figure_words(self) -> Mapping[str, str]:
        """The words of its figures."""
        return figure_words(self.language, journal=self.journal)


PLAIN_PAGE = Printing()
