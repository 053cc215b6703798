"""Options that several commands share, and how their results are shown."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._printing import add_printing
from vertebrisk.text.messages import Message, joined, said, say

if TYPE_CHECKING:
    from vertebrisk._types import Json, Language
    from vertebrisk.findings import Finding
    from vertebrisk.models.portable.risk_model import RiskModel


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_cohort(parser: argparse.ArgumentParser) -> None:
    """MODEL, COHORT, ``--outcome`` and the mapping between the two."""
    parser.add_argument("model", metavar="MODEL", help="model.json of a run, or a library id")
    parser.add_argument("cohort", type=Path, metavar="COHORT", help="patient file")
    parser.add_argument(
        "--outcome",
        default="",
        metavar="EXPR",
        help="column that is true or 1 where the event occurred, or a rule",
    )
    add_mapping(parser)


def add_mapping(parser: argparse.ArgumentParser) -> None:
    """``--mapping`` and ``--propose-mapping``."""
    parser.add_argument(
        "--mapping",
        type=Path,
        metavar="FILE",
        help="TOML file that says which column is which input, and what its values are",
    )
    parser.add_argument(
        "--propose-mapping",
        type=Path,
        metavar="FILE",
        help="draft such a file for a person to finish, and do nothing else",
    )


def propose_mapping(model: RiskModel, patients: Path, out: Path) -> int:
    """Draft a mapping of a patient file and say where it is."""
    from vertebrisk.models.mapping.reading import write_proposal

    if write_proposal(model, patients, out):
        print(f"Wrote {out}: finish it, then --mapping {out}")
    else:
        print("Every input is found and coded as the model has it; no mapping is needed.")
    return 0


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Options of `run` and `demo`."""
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for the results")
    parser.add_argument("--resamples", type=int, metavar="N", help="bootstrap resamples")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of the resamples")
    add_engine(parser)
    add_threads(parser)
    add_scratch(parser)
    add_printing(parser)
    add_json(parser)


def add_engine(parser: argparse.ArgumentParser) -> None:
    """``--engine`` and ``--scheduler``."""
    parser.add_argument(
        "--engine",
        choices=("memory", "stream", "dask"),
        help="patients in memory, read in pieces, or on the workers of a cluster "
        "(by default told by the size of the file)",
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of dask, such as tcp://node:8786")


def add_threads(parser: argparse.ArgumentParser) -> None:
    """``--threads``, which `main` obeys."""
    parser.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help="threads that work at once (all processors it may use); results do not depend on it",
    )


def add_scratch(parser: argparse.ArgumentParser) -> None:
    """``--scratch``, which `main` obeys."""
    parser.add_argument(
        "--scratch",
        metavar="DIR",
        help="folder on a disk with room, for patients of a file larger than memory",
    )


def add_page(parser: argparse.ArgumentParser, document: str) -> None:
    """Where a page, its document and its figures go, in which formats and language."""
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"folder for report.html, {document}.json, figures"
    )
    add_printing(parser)
    add_json(parser)


def check_page(out: Path | None) -> None:
    """Refuse a folder for a page that is not free for it; None is no page."""
    from vertebrisk.report.external.folder import check_folder

    if out is not None:
        check_folder(out)


def print_page(out: Path | None, language: Language = "en") -> None:
    """Where the page is, if there is one."""
    if out is not None:
        print(said(say("Report: {page}", page=(out / "report.html").resolve()), language))


def print_notes(notes: Iterable[str]) -> None:
    """What reading a model gave to say, beside the result."""
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def print_json(document: Json) -> None:
    """A document on standard output, in ASCII so that any console takes it."""
    print(json.dumps(document, indent=1, allow_nan=False))


def print_findings(findings: Iterable[Finding], language: Language = "en") -> None:
    """Findings as text with the contents of offending cells, for the terminal's owner only."""
    from vertebrisk.text.catalogue import word

    colon = word("colon", language)
    for finding in (each.said(language) for each in findings):
        severity = word(f"severity.{finding.severity}.short", language)
        print(f"{severity}{colon}{finding.message}")
        if finding.cells:
            print(f"    {said(_cells(finding), language)}")
        if finding.remedy:
            print(f"    {finding.remedy}")


def _cells(finding: Finding) -> Message:
    places = list(zip(finding.rows, finding.cells, strict=False))[:5]
    shown = joined([say("row {row}: {cell!r}", row=row, cell=cell) for row, cell in places], "; ")
    more = len(finding.cells) - len(places)
    return say("{cells}; and {more} more", cells=shown, more=more) if more > 0 else shown


def loaded_model(arguments: argparse.Namespace) -> tuple[RiskModel, tuple[str, ...]]:
    """MODEL, and what reading it gave to say."""
    with progress_bar(arguments.json) as progress:
        progress("loading", 0, 0)
        from vertebrisk.evidence.export import find_model

        return find_model(arguments.model)


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """One line on standard error while a terminal watches, nothing otherwise.

    It says which step is under way, how much of it is done, and the time that is left. Of a step
    whose total is 0, which cannot be counted, it says for how long it has been under way.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda step, done, total: None
        return
    from vertebrisk.cli._bar import bar_shown

    with bar_shown() as progress:
        yield progress
