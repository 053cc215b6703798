"""`vertebrisk audit`: can the printed numbers of a paper be true together?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import add_json, print_json

if TYPE_CHECKING:
    from vertebrisk.evidence.audit.subject import Subject
    from vertebrisk.evidence.audit.values import Audit

SUFFIXES = (".html", ".json", ".txt")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "audit",
        help="can the printed numbers of a paper be true together?",
        allow_abbrev=False,
        description="Ask of every printed number of a paper whether it can be true. A printed "
        "number stands for all that rounds to it, so honest rounding is never called wrong. With "
        "several papers, numbers that repeat across them are looked for, too. Exit status 1 when "
        "something is inconsistent.",
        epilog="Example: vertebrisk audit li2021 --out audit.html",
    )
    parser.add_argument(
        "papers", nargs="*", metavar="PAPER", help="library id, or a TOML file of your own"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=f"write the audit: {', '.join(SUFFIXES)}"
    )
    parser.add_argument("--all", action="store_true", help="list every check, not only what failed")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    _check_out(arguments.out)
    from vertebrisk.evidence.audit.auditing import audit_subjects
    from vertebrisk.report.audit.document import audit_document
    from vertebrisk.report.audit.text import render_audit

    audit = audit_subjects(_subjects(arguments.papers))
    if arguments.out is not None:
        _write(arguments.out, audit)
    if arguments.json:
        print_json(audit_document(audit))
    else:
        print(render_audit(audit, everything=arguments.all))
        if arguments.out is not None:
            print(f"\nWrote {arguments.out}")
    return 1 if audit.inconsistent else 0


def _subjects(papers: list[str]) -> list[Subject]:
    from vertebrisk.errors import ArgumentError
    from vertebrisk.evidence.audit.subject import subject_of
    from vertebrisk.evidence.library import find_study, library_ids

    if not papers:
        raise ArgumentError(
            "There is nothing to audit. Give a paper: a TOML file, or an id of the library "
            f"({', '.join(library_ids())})."
        )
    subjects = [subject_of(find_study(paper)) for paper in papers]
    ids = [subject.id for subject in subjects]
    for name in ids:
        if ids.count(name) > 1:
            raise ArgumentError(
                f"The paper '{name}' is given {ids.count(name)} times; papers that are compared "
                "need ids of their own."
            )
    return subjects


def _check_out(out: Path | None) -> None:
    from vertebrisk.errors import ArgumentError

    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise ArgumentError(f"--out '{out}' must end with one of {', '.join(SUFFIXES)}.")


def _write(out: Path, audit: Audit) -> None:
    from vertebrisk._files import write_json, write_text
    from vertebrisk.report.audit.document import audit_document
    from vertebrisk.report.audit.page import audit_page
    from vertebrisk.report.audit.text import render_audit

    suffix = out.suffix.lower()
    if suffix == ".json":
        write_json(out, audit_document(audit))
    elif suffix == ".html":
        write_text(out, audit_page(audit))
    else:
        write_text(out, render_audit(audit, everything=True) + "\n")
