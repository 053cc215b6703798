"""`vertebrisk new`: protocol and codebook drafted from the data file, or a library entry."""

from __future__ import annotations

import argparse
from pathlib import Path

from vertebrisk.cli._options import (
    add_json,
    print_json,
    progress_bar,
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "new",
        help="start a study: draft protocol and codebook from the data file; or enter a paper",
        allow_abbrev=False,
        description="Start a study in a new folder. Names, labels, levels, types and ranges are "
        "drafted from the file; outcome, threshold and time point are for you to fill in. "
        "With --paper, start the library entry of a published study instead.",
        epilog="Example: vertebrisk new my-study --data patients.sav",
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="folder to make")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--data", type=Path, metavar="FILE", help="the patient file")
    source.add_argument(
        "--paper", action="store_true", help="a published study, to be entered by hand"
    )
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.paper:
        return _run_paper(arguments)
    with progress_bar(arguments.json) as progress:
        progress("reading", 0, 0)
        from vertebrisk.cohort import new_study

        files = new_study(arguments.directory, arguments.data)
    if arguments.json:
        print_json({"files": [str(path) for path in files]})
        return 0
    for path in files:
        print(f"Wrote {path}")
    print(
        f"Fill in the lines marked FILL-IN in {files[0]}, look through the codebook, "
        f"then run: vertebrisk check {files[0]}"
    )
    return 0


def _run_paper(arguments: argparse.Namespace) -> int:
    from vertebrisk.evidence.drafting import new_paper

    path = new_paper(arguments.directory)
    if arguments.json:
        print_json({"files": [str(path)]})
    else:
        print(f"Wrote {path}")
        print(
            f"Fill in the lines marked FILL-IN, add the paper's tables, "
            f"then run: vertebrisk library show {path}"
        )
    return 0
