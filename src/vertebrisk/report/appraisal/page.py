"""Appraisals as one self-contained page: no script, no network, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk._types import Language
from vertebrisk._version import __version__
from vertebrisk.evidence.appraisal.appraising import Appraisal
from vertebrisk.report.appraisal.tables import (
    answers_table,
    legend,
    ratings_table,
    study_table,
)
from vertebrisk.report.page.html import LANGUAGE_TAGS
from vertebrisk.report.render_html import render_html
from vertebrisk.report.templating import environment, template_text
from vertebrisk.report.words import Words

SOURCES = (
    ("Wolff 2019", "https://doi.org/10.7326/M18-1376"),
    ("Moons 2019", "https://doi.org/10.7326/M18-1377"),
)


def appraisal_page(appraisals: Sequence[Appraisal], language: Language = "en") -> str:
    """The studies beside each other, then each with its answers, reasons and places."""
    from markupsafe import Markup

    words = Words(language)
    told = [each.said(language) for each in appraisals]
    page = environment().get_template("appraisal.html.j2")
    return page.render(
        lang=LANGUAGE_TAGS[language],
        words=words,
        style=Markup(template_text("report.css")),
        version=__version__,
        ratings=Markup(render_html(ratings_table(told, words), words)),
        answers=Markup(render_html(answers_table(told, words), words)),
        studies=[(each, Markup(render_html(study_table(each, words), words))) for each in told],
        notes=(words("appraisal.rule"), legend(words), words("appraisal.applicability")),
        sources=SOURCES,
    )
