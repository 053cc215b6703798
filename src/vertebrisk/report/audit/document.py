"""An audit as JSON, under a published schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources

from vertebrisk._types import Json, Language
from vertebrisk._version import __version__
from vertebrisk.evidence.audit.values import Audit
from vertebrisk.findings import Finding


def audit_document(
    audit: Audit, reading: Sequence[Finding] = (), language: Language = "en"
) -> Json:
    """Every check of an audit with its numbers, as plain JSON values.

    Parameters
    ----------
    audit : Audit
        Of one or several papers.
    reading : sequence of Finding
        What was found while a table was read, such as cells that are no number.
    language : {"en", "zh"}
        Of the sentences; ids, verdicts and what the paper prints stay as they are.

    Returns
    -------
    dict
        A document that `audit_schema` describes. An infinite end of an interval is null.
    """
    return {
        "kind": "vertebrisk-audit",
        "version": __version__,
        **audit.said(language).to_dict(),
        "reading": [finding.said(language).to_dict() for finding in reading],
    }


def audit_schema() -> Json:
    """The JSON Schema (draft 2020-12) of `audit_document`, as it is shipped."""
    path = resources.files("vertebrisk.report") / "schema" / "audit.schema.json"
    schema: Json = json.loads(path.read_text(encoding="utf-8"))
    return schema
