"""How fast is vertebrisk here, and how much faster than its peer? Measures, never judges.

    python bench/run.py [--only NAME ...] [--json FILE]

Every time is wall clock, so other work on the machine stands in it. What cannot be measured for
lack of a program is said.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import commands
import firth
import pages
import resampling
import scoring
import service
from timings import HEADING, Measured, machine

PARTS: dict[str, Callable[[], Measured]] = {
    "commands": commands.measure,
    "resampling": resampling.measure,
    "firth": firth.measure,
    "scoring": scoring.measure,
    "service": service.measure,
    "calculator": pages.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the speed of vertebrisk.")
    parser.add_argument(
        "--only", action="append", choices=tuple(PARTS), help="this part; may be repeated"
    )
    parser.add_argument("--json", type=Path, help="file to write the numbers to")
    chosen = parser.parse_args()
    where = machine()
    print(", ".join(f"{key} {value}" for key, value in where.items()), flush=True)
    found: dict[str, Measured] = {}
    for name in chosen.only or PARTS:
        print(f"\n{name + ':':<14}{HEADING[14:]}", flush=True)
        found[name] = PARTS[name]()
        print("\n".join(found[name].notes), flush=True)
        for line in found[name].missing:
            print(line, file=sys.stderr)
    if chosen.json is not None:
        document = {
            "machine": where,
            **{
                name: {
                    "timings": [timing.to_dict() for timing in part.timings],
                    "numbers": part.numbers,
                    "missing": part.missing,
                }
                for name, part in found.items()
            },
        }
        chosen.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
