"""Small study protocols as TOML, for every test that needs one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Table = Mapping[str, Any]

STUDY: Table = {
    "id": "made",
    "title": "Made for a test",
    "data": "patients.csv",
    "patient": None,
    "unit": "patient",
    "use_at": "preoperative",
}
OUTCOME: Table = {
    "name": "pain",
    "label": "Residual back pain",
    "kind": "binary",
    "event": "vas >= 4",
    "time_point": "1 month",
}
VALIDATION: Table = {
    "resamples": 40,
    "seed": 3,
    "thresholds": [0.2],
    "threshold_range": [0.05, 0.6],
    "instability": False,
}


def protocol_text(
    *,
    variables: Mapping[str, Table],
    analysis: Table,
    study: Table | None = None,
    outcome: Table | None = None,
    validation: Table | None = None,
    include: Sequence[Table] = (),
    exclude: Sequence[Table] = (),
    **more: Table,
) -> str:
    """A protocol; the tables given are laid over those of a small binary study.

    A variable without timing is preoperative; candidates are prespecified where nothing else
    is said. `more` are further tables, such as ``sampling``. A value of None takes a key out.
    """
    parts = [_table("[study]", {**STUDY, **(study or {})})]
    parts += [_table("[[eligibility.include]]", each) for each in include]
    parts += [_table("[[eligibility.exclude]]", each) for each in exclude]
    parts.append(_table("[outcome]", {**OUTCOME, **(outcome or {})}))
    for name, table in variables.items():
        parts.append(_table(f"[variables.{name}]", {**table, "timing": _timing(table)}))
    parts.append(_table("[analysis]", {"select": "prespecified", **analysis}))
    parts.append(_table("[validation]", {**VALIDATION, **(validation or {})}))
    parts += [_table(f"[{name}]", table) for name, table in more.items()]
    return "\n".join(parts)


def write_study(folder: Path, **tables: Any) -> Path:
    """The protocol of `protocol_text` in a folder."""
    path = folder / "protocol.toml"
    path.write_text(protocol_text(**tables), encoding="utf-8")
    return path


def _timing(table: Table) -> object:
    return table.get("timing", "preoperative")


def _table(head: str, table: Table) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in table.items() if value is not None]
    return "\n".join([head, *lines, ""])


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _key(key: object) -> str:
    text = str(key)
    return text if text.replace("_", "").isalnum() and text.isascii() else json.dumps(text)
