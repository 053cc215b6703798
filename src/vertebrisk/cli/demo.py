"""`vertebrisk demo`: an embedded study, start to end."""

from __future__ import annotations

import argparse

from vertebrisk.cli._options import add_run_options


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "demo",
        help="run an embedded study",
        allow_abbrev=False,
        description="Run an embedded study start to end: li2021 (a nomogram study), "
        "anonymous2020 (sampled controls), anonymous2021, anonymous2024 (few events) or chen2025 "
        "(time to event, scores over follow-up). None of their patients is real.",
        epilog="Example: vertebrisk demo --study chen2025 --out demo-report --lang zh",
    )
    parser.add_argument(
        "--study", default="li2021", metavar="ID", help="embedded study (default li2021)"
    )
    add_run_options(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk.cli._running import run_and_report
    from vertebrisk.studies import embedded_protocol

    with embedded_protocol(arguments.study) as protocol:
        return run_and_report(arguments, protocol, arguments.out)
