"""`vertebrisk demo`: the embedded study, start to end."""

from __future__ import annotations

import argparse

from vertebrisk.cli._options import add_run_options


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "demo",
        help="run the embedded study",
        allow_abbrev=False,
        description="Run the embedded study (Li 2021, reconstructed patients) start to end.",
        epilog="Example: vertebrisk demo --out demo-report --lang zh",
    )
    parser.add_argument("--study", default="li2021", metavar="ID", help="embedded study")
    add_run_options(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk.cli._running import run_and_report
    from vertebrisk.study.embedded import embedded_protocol

    with embedded_protocol(arguments.study) as protocol:
        return run_and_report(arguments, protocol, arguments.out)
