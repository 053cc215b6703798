"""A page as one self-contained HTML file: no script, no network, every text escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vertebrisk._types import Language
from vertebrisk.report.page.content import Page
from vertebrisk.report.page.drawings import inline_drawing
from vertebrisk.report.page.references import plain
from vertebrisk.report.render_html import render_html
from vertebrisk.report.templating import environment, template_text

LANGUAGE_TAGS: Final[Mapping[Language, str]] = {"en": "en-GB", "zh": "zh-Hans"}


def html_page(page: Page, drawings: Mapping[str, str]) -> str:
    """The whole page as HTML that loads nothing and runs nothing.

    Parameters
    ----------
    page : Page
    drawings : mapping
        Text of the SVG of every figure of the page, by key; others are ignored.

    Returns
    -------
    str
        Styles and figures are inside, and a content security policy forbids the rest. It
        prints on A4.

    Raises
    ------
    ArgumentError
        If a figure is not an SVG drawing or holds a script or an outside address.
    """
    from markupsafe import Markup

    words = page.words
    template = environment().get_template("page.html.j2")
    return template.render(
        lang=LANGUAGE_TAGS[words.language],
        style=Markup(template_text("report.css")),
        words=words,
        page=page,
        plain=plain,
        tables={table.key: Markup(render_html(table, words)) for table in page.tables()},
        drawings={
            each.key: inline_drawing(each.key, each.caption, drawings[each.key])
            for each in page.figures()
        },
    )
