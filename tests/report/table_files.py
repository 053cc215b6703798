"""What holds of every `tables.xlsx` and `tables.tex`."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from html import unescape

import openpyxl

from vertebrisk.report.latex.escaping import escape

_ENVIRONMENT = re.compile(r"\\(begin|end)\{([a-z]+)\}")
TABLE = re.compile(r"\\begin\{longtable\}(.*?)\\end\{longtable\}", re.DOTALL)
_SPAN = re.compile(r"\\multicolumn\{(\d+)\}")


def balanced(source: str) -> bool:
    """Braces close what they open, a brace behind a backslash being a sign."""
    depth, place = 0, 0
    while place < len(source):
        if source[place] == "\\":
            place += 2
            continue
        depth += {"{": 1, "}": -1}.get(source[place], 0)
        if depth < 0:
            return False
        place += 1
    return depth == 0


def environments(source: str) -> list[str]:
    """Every environment in order, once it is known that each ends where it should."""
    open_ones, found = [], []
    for kind, name in _ENVIRONMENT.findall(source):
        if kind == "begin":
            open_ones.append(name)
            found.append(name)
        else:
            assert open_ones.pop() == name
    assert not open_ones
    return found


def row_widths(body: str) -> list[int]:
    """Columns of each row of a table, those of a cell over several counted."""
    rows = re.split(r"(?<!\\)\\\\\*?", body)[:-1]
    kept = [row for row in rows if "\\caption" not in row]
    signs = re.compile(r"(?<!\\)&")
    return [
        len(signs.findall(row)) + 1 + sum(int(each) - 1 for each in _SPAN.findall(row))
        for row in kept
    ]


def check_table_files(files: Mapping[str, bytes], page: str = "report.html") -> int:
    """The tables of a page are all in both files; how many there are."""
    shown = files[page].decode()
    captions = [unescape(each) for each in re.findall(r"<caption><b>[^<]*</b>([^<]*)", shown)]
    book = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"]))
    assert len(book.sheetnames) == 1 + len(captions)
    listed = [row[1] for row in book[book.sheetnames[0]].iter_rows(values_only=True)]
    assert [each for each in listed if each in captions] == captions
    source = re.sub(r"^%.*\n", "", files["tables.tex"].decode(), flags=re.MULTILINE)
    assert balanced(source)
    assert environments(source).count("longtable") == len(captions)
    for caption, body in zip(captions, TABLE.findall(source), strict=True):
        assert rf"\caption{{{escape(caption)}}}" in body
        assert len(set(row_widths(body))) == 1
    return len(captions)
