"""Records of what was measured: one dated line of JSON a run, added below those before it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("history")


def default_file(machine: Mapping[str, str]) -> Path:
    """The file of this kind of machine, named after its processor and its cores."""
    name = f"{machine['processor']} {machine['cores']} cores {machine['system']}"
    return FOLDER / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.jsonl"


def added(path: Path, record: Mapping[str, Any]) -> None:
    """Add one record below those that the file holds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"date": now, **record}, ensure_ascii=False) + "\n")
