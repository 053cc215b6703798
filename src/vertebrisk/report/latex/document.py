"""A whole file that compiles as it is: the preamble, and every table of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vertebrisk.report.latex.escaping import escape
from vertebrisk.report.latex.tables import render_latex, used_texts
from vertebrisk.report.page.content import Page

PACKAGES = (
    r"\usepackage[margin=20mm]{geometry}",
    r"\usepackage{fontspec}",
    r"\usepackage{amssymb,array,booktabs,longtable,pdflscape}",
)
_FONTS = ("DejaVu Sans", "Noto Sans", "Arial Unicode MS", "Arial")
_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")


def tables_latex(page: Page) -> str:
    """Every table of a page as LaTeX source, for XeLaTeX or LuaLaTeX.

    Parameters
    ----------
    page : Page
        Its tables come in its order, in the style and language of its words.

    Returns
    -------
    str
        A whole document. Each table is a `longtable` that repeats its head, with caption,
        label (``tab:`` and its key) and footnotes, and can be taken over by itself. All text is
        escaped. Chinese is set by ctex.
    """
    words = page.words
    tables = tuple(page.tables())
    told = [page.title, *(f"{each.label}{words('colon')}{each.text}" for each in page.banners)]
    texts = (*told, *(text for table in tables for text in used_texts(table, words)))
    parts = [render_latex(table, words, page.figure_label) for table in tables]
    head = [rf"\section*{{{escape(page.title)}}}"]
    head += [rf"\textbf{{{escape(text)}}}\par" for text in told[1:]]
    body = "\n\n".join(["\n".join(head), *parts])
    lines = [
        f"% Made by vertebrisk {_comment(page.version)}.",
        "% For XeLaTeX or LuaLaTeX, two or three runs.",
        *(f"% {_comment(each.label)}." for each in page.banners),
        r"\documentclass[10pt,a4paper]{article}",
        *PACKAGES,
        *_chinese(texts, in_chinese=words.language == "zh"),
        r"\setlength{\tabcolsep}{4pt}",
        r"\setlength{\LTcapwidth}{\linewidth}",
        *(_other_letters() if r"\othertext{" in body or r"\righttoleft{" in body else []),
        r"\begin{document}",
        body,
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


def _chinese(texts: Iterable[str], *, in_chinese: bool) -> list[str]:
    """What sets Chinese: captions and dates too in a Chinese page, letters alone in another."""
    if in_chinese:
        return [r"\usepackage[scheme=chinese,heading=false]{ctex}"]
    found = any(_CHINESE.search(text) for text in texts)
    return [r"\usepackage[scheme=plain]{ctex}"] if found else []


def _other_letters() -> list[str]:
    """Letters that the text font lacks, in the first font of a list that the machine has."""
    chosen = r"\newcommand{\otherfont}{}\newcommand{\leftwards}{}"
    for font in reversed(_FONTS):
        own = (
            rf"\newfontfamily\otherfont{{{font}}}\newfontfamily\leftwards[Script=Arabic]{{{font}}}"
        )
        chosen = rf"\IfFontExistsTF{{{font}}}{{{own}}}{{{chosen}}}"
    turned = r"\TeXXeTstate=1 \beginR{\leftwards #1}\endR"
    return [
        "% Letters that the text font lacks; put in a font of your own.",
        chosen,
        r"\newcommand{\othertext}[1]{{\otherfont #1}}",
        r"\newcommand{\righttoleft}[1]{\ifdefined\XeTeXversion",
        rf"  {turned}\else{{\textdir TRT\leftwards #1}}\fi}}",
    ]


def _comment(text: str) -> str:
    return " ".join(text.split())
