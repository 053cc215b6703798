"""`vertebrisk report`: what changed between two runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from vertebrisk.cli._options import add_json, check_page, print_json
from vertebrisk.cli._printing import add_printing, printing_of


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
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for difference.html, difference.json and other formats",
    )
    add_printing(parser)
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    printing = printing_of(arguments)
    check_page(arguments.out)
    from vertebrisk._files import write_all
    from vertebrisk.report.difference.changes import compare_runs
    from vertebrisk.report.difference.files import PAGE, difference_files
    from vertebrisk.report.difference.reading import read_run
    from vertebrisk.report.difference.text import render_difference

    found = compare_runs(*map(read_run, arguments.diff))
    files = difference_files(found, printing)
    if arguments.out is not None:
        write_all(arguments.out, files)
    if arguments.json:
        print_json(found.to_dict())
    else:
        print(render_difference(found, printing.words))
        if arguments.out is not None:
            print(f"\nReport: {(arguments.out / PAGE).resolve()}")
    return 0
