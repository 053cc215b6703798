"""Small papers for the tests of the audit: one table, a few numbers, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertebrisk.evidence.audit.auditing import audit
from vertebrisk.evidence.audit.values import Check
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.protocol.toml_files import frozen

ROW = {
    "term": "cleft", "level": "Yes", "estimate": "1.332", "std_error": "0.598", "wald": "4.973",
    "p_value": "0.026", "ratio": "3.790", "conf_low": "1.175", "conf_high": "12.227",
}  # fmt: skip
NUMBER = {
    "term": "age", "estimate": "0.051", "std_error": "0.021", "wald": "5.898", "p_value": "0.015",
    "ratio": "1.052", "conf_low": "1.010", "conf_high": "1.097",
}  # fmt: skip


def table(*rows: Mapping[str, Any], **keys: Any) -> dict[str, Any]:
    """A logistic table of these rows."""
    head = {"id": "final", "kind": "logistic", "place": "Table 2", "conf_level": "95"}
    return head | keys | {"coefficient": [dict(row) for row in rows]}


def paper(**tables: Any) -> PublishedStudy:
    """A cohort of 200 patients, 40 with the event, and whatever else is given."""
    document = {
        "schema_version": 1,
        "id": "small",
        "citation": {"title": "A small paper", "language": "en", "source": "paper"},
        "design": {
            "kind": "cohort",
            "model": "logistic",
            "n_events": {"value": "40", "place": "Table 1"},
        },
        "outcome": {
            "name": "pain", "label": "Pain", "kind": "binary", "definition": "VAS of 4 or more",
            "place": "Methods",
        },
        "variables": {
            "cleft": {"label": "Cleft", "levels": ["No", "Yes"], "timing": "preoperative"},
            "grade": {"label": "Grade", "levels": ["1", "2", "3"], "timing": "preoperative"},
            "age": {"label": "Age", "timing": "preoperative", "plausible": [50, 100]},
        },
        "groups": [
            {"name": "Pain", "event": True, "n": "40", "place": "Table 1"},
            {"name": "None", "event": False, "n": "160", "place": "Table 1"},
        ],
    }  # fmt: skip
    return PublishedStudy.model_validate(frozen(document | tables))


def failed(**tables: Any) -> list[Check]:
    """What the audit calls inconsistent in such a paper."""
    return list(audit(paper(**tables)).inconsistent)


def found(identity: str, **tables: Any) -> list[Check]:
    """The checks of one kind."""
    return [check for check in audit(paper(**tables)).checks if check.id == identity]


def statistic(name: str, value: str, **keys: Any) -> dict[str, Any]:
    """A number of the text."""
    return {"name": name, "value": value, "place": "Results"} | keys
