"""An audit as one self-contained page: no script, no network, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from vertebrisk._types import Language
from vertebrisk._version import __version__
from vertebrisk.evidence.audit.values import Audit, Severity, Verdict
from vertebrisk.findings import Finding, gathered
from vertebrisk.report.audit.arrangement import (
    headline,
    parts_of,
    printed_line,
    remarks_of,
    repair_line,
    subject_line,
)
from vertebrisk.report.page.html import LANGUAGE_TAGS
from vertebrisk.report.templating import environment, template_text
from vertebrisk.report.words import Words

# A sign beside every word, so that nothing is told by colour alone.
SIGNS: dict[Severity | Verdict, str] = {
    "risk": "\u25b2",
    "conclusion": "\u25c6",
    "detail": "\u25cf",
    "consistent": "\u2713",
    "inconsistent": "\u2717",
    "not checkable": "?",
}


def audit_page(audit: Audit, reading: Sequence[Finding] = (), language: Language = "en") -> str:
    """The whole audit as one HTML page.

    Parameters
    ----------
    audit : Audit
        Of one or several papers; each has a section of its own.
    reading : sequence of Finding
        What was found while a table was read; it stands first.
    language : {"en", "zh"}
        Of the page; what the paper prints stays as it is.

    Returns
    -------
    str
        A page that loads nothing and runs nothing: a content security policy forbids it.
        It prints on A4.
    """
    from markupsafe import Markup

    words = Words(language)
    audit, reading = audit.said(language), gathered(reading, language)
    parts = parts_of(audit, words)
    page = environment().get_template("audit.html.j2")
    return page.render(
        style=Markup(template_text("report.css") + template_text("audit.css")),
        version=__version__,
        parts=parts,
        papers=audit.papers,
        lang=LANGUAGE_TAGS[language],
        words=words,
        comma=", " if language == "en" else "、",
        colon=": " if language == "en" else "：",
        stop="." if language == "en" else "。",
        together=headline(words("audit.together"), audit.checks, words) if len(parts) > 1 else "",
        reading=remarks_of(reading),
        signs=SIGNS,
        printed=partial(printed_line, words=words),
        repaired=partial(repair_line, words=words),
        where=partial(subject_line, words=words),
    )
