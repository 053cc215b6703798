"""What changed between two runs, as a page."""

from __future__ import annotations

from vertebrisk._version import __version__
from vertebrisk.report.difference.changes import Difference
from vertebrisk.report.difference.reading import Run
from vertebrisk.report.difference.sections import sections, summary, title
from vertebrisk.report.difference.tables import corrected_cell, difference_tables
from vertebrisk.report.page.building import numbered, prose, provenance_section
from vertebrisk.report.page.content import Banner, KeyNumbers, Page, Section
from vertebrisk.report.tables.table import cell_text
from vertebrisk.report.words import Words


def difference_page(found: Difference, words: Words) -> Page:
    """Every section with its table."""
    tables = difference_tables(found, words)
    kinds = {run.results.data_kind for run in (found.before, found.after)} - {"real"}
    key_numbers = tuple(_key_number(side, run, words) for side, run in _sides(found))
    told = (KeyNumbers(key_numbers), *prose(summary(found, words)))
    page = Page(
        words=words,
        version=__version__,
        kicker=words("difference"),
        title=title(found, words),
        banners=tuple(Banner(words(kind), words(f"banner.{kind}")) for kind in sorted(kinds)),
        facts=tuple((words(f"difference.{side}"), _named(run)) for side, run in _sides(found)),
        sections=(
            Section("summary", words("summary"), told, "summary"),
            *sections(found, tables, words),
            provenance_section(_provenance(found, words), words),
        ),
    )
    return numbered(page)


def _provenance(found: Difference, words: Words) -> list[tuple[str, str]]:
    hashes = [
        (f"SHA-256{words.bracketed(words(f'difference.{side}'))}", run.sha256)
        for side, run in _sides(found)
    ]
    return [(words("version"), f"vertebrisk {__version__}"), *hashes]


def _sides(found: Difference) -> tuple[tuple[str, Run], tuple[str, Run]]:
    return ("before", found.before), ("after", found.after)


def _named(run: Run) -> str:
    """A run's study and file; the folder tells two files of one name apart."""
    return f"{run.results.study.get('id')}, {run.path.parent.name}/{run.path.name}"


def _key_number(side: str, run: Run, words: Words) -> tuple[str, str, str]:
    """The corrected C-index of one run, with how many patients it rests on."""
    rows = run.results.validation.table
    first = next((each for each in rows if each.measure == "c_index"), None)
    flow = run.results.flow
    label = f"{words('c_corrected')}{words.bracketed(words(f'difference.{side}'))}"
    detail = f"{flow.n_events} / {flow.n}"
    return label, cell_text(corrected_cell(first), words.numbers), detail
