"""`vertebrisk reconstruct`: patients that agree with everything a paper prints."""

from __future__ import annotations

import argparse
from pathlib import Path

from vertebrisk.cli._options import (
    add_json,
    print_json,
    progress_bar,
)

NOTES_SUFFIX = ".notes.json"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "reconstruct",
        help="patients that agree with a published study",
        allow_abbrev=False,
        description="Make individual patients that agree with everything a paper prints, and say "
        "how near each printed number came. They are reconstructed, or simulated where only an "
        "abstract is at hand; none is real. Assumptions and agreement are written beside FILE, "
        f"with the suffix {NOTES_SUFFIX}.",
        epilog="Example: vertebrisk reconstruct li2021 --out patients.csv --seed 1",
    )
    parser.add_argument("paper", metavar="PAPER", help="library id, or a study's TOML file")
    parser.add_argument("--out", type=Path, metavar="FILE", required=True, help="CSV file to write")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed (default 1)")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk._files import json_text, write_all
    from vertebrisk.errors import ArgumentError
    from vertebrisk.evidence.reconstruction.cohort import reconstruction

    out: Path = arguments.out
    if out.suffix.lower() != ".csv":
        raise ArgumentError(f"--out '{out}' must end with .csv; that is what is written.")
    with progress_bar(arguments.json) as progress:
        progress("reconstructing", 0, 0)
        made = reconstruction(arguments.paper, arguments.seed)
    notes = out.with_suffix(NOTES_SUFFIX)
    document = made.notes.to_dict()
    write_all(
        out.parent,
        {notes.name: json_text(document).encode(), out.name: made.csv_text().encode()},
    )
    if arguments.json:
        print_json(document | {"file": str(out), "notes": str(notes)})
    else:
        print(made.notes.text())
        print(f"\nWrote {out} and {notes}")
    return 0
