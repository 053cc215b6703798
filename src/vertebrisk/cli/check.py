"""`vertebrisk check`: protocol and data checked, the flow printed, nothing modelled."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import (
    add_json,
    print_findings,
    print_json,
    progress_bar,
)
from vertebrisk.cli._printing import add_language
from vertebrisk.text.messages import Message, said, say
from vertebrisk.text.phrases import time_unit

if TYPE_CHECKING:
    from vertebrisk._types import Language
    from vertebrisk.cohort import Flow
    from vertebrisk.cohort.flow import StepKind

_KINDS: dict[StepKind, Message] = {
    "include": say("include"),
    "exclude": say("exclude"),
    "undetermined": say("undetermined"),
    "outcome-missing": say("outcome-missing"),
    "not-sampled": say("not-sampled"),
    "set-missing": say("set-missing"),
    "set-idle": say("set-idle"),
    "predictor-missing": say("predictor-missing"),
}


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
    add_language(parser)
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:

    language: Language = arguments.lang
    with progress_bar(arguments.json) as progress:
        progress("checking", 0, 0)
        from vertebrisk.study.checking import checked_study

        cohort, findings = checked_study(arguments.protocol, arguments.data)
    from vertebrisk.findings import count_by_severity, gathered, has_errors

    ordered = gathered(findings, language)
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
        print_findings(ordered, language)
        told: list[Message] = []
        if cohort is not None:
            told += _flow(cohort.flow)
            if cohort.population is not None:
                told.append(
                    say(
                        "  from a population with a prevalence of {prevalence:.2%}",
                        prevalence=cohort.population.prevalence,
                    )
                )
        told.append(
            say("{error} errors, {warning} warnings, {note} notes", **count_by_severity(ordered))
        )
        for line in told:
            print(said(line, language))
    if cohort is None or any(each.code == "cannot-run" for each in ordered):
        return 2
    return 1 if has_errors(ordered) else 0


def _flow(flow: Flow) -> Iterator[Message]:
    yield say("{n} rows read", n=flow.n_read)
    for step in flow.steps:
        yield say(
            "  {removed} removed, {remaining} left: {kind}, {reason}",
            removed=step.removed,
            remaining=step.remaining,
            kind=_KINDS[step.kind],
            reason=step.reason,
        )
    yield say(
        "{n} analysed, {n_events} with the event, {n_patients} patients",
        n=flow.n,
        n_events=flow.n_events,
        n_patients=flow.n_patients,
    )
    if flow.follow_up is None:
        return
    times = flow.follow_up
    rivals = times.n_competing
    yield say(
        "  {competing}{n_censored} censored; {total:g} {unit} at risk in all, {longest:g} the "
        "longest",
        competing=say("{n} with the competing event, ", n=rivals) if rivals else "",
        n_censored=times.n_censored,
        total=times.total,
        unit=time_unit(times.unit),
        longest=times.longest,
    )
