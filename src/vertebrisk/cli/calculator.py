"""`vertebrisk calculator`: a model as one HTML file that needs no server."""

from __future__ import annotations

import argparse
from pathlib import Path

from vertebrisk.cli._options import add_json, print_json, print_notes


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
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    _check_out(arguments)
    from vertebrisk._files import write_text
    from vertebrisk.bedside.calculator.page import calculator_page
    from vertebrisk.evidence.export import find_model
    from vertebrisk.models.portable.identity import model_version

    model, notes = find_model(arguments.model)
    page = calculator_page(model, arguments.lang)
    write_text(arguments.out, page)
    size = len(page.encode())
    if arguments.json:
        print_json(
            {"file": str(arguments.out), "bytes": size, "model_version": model_version(model)}
        )
    else:
        print(f"Wrote {arguments.out} ({size:,} bytes); it opens without a network.")
    print_notes(notes)
    return 0


def _check_out(arguments: argparse.Namespace) -> None:
    """The output is a page, and not the model that is read."""
    from vertebrisk.errors import ArgumentError

    out = arguments.out
    if out.suffix.lower() not in (".html", ".htm"):
        raise ArgumentError(f"--out '{out}' must end with .html; that is what is written.")
    if out.resolve() == Path(arguments.model).resolve():
        raise ArgumentError(f"--out '{out}' would overwrite the model; name another file.")
