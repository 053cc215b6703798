"""`vertebrisk monitor`: has a model drifted since it came into use?"""

from __future__ import annotations

import argparse
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from vertebrisk.cli._options import (
    add_cohort,
    add_page,
    check_page,
    loaded_model,
    print_findings,
    print_json,
    print_notes,
    print_page,
    progress_bar,
    propose_mapping,
)
from vertebrisk.cli._printing import printing_of

if TYPE_CHECKING:
    from vertebrisk._types import Language
    from vertebrisk.models.monitoring.results import Monitoring
    from vertebrisk.models.portable.risk_model import RiskModel
    from vertebrisk.report.printing import Printing
    from vertebrisk.validation.monitoring.windows import Calendar

_CALENDAR: tuple[Calendar, ...] = ("month", "quarter", "year")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "monitor",
        help="a model over calendar time: has it drifted?",
        allow_abbrev=False,
        description="Charts of more and of fewer events than a model expects, with limits that "
        "follow the case mix, and calibration and discrimination by calendar window. Exit status "
        "1 where a chart crossed its limit.",
        epilog='Example: vertebrisk monitor model.json patients.csv --outcome "vas_1m >= 4" '
        "--date operated_on --out watched",
    )
    add_cohort(parser)
    parser.add_argument(
        "--date", default="", metavar="COLUMN", help="when each patient was treated"
    )
    parser.add_argument(
        "--horizon",
        type=float,
        metavar="TIME",
        help="for a model of time to event: the outcome is what had happened by then",
    )
    parser.add_argument(
        "--window",
        default="20",
        metavar="SIZE",
        help="month, quarter, year, or the expected events of a window (20)",
    )
    parser.add_argument(
        "--odds", type=float, default=2.0, metavar="X", help="factor of the odds to look for (2)"
    )
    parser.add_argument(
        "--run-length",
        type=float,
        default=1000.0,
        metavar="N",
        help="patients from one false alarm to the next, while the risks hold (1000)",
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed of the limits")
    add_page(parser, "monitoring")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    printing = printing_of(arguments)
    window = _window(arguments.window)
    check_page(arguments.out)
    from vertebrisk.findings import gathered
    from vertebrisk.models.monitoring.monitoring import monitor_file

    model, notes = loaded_model(arguments)
    if arguments.propose_mapping is not None:
        return propose_mapping(model, arguments.cohort, arguments.propose_mapping)
    with progress_bar(arguments.json) as progress:
        progress("scoring", 0, 0)
        found = monitor_file(
            model,
            arguments.cohort,
            outcome=arguments.outcome,
            date=arguments.date,
            horizon=arguments.horizon,
            window=window,
            odds=arguments.odds,
            run_length=arguments.run_length,
            seed=arguments.seed,
            mapping=arguments.mapping,
            progress=progress,
        )
        found = replace(found, findings=gathered(found.findings, printing.language))
        if arguments.out is not None:
            _write(found, model, replace(printing, watch=progress), arguments)
    if arguments.json:
        print_json(found.to_dict())
    else:
        for step in model.provenance.lineage:
            print(f"The model: {step.told(arguments.lang)}")
        _print_monitoring(found, arguments.lang)
        print_page(arguments.out, arguments.lang)
    print_notes(notes)
    return 1 if found.drifted else 0


def _write(
    found: Monitoring, model: RiskModel, printing: Printing, arguments: argparse.Namespace
) -> None:
    """Page, document, figures and manifest."""
    from vertebrisk.report.external.folder import write_folder
    from vertebrisk.report.external.source import Source
    from vertebrisk.report.monitoring.files import monitoring_files

    source = Source.of(arguments.cohort, found.watch.simulations, arguments.seed, ())
    files = monitoring_files(found, model, source, printing)
    write_folder(arguments.out, files, source)


def _window(text: str) -> Calendar | float:
    from vertebrisk._checks import nearest
    from vertebrisk.errors import ArgumentError

    for each in _CALENDAR:
        if text == each:
            return each
    try:
        return float(text)
    except ValueError:
        raise ArgumentError(
            f"--window '{text}' is neither month, quarter nor year, nor a number of expected "
            f"events.{nearest(text, _CALENDAR)}"
        ) from None


def _print_monitoring(found: Monitoring, language: Language) -> None:
    counts = found.counts
    expected = float(found.windows["expected"].sum())
    print(f"Outcome: {found.outcome}, in the order of {found.date}")
    print(
        f"{counts.n} of {counts.rows} rows watched, {found.first:%Y-%m} to {found.last:%Y-%m}: "
        f"{counts.n_events} with the event, {expected:.1f} expected"
    )
    for what, count in (
        ("without a known outcome", counts.outcome_missing),
        ("without a risk", counts.not_scored),
        ("without a date", found.undated),
        ("dated after today", found.future),
    ):
        if count:
            print(f"  {count} {what}")
    print("By window (observed/expected and C-index with 95% intervals):")
    for row in found.windows.iter_rows(named=True):
        ratio = _limits(row, "observed_expected")
        area = f"  C {_limits(row, 'c_index')}" if row["c_index"] is not None else ""
        still = "" if row["complete"] else "  (not full yet)"
        print(
            f"  {row['window']:<19} {row['n']:>5} patients {row['n_events']:>4} events  "
            f"O/E {ratio}{area}{still}"
        )
    for each in found.signals:
        more = "more" if each.direction == "up" else "fewer"
        print(
            f"Signal in {each.when:%Y-%m}, patient {each.patient}: {more} events than expected, "
            f"{each.n_events} against {each.expected:.1f} in {each.patients} patients since about "
            f"{each.since:%Y-%m}"
        )
    if not found.signals:
        print("No signal: neither chart crossed its limit.")
    text = (
        f"Limits: odds x {found.watch.odds:g} and its inverse; while the risks hold, one in "
        f"{found.watch.run_length:g} patients brings a false alarm at most."
    )
    print(textwrap.fill(text, 100))
    print_findings(found.findings, language)


def _limits(row: dict[str, float | None], name: str) -> str:
    value, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if value is None:
        return "none"
    return f"{value:.2f}" + ("" if low is None or high is None else f" ({low:.2f} to {high:.2f})")
