"""What `run` and `demo` do alike."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._collecting import seldom_collected
from vertebrisk.cli._options import (
    print_json,
    print_page,
    progress_bar,
)
from vertebrisk.cli._printing import printing_of

if TYPE_CHECKING:
    from vertebrisk.protocol import Protocol
    from vertebrisk.report.printing import Printing
    from vertebrisk.study.output import Written
    from vertebrisk.study.steps import Progress, StudyRun
    from vertebrisk.study.streamed.preparing import ScannedRun
    from vertebrisk.study.unfinished import Unfinished

MOST_RESAMPLES = 1_000_000


@seldom_collected()
def run_and_report(arguments: argparse.Namespace, protocol_path: Path, out: Path | None) -> int:
    """Run a study, write its folder, and show the summary or its JSON form."""
    printing = printing_of(arguments)
    from vertebrisk._checks import check_positive_int
    from vertebrisk.errors import ArgumentError
    from vertebrisk.protocol import load_protocol

    if arguments.resamples is not None:
        check_positive_int(arguments.resamples, "--resamples")
        if arguments.resamples > MOST_RESAMPLES:
            raise ArgumentError(
                f"--resamples is {arguments.resamples}; at most {MOST_RESAMPLES} are allowed."
            )
    if arguments.seed is not None and arguments.seed < 0:
        raise ArgumentError(f"--seed is {arguments.seed}; a whole number of 0 or more is needed.")
    other_data = getattr(arguments, "data", None) is not None
    protocol = load_protocol(protocol_path, other_data=other_data)
    folder = out if out is not None else Path(f"{protocol.study.id}-report")
    if folder.exists() and not folder.is_dir():
        raise ArgumentError(f"--out '{folder}' is a file; name a folder.")
    from vertebrisk.study.unfinished import Unfinished

    unfinished = Unfinished(folder)
    try:
        with progress_bar(arguments.json) as progress:
            progress("loading", 0, 0)
            run, written = _run_and_written(
                arguments, protocol, folder, printing, unfinished, progress
            )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(unfinished.interrupted()) from None
    unfinished.remove()
    for note in unfinished.notes:
        print(f"note: {note}.", file=sys.stderr)
    from vertebrisk.report.document.study import results_document
    from vertebrisk.report.render_text import render_summary

    if arguments.json:
        print_json({"folder": str(written.folder), "results": results_document(run.result)})
        return 0
    print(render_summary(run.result))
    for finding in run.result.findings:
        if finding.severity == "error":
            print(f"error: {finding.message} {finding.remedy}", file=sys.stderr)
    print_page(written.folder, printing.language)
    sys.stdout.flush()
    return 0


def _run_and_written(
    arguments: argparse.Namespace,
    protocol: Protocol,
    folder: Path,
    printing: Printing,
    unfinished: Unfinished,
    progress: Progress,
) -> tuple[StudyRun | ScannedRun, Written]:
    """The run and its folder."""
    from vertebrisk.study.options import RunOptions
    from vertebrisk.study.output import write_run
    from vertebrisk.study.running import run_in_place

    options = RunOptions(
        getattr(arguments, "data", None),
        arguments.resamples,
        arguments.seed,
        printing.language,
        arguments.engine,
        arguments.scheduler,
        printing.journal,
    )
    run = run_in_place(protocol, options, progress, unfinished)
    return run, write_run(run, folder, replace(printing, watch=progress))
