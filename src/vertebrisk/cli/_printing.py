"""In which language, style and formats a page is written: the options, and what they say."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from vertebrisk.report.figures.output import Format
    from vertebrisk.report.printing import DocumentFormat, Printing

LEAST_WIDTH, MOST_WIDTH = 60.0, 300.0  # of a figure, in millimetres
FOR_PRINT = ("pdf", "png", "tiff")
FIGURES = ("svg", *FOR_PRINT)
DOCUMENTS = ("docx", "xlsx", "tex")


def add_printing(parser: argparse.ArgumentParser) -> None:
    """``--formats``, ``--widths``, ``--lang`` and ``--journal``."""
    parser.add_argument(
        "--formats",
        default="svg",
        metavar="LIST",
        help="of figures: svg,pdf,png,tiff; docx: the report for Word; of the tables: xlsx,tex",
    )
    parser.add_argument(
        "--widths",
        metavar="LIST",
        help="widths in mm of the figures for print (85,174: one and two columns)",
    )
    add_language(parser)
    parser.add_argument(
        "--journal",
        default="default",
        metavar="NAME",
        help="whose style the numbers are printed in: nejm, jama, lancet, bmj",
    )


def add_language(parser: argparse.ArgumentParser) -> None:
    """``--lang``."""
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language")


def printing_of(arguments: argparse.Namespace) -> Printing:
    """What the options ask for.

    Raises
    ------
    ArgumentError
        A format, width or journal that there is not, a format whose package is missing, or
        widths without a format that has them.
    """
    names = _formats(arguments.formats)
    widths = _widths(arguments.widths, names)
    from vertebrisk.report.drawn import PRINT_WIDTHS
    from vertebrisk.report.printing import Printing
    from vertebrisk.text.journals import journal_named

    return Printing(
        language=arguments.lang,
        journal=journal_named(arguments.journal),
        formats=tuple(cast("Format", name) for name in names if name in FIGURES),
        documents=tuple(cast("DocumentFormat", name) for name in names if name in DOCUMENTS),
        widths=PRINT_WIDTHS if widths is None else widths,
    )


def _formats(text: str) -> tuple[str, ...]:
    """Formats from a comma-separated list."""
    from vertebrisk._checks import nearest
    from vertebrisk.errors import ArgumentError

    known = (*FIGURES, *DOCUMENTS)
    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",")))
    if "" in names:
        where = f"'{text}' has an empty name" if any(names) else "is empty"
        raise ArgumentError(f"--formats {where}; there are {', '.join(known)}.")
    for name in names:
        if name not in known:
            raise ArgumentError(
                f"--formats '{name}' is not known; there are {', '.join(known)}."
                f"{nearest(name, known)}"
            )
    return names


def _widths(text: str | None, formats: tuple[str, ...]) -> tuple[float, ...] | None:
    """Widths from a comma-separated list, in millimetres; None where nobody asks for any."""
    from vertebrisk.errors import ArgumentError

    if text is None:
        return None
    try:
        widths = tuple(dict.fromkeys(float(part) for part in text.split(",")))
    except ValueError:
        widths = ()
    if not widths or not all(LEAST_WIDTH <= each <= MOST_WIDTH for each in widths):
        raise ArgumentError(
            f"--widths '{text}' is not a list of widths in millimetres, each from "
            f"{LEAST_WIDTH:g} to {MOST_WIDTH:g}, such as 85,174."
        )
    if not set(formats) & set(FOR_PRINT):
        raise ArgumentError(
            f"--widths '{text}' is of the figures for print, and --formats asks for none; add "
            f"one of {', '.join(FOR_PRINT)}."
        )
    return widths
