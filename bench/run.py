"""How fast is vertebrisk here, and how much faster than its peers? Measures, never judges.

    python bench/run.py [--only NAME ...] [--quick] [--json FILE]

Every time is wall clock, so other work on the machine stands in it; its load is printed before
and after. What cannot be measured for lack of a program is said. A whole run adds one dated
record to the file of this kind of machine in `bench/history`; a part, or a quick look at smaller
sizes, does so only where `--json` names a file.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bounds
import cluster
import commands
import firth
import growth
import history
import pages
import resampling
import scoring
import service
import table
from timings import HEADING, Measured, machine

from vertebrisk.errors import VertebriskWarning

GROWTH = "growth"
PARTS: dict[str, Callable[[], Measured]] = {
    "commands": commands.measure,
    "resampling": resampling.measure,
    "firth-resampling": firth.measure,
    "scoring": scoring.measure,
    "service": service.measure,
    "calculator": pages.measure,
    "cluster": cluster.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the speed of vertebrisk.")
    parser.add_argument(
        "--only",
        action="append",
        choices=("table", *table.ROWS, GROWTH, *PARTS),
        help="this row or part; may be repeated",
    )
    parser.add_argument("--quick", action="store_true", help="smaller sizes and two turns")
    parser.add_argument("--json", type=Path, metavar="FILE", help="file to add the record to")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore", VertebriskWarning)
    where = machine()
    print(", ".join(f"{key} {value}" for key, value in where.items()), flush=True)
    start = time.monotonic()
    record = {"machine": where, "quick": chosen.quick, **measured(chosen)}
    record["minutes"] = round((time.monotonic() - start) / 60.0, 1)
    print(f"\nIt took {record['minutes']:g} minutes.")
    if hasattr(os, "getloadavg"):
        where["load when it ended"] = f"{os.getloadavg()[0]:.1f}"
        print(f"load when it ended: {where['load when it ended']}")
    whole = not chosen.only and not chosen.quick
    path = chosen.json or (history.default_file(where) if whole else None)
    if path is not None:
        history.added(path, record)
        print(f"One record was added to {path}.")
    return 0


def measured(chosen: argparse.Namespace) -> dict[str, Any]:
    """The bounds of the machine, the table, how cost grows, and then the other parts."""
    wanted = set(chosen.only or ("table", GROWTH, *PARTS))
    names = [name for name in table.ROWS if name in wanted or "table" in wanted]
    record: dict[str, Any] = {}
    if names:
        rates = bounds.measured(quick=chosen.quick)
        print("\n".join(rates.lines()), flush=True)
        found = table.measure(names, rates, quick=chosen.quick)
        record = {"bounds": rates.to_dict(), "table": found.to_dict()}
    if GROWTH in wanted:
        record[GROWTH] = growth.measure(quick=chosen.quick)
    return record | {name: part(name) for name in PARTS if name in wanted}


def part(name: str) -> dict[str, Any]:
    """One part beside the table, printed as it is measured."""
    print(f"\n{name + ':':<18}{HEADING[18:]}", flush=True)
    found = PARTS[name]()
    print("\n".join(found.notes), flush=True)
    for line in found.missing:
        print(line, file=sys.stderr)
    return {
        "timings": [timing.to_dict() for timing in found.timings],
        "numbers": found.numbers,
        "missing": found.missing,
    }


if __name__ == "__main__":
    sys.exit(main())
