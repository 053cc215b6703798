"""`vertebrisk check`: protocol and data checked, the flow printed, nothing modelled."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import add_json, print_findings, print_json

if TYPE_CHECKING:
    from vertebrisk.cohort import Flow


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "check",
        help="check protocol and data, print findings and flow",
        allow_abbrev=False,
        description="Check a protocol and its data. Exit status 1 when data break a rule of the "
        "protocol, 2 when the study cannot be run at all.",
        epilog="Example: vertebrisk check my-study/protocol.toml",
    )
    parser.add_argument("protocol", type=Path, metavar="PROTOCOL", help="the protocol, a TOML file")
    parser.add_argument("--data", type=Path, metavar="FILE", help="another data file")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk.findings import by_severity, count_by_severity, has_errors
    from vertebrisk.study.checking import checked_study

    cohort, findings = checked_study(arguments.protocol, arguments.data)
    ordered = by_severity(findings)
    if arguments.json:
        print_json(
            {
                "flow": cohort.flow.to_dict() if cohort else None,
                "population": cohort.population.to_dict()
                if cohort is not None and cohort.population is not None
                else None,
                "findings": [finding.to_dict() for finding in ordered],
            }
        )
    else:
        print_findings(ordered, cells=True)
        if cohort is not None:
            _print_flow(cohort.flow)
            if cohort.population is not None:
                print(
                    f"  from a population with a prevalence of {cohort.population.prevalence:.2%}"
                )
        counts = count_by_severity(ordered)
        print(f"{counts['error']} errors, {counts['warning']} warnings, {counts['note']} notes")
    if cohort is None or any(each.code == "cannot-run" for each in ordered):
        return 2
    return 1 if has_errors(ordered) else 0


def _print_flow(flow: Flow) -> None:
    print(f"{flow.n_read} rows read")
    for step in flow.steps:
        print(f"  {step.removed} removed, {step.remaining} left: {step.kind}, {step.reason}")
    print(f"{flow.n} analysed, {flow.n_events} with the event, {flow.n_patients} patients")
    if flow.follow_up is not None:
        times = flow.follow_up
        competing = f"{times.n_competing} with the competing event, " if times.n_competing else ""
        print(
            f"  {competing}{times.n_censored} censored; "
            f"{times.total:g} {times.unit} at risk in all, {times.longest:g} the longest"
        )
