"""What changed between two runs, as one self-contained page."""

from __future__ import annotations

from vertebrisk._types import Language
from vertebrisk._version import __version__
from vertebrisk.report.difference.changes import Difference
from vertebrisk.report.difference.reading import Run
from vertebrisk.report.difference.sections import sections, summary, title
from vertebrisk.report.difference.tables import corrected_cell, difference_tables
from vertebrisk.report.sectioned import SectionedPage, sectioned_page
from vertebrisk.report.tables.table import cell_text
from vertebrisk.report.words import Words


def difference_page(found: Difference, language: Language) -> str:
    """Every section with its table, as HTML that loads nothing and runs nothing."""
    words = Words(language)
    tables = difference_tables(found, words)
    kinds = {run.results.data_kind for run in (found.before, found.after)} - {"real"}
    page = SectionedPage(
        language=language,
        kicker=words("difference"),
        title=title(found, words),
        banners=[(words(kind), words(f"banner.{kind}")) for kind in sorted(kinds)],
        facts=[(words(f"difference.{side}"), _named(run)) for side, run in _sides(found)],
        key_numbers=[_key_number(side, run, words) for side, run in _sides(found)],
        summary=summary(found, words),
        sections=sections(found, tables, words),
        captions={},
        findings=(),
        methods=(),
        sources=(),
        limits=(),
        provenance=[
            (words("version"), f"vertebrisk {__version__}"),
            *(
                (f"SHA-256, {words(f'difference.{side}')}", run.sha256)
                for side, run in _sides(found)
            ),
        ],
    )
    return sectioned_page(page, {}, tables)


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
    return label, words.localised(cell_text(corrected_cell(first))), detail
