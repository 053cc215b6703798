"""`vertebrisk predict`: risk with interval and points for each patient of a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vertebrisk.cli._options import (
    add_json,
    add_mapping,
    add_threads,
    loaded_model,
    print_json,
    print_notes,
    progress_bar,
    propose_mapping,
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "predict",
        help="risk of each patient of a file",
        allow_abbrev=False,
        description="Score patients with a model. Rows that cannot be scored keep their place, "
        "empty, with the reason in 'flags'. A model that averages over missing inputs scores rows "
        "with gaps, and 'flags' names what it averaged over.",
        epilog="Example: vertebrisk predict results/model.json new_patients.csv --out risks.csv",
    )
    parser.add_argument("model", metavar="MODEL", help="model.json of a run, or a library id")
    parser.add_argument("patients", type=Path, metavar="PATIENTS", help="patient file")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write a CSV file")
    parser.add_argument("--id", metavar="COLUMN", help="column that names the patient, kept")
    parser.add_argument(
        "--horizon",
        type=float,
        metavar="TIME",
        help="for a model of time to event: risk by this time, in the model's unit, inside its "
        "follow-up (default: the model's first horizon)",
    )
    add_mapping(parser)
    add_threads(parser)
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    _check_out(arguments)
    from vertebrisk.models.mapping.reading import read_for
    from vertebrisk.models.portable.flagging import AVERAGED
    from vertebrisk.models.portable.scoring import (
        asked,
        scored_csv,
        with_names,
        with_unreadable,
    )

    model, notes = loaded_model(arguments)
    if arguments.propose_mapping is not None:
        return propose_mapping(model, arguments.patients, arguments.propose_mapping)
    with progress_bar(arguments.json) as progress:
        progress("reading", 0, 0)
        table = read_for(model, arguments.patients, arguments.mapping)
        progress("scoring", 0, 0)
        risks = with_unreadable(model.predict(table.frame, arguments.horizon), table)
    if arguments.id is not None:
        from vertebrisk.design.build import needed_columns

        needed_columns(table.frame, [arguments.id])
        risks = with_names(risks, table.frame[arguments.id])
    text = scored_csv(model, risks, arguments.horizon)
    if arguments.out is not None:
        from vertebrisk._files import write_text

        write_text(arguments.out, text)
    if arguments.json:
        print_json(
            {
                **asked(model, arguments.horizon),
                "patients": risks.with_row_index("row", offset=1).to_dicts(),
            }
        )
    elif arguments.out is None:
        sys.stdout.write(text)
    else:
        print(f"Wrote {arguments.out}")
    print_notes(notes)
    for step in model.provenance.lineage:
        print(f"note: {step.told('en')}", file=sys.stderr)
    averaged = int(risks["flags"].str.contains(AVERAGED, literal=True).sum())
    if averaged:
        print(
            f"{averaged} of {risks.height} rows have missing inputs; their risks are averages over "
            "these, which 'flags' names, and the intervals say so.",
            file=sys.stderr,
        )
    unscored = risks["risk"].null_count()
    if unscored:
        print(
            f"{unscored} of {risks.height} rows could not be scored; 'flags' says why.",
            file=sys.stderr,
        )
    for finding in table.findings:
        if finding.severity != "note":
            print(f"{finding.severity}: {finding.message}", file=sys.stderr)
    return 0


def _check_out(arguments: argparse.Namespace) -> None:
    """The output is a CSV file, and none of the files that are read."""
    from vertebrisk.errors import ArgumentError

    out = arguments.out
    if out is None:
        return
    if out.suffix.lower() != ".csv":
        raise ArgumentError(f"--out '{out}' must end with .csv; that is what is written.")
    for given in (Path(arguments.model), arguments.patients):
        if out.resolve() == given.resolve():
            raise ArgumentError(f"--out '{out}' would overwrite an input; name another file.")
