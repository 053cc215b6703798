"""`vertebrisk report`: what changed between two runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import add_json, print_json
from vertebrisk.cli._printing import add_language

if TYPE_CHECKING:
    from vertebrisk.report.difference.changes import Difference

PAGE = "difference.html"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "report",
        help="what changed between two runs",
        allow_abbrev=False,
        description="Lay the results of two runs beside each other: what was asked, who was "
        "analysed, which predictors entered and left, how coefficients, performance and net "
        "benefit moved, which findings came and went, and how many of all numbers differ.",
        epilog="Example: vertebrisk report --diff first/results.json second/results.json",
    )
    parser.add_argument(
        "--diff",
        nargs=2,
        type=Path,
        required=True,
        metavar=("BEFORE", "AFTER"),
        help="results.json of two runs, or their folders",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for difference.html and difference.json"
    )
    add_language(parser)
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk.report.difference.changes import compare_runs
    from vertebrisk.report.difference.reading import read_run
    from vertebrisk.report.difference.text import render_difference
    from vertebrisk.report.words import Words

    found = compare_runs(*map(read_run, arguments.diff))
    if arguments.out is not None:
        _write(found, arguments)
    if arguments.json:
        print_json(found.to_dict())
    else:
        print(render_difference(found, Words(arguments.lang)))
        if arguments.out is not None:
            print(f"\nReport: {(arguments.out / PAGE).resolve()}")
    return 0


def _write(found: Difference, arguments: argparse.Namespace) -> None:
    """The page and the document of a comparison."""
    from vertebrisk._files import json_text, write_all
    from vertebrisk.report.difference.page import difference_page
    from vertebrisk.report.page.html import html_page

    page = html_page(difference_page(found, arguments.lang), {})
    document = json_text(found.to_dict())
    write_all(
        arguments.out,
        {PAGE: page.encode(), "difference.json": document.encode()},
    )
