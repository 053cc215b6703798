"""`vertebrisk predict`: risk with interval and points for each patient of a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vertebrisk.cli._options import add_json, print_json


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "predict",
        help="risk of each patient of a file",
        description="Score patients with a model. Rows that cannot be scored keep their place, "
        "empty, with the reason in 'flags'.",
        epilog="Example: vertebrisk predict results/model.json new_patients.csv --out risks.csv",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="model.json of a run")
    parser.add_argument("patients", type=Path, metavar="PATIENTS", help="patient file")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write a CSV file")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk.cohort.reading import read_file
    from vertebrisk.models.risk_model import RiskModel
    from vertebrisk.study.scoring import scored_csv

    model = RiskModel.load(arguments.model)
    table = read_file(arguments.patients)
    risks = model.predict(table.frame)
    text = scored_csv(model, risks)
    if arguments.out is not None:
        from vertebrisk._files import write_text

        write_text(arguments.out, text)
    if arguments.json:
        print_json({"patients": risks.with_row_index("row", offset=1).to_dicts()})
    elif arguments.out is None:
        sys.stdout.write(text)
    else:
        print(f"Wrote {arguments.out}")
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
