"""`vertebrisk audit`: can the printed numbers of a paper be true together?"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import (
    add_json,
    print_json,
    progress_bar,
)
from vertebrisk.cli._printing import add_language

if TYPE_CHECKING:
    from vertebrisk._types import Language
    from vertebrisk.errors import DataError
    from vertebrisk.evidence.audit.subject import Subject
    from vertebrisk.evidence.audit.values import Audit
    from vertebrisk.findings import Finding

SUFFIXES = (".html", ".json", ".txt")
TABLES = (".csv", ".tsv", ".txt")


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
        "--table",
        metavar="FILE",
        help="audit just a table instead: CSV or text copied out of a paper; - for what is pasted",
    )
    parser.add_argument(
        "--whole",
        metavar="NAMES",
        help="with --table: variables whose values are whole numbers, such as age,segments",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=f"write the audit: {', '.join(SUFFIXES)}"
    )
    parser.add_argument("--all", action="store_true", help="list every check, not only what failed")
    add_language(parser)
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    _check_options(arguments)
    from vertebrisk.evidence.audit.auditing import audit_subjects
    from vertebrisk.report.audit.document import audit_document
    from vertebrisk.report.audit.text import render_audit
    from vertebrisk.report.words import Words

    subjects, reading = _subjects(arguments)
    with progress_bar(arguments.json) as progress:
        progress("auditing", 0, 0)
        audit = audit_subjects(subjects)
    if arguments.table is not None and not audit.checks:
        raise _unusable(arguments.table, reading)
    if arguments.out is not None:
        _write(arguments.out, audit, reading, arguments.lang)
    if arguments.json:
        print_json(audit_document(audit, reading, arguments.lang))
    else:
        print(render_audit(audit, reading, everything=arguments.all, language=arguments.lang))
        if arguments.out is not None:
            print(f"\n{Words(arguments.lang)('audit.wrote', out=arguments.out)}")
    return 1 if audit.inconsistent else 0


def _check_options(arguments: argparse.Namespace) -> None:
    from vertebrisk.errors import ArgumentError
    from vertebrisk.evidence.library import library_ids

    out: Path | None = arguments.out
    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise ArgumentError(f"--out '{out}' must end with one of {', '.join(SUFFIXES)}.")
    if arguments.table is None and not arguments.papers:
        raise ArgumentError(
            "There is nothing to audit. Give a paper (a TOML file, or an id of the library: "
            f"{', '.join(library_ids())}), or --table FILE."
        )
    if arguments.table is not None and arguments.papers:
        raise ArgumentError(
            f"--table '{arguments.table}' and the paper '{arguments.papers[0]}' are both given; "
            "audit one, then the other."
        )
    if arguments.whole is not None and arguments.table is None:
        raise ArgumentError("--whole is for --table; the file of a paper has 'whole' itself.")
    given = [*arguments.papers, *([arguments.table] if arguments.table is not None else [])]
    if out is not None and any(out.resolve() == Path(each).resolve() for each in given):
        raise ArgumentError(f"--out '{out}' would overwrite an input; name another file.")


def _subjects(arguments: argparse.Namespace) -> tuple[list[Subject], tuple[Finding, ...]]:
    """What is to be audited, and what was found while a table was read."""
    if arguments.table is None:
        return _papers(arguments.papers), ()
    from vertebrisk.evidence.tables import read_tables

    source = _pasted() if arguments.table == "-" else Path(arguments.table)
    names = [name.strip() for name in (arguments.whole or "").split(",")]
    table = read_tables(source, whole=[name for name in names if name])
    return [table.subject], table.findings


def _unusable(table: str, reading: tuple[Finding, ...]) -> DataError:
    from vertebrisk.errors import DataError

    name = "The pasted table" if table == "-" else f"'{table}'"
    said = [
        f"{name} holds nothing that can be checked. Needed are groups with their sizes, counts, "
        "means and P, or coefficients with their errors, intervals or P."
    ]
    if reading:
        said.append(f"Left out while it was read ({len(reading)}): {reading[0].message}")
    return DataError(" ".join(said))


def _pasted() -> str:
    """What stands on standard input; its line end says that it is no path."""
    from vertebrisk.errors import DataError

    if sys.stdin is None:
        raise DataError("There is no standard input; give a file to --table.")
    if sys.stdin.isatty():
        print("Paste the table, then end the input (Ctrl-D; on Windows Ctrl-Z).", file=sys.stderr)
    try:
        return sys.stdin.read() + "\n"
    except UnicodeDecodeError:
        raise DataError(
            "The pasted table is not text as this console encodes it; save it as a file in UTF-8."
        ) from None


def _papers(papers: list[str]) -> list[Subject]:
    from vertebrisk.errors import ArgumentError
    from vertebrisk.evidence.audit.subject import subject_of
    from vertebrisk.evidence.library import find_study, library_ids

    for paper in papers:
        if Path(paper).suffix.lower() in TABLES and paper not in library_ids():
            raise ArgumentError(
                f"'{paper}' is not the TOML file of a paper. If it is a table, audit it with "
                f"--table '{paper}'."
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


def _write(out: Path, audit: Audit, reading: tuple[Finding, ...], language: Language) -> None:
    from vertebrisk._files import write_json, write_text
    from vertebrisk.report.audit.document import audit_document
    from vertebrisk.report.audit.page import audit_page
    from vertebrisk.report.audit.text import render_audit

    suffix = out.suffix.lower()
    if suffix == ".json":
        write_json(out, audit_document(audit, reading, language))
    elif suffix == ".html":
        write_text(out, audit_page(audit, reading, language))
    else:
        text = render_audit(audit, reading, everything=True, language=language)
        write_text(out, text + "\n")
