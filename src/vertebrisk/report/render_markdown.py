"""Tables as Markdown, a paper's print beside a run, and the leaflet for patients."""

from __future__ import annotations

import re

from vertebrisk.report.narrative import for_patients, narrate
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.report.tables.table import TableSpec, cell_text
from vertebrisk.report.words import Words

_INDENT = "\u2003"
_MARKS = re.compile(r"([\\*_`\[\]])")


def render_markdown(table: TableSpec, words: Words) -> str:
    """One table as a pipe table under its caption, with its footnotes."""
    heads = [_plain(column.label) for column in table.columns]
    rules = ["---" if column.align == "start" else "---:" for column in table.columns]
    lines = [_line(heads), _line(rules)]
    for row in table.rows:
        texts = [_plain(cell_text(cell, words.plain_numbers)) for cell in row.cells]
        texts[0] = _INDENT * row.indent + texts[0]
        lines.append(_line(texts))
    return "\n\n".join([f"**{table.caption}**", "\n".join(lines), *table.footnotes])


def _line(texts: list[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("\u00a0", " ")


def replication_page(result: StudyResult) -> str:
    """What a paper printed beside what was found, number by number, with what to make of it.

    Parameters
    ----------
    result : StudyResult
        Of a run that was compared with a paper.

    Returns
    -------
    str
        A Markdown page in the language of the result.
    """
    words = Words(result.facts.language, result.facts.model)
    tables = build_tables(result)
    kind = result.facts.data_kind
    banner = "" if kind == "real" else f"> **{words(kind)}.** {words(f'banner.{kind}')}"
    told = [
        paragraph.replace("\u00a0", " ") for paragraph in narrate(result, tables)["replication"]
    ]
    table = render_markdown(tables["replication"], words)
    parts = [f"# {result.facts.title}", banner, *told, table]
    return "\n\n".join(part for part in parts if part) + "\n"


def patient_leaflet(result: StudyResult) -> str:
    """The summary for patients as a page of its own, in the language of the result."""
    words = Words.of(result)
    told = for_patients(result, build_tables(result))
    parts = [f"# {words('plain_summary')}", _escaped(result.facts.title)]
    parts += [f"## {question}\n\n{_escaped(answer)}" for question, answer in told]
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    """Text whose marks are no marks of Markdown and no tags."""
    return _MARKS.sub(r"\\\1", text.replace("<", "&lt;").replace("\u00a0", " "))
