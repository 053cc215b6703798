"""Write what the records of a file of `bench/history` say last into the page on speed.

    python bench/page.py [FILE]

What stands between the marks of `docs/guide/speed.md` is replaced; the prose around it is not.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import history
from bounds import Bound
from timings import machine, shown
from turns import ALL, number

PAGE = Path(__file__).parents[1] / "docs" / "guide" / "speed.md"
BEGIN, END = "<!-- measured: {} -->", "<!-- measured: end -->"
Record = Mapping[str, Any]


def main() -> int:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else history.default_file(machine())
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    text = PAGE.read_text(encoding="utf-8")
    for name, (key, lines) in PARTS.items():
        known = [each for each in records if key in each and not each.get("quick")]
        if not known:
            print(f"{path} has no record of '{key}'; what the page says of it stays.")
            continue
        text = replaced(text, name, "\n".join(lines(known)))
    PAGE.write_text(text, encoding="utf-8")
    return 0


def replaced(text: str, name: str, body: str) -> str:
    """The page with another body between two marks."""
    before, mark, after = text.partition(BEGIN.format(name))
    _, end, rest = after.partition(END)
    if not mark or not end:
        raise SystemExit(f"{PAGE.name} has no marks of '{name}'.")
    return f"{before}{mark}\n\n{body}\n\n{end}{rest}"


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def heading(*cells: str) -> list[str]:
    return [row(*cells), row(*("---" for _ in cells))]


def where(record: Record) -> str:
    """Date, machine, versions and load, in a sentence."""
    on = dict(record.get("large", record)["machine"])
    load = f"{on.pop('load when it began', '?')} before"
    load += f", {on.pop('load when it ended')} after" if "load when it ended" in on else ""
    versions = ", ".join(
        f"{name} {on[name]}" for name in ("python", "numpy", "numba") if name in on
    )
    return (
        f"{record['date'][:10]}, {on['processor']} with {on['cores']} cores, {on['system']}; "
        f"{versions}; load {load}."
    )


def part(done: str) -> str:
    """What stands beside a time that was not that of the whole."""
    return "" if done == ALL else f" ({done}, scaled)"


def table(records: list[Record]) -> list[str]:
    """Every piece of work beside its peers, as it was measured last, since the last whole run."""
    whole = [place for place, record in enumerate(records) if "growth" in record]
    records = records[whole[-1] if whole else 0 :]
    rows = {
        (each["work"], each["peer"]): (each, record)
        for record in records
        for each in record["table"]["rows"]
    }
    lines = [where(records[-1]), ""]
    lines += heading(
        *("work", "peer", "peer takes", "ours", "ratio", "range", "goal", "turns", "of the bound"),
        "load",
    )
    for each, record in rows.values():
        ratio, ours = each["ratio"], statistics.median(each["seconds"])
        scaled = part(each["peer_did"])
        bound = each.get("bound")
        share = "" if bound is None else Bound(**bound).said(ours)
        lines.append(
            row(
                each["work"],
                each["peer"] + scaled,
                shown(statistics.median(each["peer_seconds"])),
                shown(ours) + part(each.get("did", ALL)),
                number(ratio["median"]),
                f"{number(ratio['min'])} to {number(ratio['max'])}",
                f"{each['goal']:g}",
                each["turns"],
                share,
                record["machine"].get("load when it began", ""),
            )
        )
    versions = sorted({each["version"] for each, _ in rows.values()})
    return [*lines, "", f"Peers: {'. '.join(versions)}."]


def bounds(records: list[Record]) -> list[str]:
    """Rates of the machine."""
    rates = records[-1]["bounds"]
    lines = heading("what", "rate")
    giga = {
        "memory, a triad on all cores": ("bandwidth", "GB/s"),
        "memory, a triad on one core": ("bandwidth_alone", "GB/s"),
        "products of square matrices": ("flops", "Gflop/s"),
        "X'X of 65,536 patients with 20 columns": ("flops_tall", "Gflop/s"),
        "exponentials on all cores": ("exponentials", "thousand million a second"),
        "random numbers on all cores": ("draws", "thousand million a second"),
        "sorting, one core": ("sorting", "thousand million numbers a second"),
        "reading a file": ("disk", "GB/s"),
    }
    known = {what: (rates[key], unit) for what, (key, unit) in giga.items() if rates.get(key)}
    return lines + [row(what, f"{rate / 1e9:.3g} {unit}") for what, (rate, unit) in known.items()]


def growth(records: list[Record]) -> list[str]:
    """Seconds by size."""
    record = records[-1]
    lines: list[str] = [where(record)]
    sizes: list[int] = []
    for each in record["growth"]:
        if each["sizes"] != sizes:
            sizes = each["sizes"]
            shape = "patients" if each["of"] == "patients" else "predictors"
            lines += ["", *heading(shape, *(f"{size:,}" for size in sizes), "power")]
        powers = ", ".join(f"{power:.2f}" for power in each["powers"])
        lines.append(row(each["work"], *map(shown, each["seconds"]), powers))
    return lines


def large(records: list[Record]) -> list[str]:
    """Very many patients from a file."""
    record = records[-1]
    found = record["large"]
    said = (
        f"{found['rows']:,} patients, {found['predictors']} predictors, {found['threads']} threads"
    )
    lines = [f"{said}. {where(record)}", ""]
    lines += heading("step", "time", "a patient", "most memory", "largest relative difference")
    for name, step in found["steps"].items():
        difference = found["largest_relative_difference"].get(name)
        lines.append(
            row(
                name,
                shown(step["seconds"]),
                f"{step['seconds'] / found['rows'] * 1e9:,.0f} ns",
                f"{step['peak_bytes'] / 1e6:,.0f} MB",
                "" if difference is None else f"{difference:.1e}",
            )
        )
    return lines


PARTS: dict[str, tuple[str, Callable[[list[Record]], list[str]]]] = {
    "table": ("table", table),
    "bounds": ("bounds", bounds),
    "growth": ("growth", growth),
    "large": ("large", large),
}


if __name__ == "__main__":
    sys.exit(main())
