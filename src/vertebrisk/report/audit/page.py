"""An audit as one self-contained page: no script, no network, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk._version import __version__
from vertebrisk.evidence.audit.values import Audit, Severity, Verdict
from vertebrisk.findings import Finding
from vertebrisk.report.audit.arrangement import (
    FAILURE_MEANS,
    SEVERITY_MEANS,
    headline,
    parts_of,
    printed_line,
    remarks_of,
    repair_line,
    subject_line,
)
from vertebrisk.report.templating import environment, template_text

# A sign beside every word, so that nothing is told by colour alone.
SIGNS: dict[Severity | Verdict, str] = {
    "risk": "\u25b2",
    "conclusion": "\u25c6",
    "detail": "\u25cf",
    "consistent": "\u2713",
    "inconsistent": "\u2717",
    "not checkable": "?",
}


def audit_page(audit: Audit, reading: Sequence[Finding] = ()) -> str:
    """The whole audit as one HTML page.

    Parameters
    ----------
    audit : Audit
        Of one or several papers; each has a section of its own.
    reading : sequence of Finding
        What was found while a table was read; it stands first.

    Returns
    -------
    str
        A page that loads nothing and runs nothing: a content security policy forbids it.
        It prints on A4.
    """
    from markupsafe import Markup

    parts = parts_of(audit)
    page = environment().get_template("audit.html.j2")
    return page.render(
        style=Markup(template_text("report.css") + template_text("audit.css")),
        version=__version__,
        parts=parts,
        papers=audit.papers,
        together=headline("Together", audit.checks) if len(parts) > 1 else "",
        reading=remarks_of(reading),
        signs=SIGNS,
        severity_means=SEVERITY_MEANS,
        failure_means=FAILURE_MEANS,
        printed=printed_line,
        repaired=repair_line,
        where=subject_line,
    )
