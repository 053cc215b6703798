"""`vertebrisk run`: protocol in, report out."""

from __future__ import annotations

import argparse
from pathlib import Path

from vertebrisk.cli._options import add_run_options


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "run",
        help="run a study's protocol and write its report",
        allow_abbrev=False,
        description="Run a study: cohort, comparison, model, validation, nomogram, report.",
        epilog="Example: vertebrisk run my-study/protocol.toml --out results --formats svg,png",
    )
    parser.add_argument("protocol", type=Path, metavar="PROTOCOL", help="the protocol, a TOML file")
    parser.add_argument("--data", type=Path, metavar="FILE", help="another data file")
    add_run_options(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk.cli._running import run_and_report

    return run_and_report(arguments, arguments.protocol, arguments.out)
