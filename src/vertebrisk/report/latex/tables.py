"""One table as a `longtable` with the lines of booktabs, its head repeated on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vertebrisk.report.latex.escaping import escape
from vertebrisk.report.render_text import text_width
from vertebrisk.report.tables.table import EMPTY, Column, Row, Spanner, TableSpec, cell_text
from vertebrisk.report.words import Words

# Characters that a line holds, by the size of letters and the way the page is turned.
_SIZES = (
    ("footnotesize", 116, False),
    ("footnotesize", 174, True),
    ("scriptsize", 198, True),
    ("tiny", 270, True),
)
_GAP = 2.8  # characters between columns
_BOLD = 1.15  # how much wider bold letters are
_NARROWEST = 0.55  # of the line; footnotes need room
_WIDEST_WORDS = 44.0
_WIDEST_HEAD = 14.0


@dataclass(frozen=True, slots=True)
class Setting:
    """Size of letters, whether the page is turned, and the columns' shares of the line."""

    size: str
    turned: bool
    shares: tuple[float, ...]

    def width(self, start: int, stop: int) -> str:
        """Width of the columns from `start` up to but not including `stop`, as one cell."""
        share = sum(self.shares[start:stop])
        return rf"\dimexpr {share:.4f}\linewidth-2\tabcolsep\relax"


def render_latex(table: TableSpec, words: Words, note: str = "") -> str:
    """One table; `note` stands below it before its own footnotes.

    The packages that it needs are those of `document.PACKAGES`.
    """
    setting = _setting(table, words)
    columns = "".join(_column(each, k, setting) for k, each in enumerate(table.columns))
    head = [*_spanners(table, setting), _heads(table)]
    width = len(table.columns)
    again = rf"\multicolumn{{{width}}}{{l}}{{\emph{{{words('table')} \thetable{{}} "
    again += rf"({words('latex.continued')})}}}} \\"
    lines = [
        rf"\begin{{longtable}}{{{columns}}}",
        rf"\caption{{{escape(table.caption)}}}\label{{tab:{_label(table.key)}}} \\",
        r"\toprule",
        *head,
        r"\midrule",
        r"\endfirsthead",
        again,
        r"\toprule",
        *head,
        r"\midrule",
        r"\endhead",
        r"\bottomrule",
        r"\endfoot",
        r"\bottomrule",
        *_notes(table, setting, note),
        r"\endlastfoot",
        *(_row(row, setting, words) for row in table.rows),
        r"\end{longtable}",
    ]
    body = "\n".join([rf"\begin{{{setting.size}}}", *lines, rf"\end{{{setting.size}}}"])
    return f"\\begin{{landscape}}\n{body}\n\\end{{landscape}}" if setting.turned else body


def _setting(table: TableSpec, words: Words) -> Setting:
    """The largest letters in which the columns stand beside each other."""
    wanted = []
    for place, column in enumerate(table.columns):
        heads = max((text_width(word) for word in column.label.split()), default=0)
        most = float(min(heads, _WIDEST_HEAD))
        for row in table.rows:
            if _is_heading(row):
                continue
            cell = row.cells[place]
            own = text_width(cell_text(cell, words.numbers)) + 2.0 * row.indent * (place == 0)
            own *= _BOLD if _is_bold(row, place) else 1.0
            most = max(most, min(own, _WIDEST_WORDS) if cell.format == "text" else own)
        wanted.append(most + _GAP)
    size, room, turned = next((each for each in _SIZES if sum(wanted) <= each[1]), _SIZES[-1])
    whole = max(sum(wanted), min(float(room), sum(wanted) / _NARROWEST))
    return Setting(size, turned, tuple(each / whole for each in wanted))


def _column(column: Column, place: int, setting: Setting) -> str:
    ragged = "raggedright" if column.align == "start" else "raggedleft"
    width = setting.width(place, place + 1)
    return rf">{{\{ragged}\arraybackslash}}p{{{width}}}"


def _spanners(table: TableSpec, setting: Setting) -> list[str]:
    if not table.spanners:
        return []
    cells, rules, place = [], [], 0
    for spanner in sorted(table.spanners, key=lambda each: each.start):
        cells += [""] * (spanner.start - place)
        cells.append(_spanner(spanner, setting))
        rules.append(rf"\cmidrule(lr){{{spanner.start + 1}-{spanner.stop}}}")
        place = spanner.stop
    cells += [""] * (len(table.columns) - place)
    return [" & ".join(cells) + r" \\", " ".join(rules)]


def _spanner(spanner: Spanner, setting: Setting) -> str:
    width = setting.width(spanner.start, spanner.stop)
    columns = spanner.stop - spanner.start
    form = rf">{{\centering\arraybackslash}}p{{{width}}}"
    return rf"\multicolumn{{{columns}}}{{{form}}}{{{escape(spanner.label)}}}"


def _heads(table: TableSpec) -> str:
    return " & ".join(escape(column.label) for column in table.columns) + r" \\"


def _is_heading(row: Row) -> bool:
    return row.kind == "heading" and all(cell == EMPTY for cell in row.cells[1:])


def _is_bold(row: Row, place: int) -> bool:
    return row.kind == "emphasis" or (row.kind == "heading" and place == 0)


def _row(row: Row, setting: Setting, words: Words) -> str:
    if _is_heading(row):
        told = escape(cell_text(row.cells[0], words.numbers))
        return _whole(rf"\textbf{{{told}}}", setting) + r" \\*"
    cells = []
    for place, cell in enumerate(row.cells):
        told = escape(cell_text(cell, words.numbers))
        told += rf"\textsuperscript{{{escape(cell.mark)}}}" if cell.mark else ""
        if _is_bold(row, place) and told:
            told = rf"\textbf{{{told}}}"
        indent = rf"\hspace*{{{row.indent}em}}" if place == 0 and row.indent else ""
        cells.append(indent + told)
    return " & ".join(cells) + r" \\"


def _notes(table: TableSpec, setting: Setting, note: str) -> list[str]:
    texts = [escape(each) for each in table.footnotes]
    texts = [rf"\textbf{{{escape(note)}}}", *texts] if note else texts
    return [_whole(" ".join(texts), setting) + r" \\"] if texts else []


def _whole(text: str, setting: Setting) -> str:
    """A text over all columns."""
    columns = len(setting.shares)
    form = rf">{{\raggedright\arraybackslash}}p{{{setting.width(0, columns)}}}"
    return rf"\multicolumn{{{columns}}}{{{form}}}{{{text}}}"


def _label(key: str) -> str:
    return "".join(each if each.isascii() and each.isalnum() else "-" for each in key)


def used_texts(table: TableSpec, words: Words) -> Sequence[str]:
    """Every text of a table, as it is printed."""
    cells = (cell_text(cell, words.numbers) for row in table.rows for cell in row.cells)
    heads = [*(each.label for each in table.columns), *(each.label for each in table.spanners)]
    return (table.caption, *heads, *cells, *table.footnotes)
