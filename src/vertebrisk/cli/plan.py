"""`vertebrisk plan`: an analysis proposed before any outcome is looked at."""

from __future__ import annotations

import argparse
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import (
    add_json,
    print_json,
    progress_bar,
)
from vertebrisk.cli._printing import add_language
from vertebrisk.text.messages import said, say

if TYPE_CHECKING:
    from vertebrisk._types import Language
    from vertebrisk.study.planning import AnalysisPlan


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "plan",
        help="propose an analysis from size, events, missing values and candidates",
        allow_abbrev=False,
        description="Propose an analysis that would pass an appraisal, with the reason for each "
        "choice. Which patients have the event is not looked at, only how many. --out writes the "
        "proposal as a protocol, to accept or edit.",
        epilog="Example: vertebrisk plan my-study/protocol.toml --out my-study/planned.toml",
    )
    parser.add_argument("protocol", type=Path, metavar="PROTOCOL", help="the protocol, a TOML file")
    parser.add_argument("--data", type=Path, metavar="FILE", help="another data file")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="protocol to write, beside the given one"
    )
    add_language(parser)
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk._files import write_text

    if arguments.out is not None:
        _check_out(arguments.out, arguments.protocol)
    with progress_bar(arguments.json) as progress:
        progress("planning", 0, 0)
        from vertebrisk.study.planning import plan_study

        plan = plan_study(arguments.protocol, arguments.data)
    language: Language = arguments.lang
    plan = replace(plan, proposals=tuple(each.said(language) for each in plan.proposals))
    if arguments.out is not None:
        write_text(arguments.out, plan.protocol)
    if arguments.json:
        print_json({**plan.to_dict(), "file": str(arguments.out) if arguments.out else None})
        return 0
    _print_plan(plan, language)
    if arguments.out is not None:
        out = arguments.out
        told = say("Wrote {out}; look through it, then run: vertebrisk check {out}", out=out)
        print(said(told, language))
    elif any(each.change is not None for each in plan.proposals):
        told = say("Lines marked * change the protocol: --out FILE writes it.")
        print(said(told, language))
    return 0


def _print_plan(plan: AnalysisPlan, language: Language) -> None:
    size = plan.size
    for line in (
        say(
            "{n} rows, {n_events} with the event, {n_patients} patients",
            n=size.n,
            n_events=size.n_events,
            n_patients=size.n_patients,
        ),
        say(
            "  {parameters} parameters proposed; at most {most} carried without overfitting",
            parameters=size.parameters,
            most=size.most_parameters,
        ),
    ):
        print(said(line, language))
    for each in plan.proposals:
        mark = "* " if each.change is not None else "- "
        print(textwrap.fill(each.message, 100, initial_indent=mark, subsequent_indent="  "))
        print(textwrap.fill(each.reason, 100, initial_indent="    ", subsequent_indent="    "))
    if not plan.proposals:
        print(said(say("Nothing to change."), language))


def _check_out(out: Path, protocol: Path) -> None:
    """The output is another protocol in the same folder, from which data are named."""
    from vertebrisk.errors import ArgumentError

    if out.suffix.lower() != ".toml":
        raise ArgumentError(f"--out '{out}' must end with .toml; that is what is written.")
    if out.resolve() == protocol.resolve():
        raise ArgumentError(f"--out '{out}' would overwrite the protocol; name another file.")
    if out.resolve().parent != protocol.resolve().parent:
        raise ArgumentError(
            f"--out '{out}' lies outside the protocol's folder, from which data and codebook are "
            f"named; write {protocol.parent / out.name}."
        )
