"""`vertebrisk calculator`: a model as one HTML file that needs no server."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "calculator",
        help="a model as one HTML file, for the bedside",
        allow_abbrev=False,
        description="Write the calculator of a model: risk, interval, points and nomogram in one "
        "file that opens without a network and holds no patient.",
        epilog="Example: vertebrisk calculator results/model.json --out calculator.html",
    )
    parser.add_argument("model", metavar="MODEL", help="model.json of a run, or a library id")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        default=Path("calculator.html"),
        help="page to write (default: calculator.html)",
    )
    parser.add_argument(
        "--lang", choices=("en", "zh"), default="en", help="language in which it opens"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk.bedside.calculator.page import calculator_page
    from vertebrisk.evidence.export import find_model

    model, _ = find_model(arguments.model)
    page = calculator_page(model, arguments.lang)
    arguments.out.write_text(page, encoding="utf-8", newline="\n")
    print(f"{arguments.out}: {len(page.encode()):,} bytes, opens without a network.")
    return 0
