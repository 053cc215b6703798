"""`vertebrisk new`: protocol and codebook drafted from the data file."""

from __future__ import annotations

import argparse
from pathlib import Path

from vertebrisk.cli._options import add_json, print_json


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "new",
        help="start a study: draft protocol and codebook from the data file",
        allow_abbrev=False,
        description="Start a study in a new folder. Names, labels, levels, types and ranges are "
        "drafted from the file; outcome, threshold and time point are for you to fill in.",
        epilog="Example: vertebrisk new my-study --data patients.sav",
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="folder to make")
    parser.add_argument("--data", type=Path, metavar="FILE", help="the patient file")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
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
