"""The last watch over a served model, from what `vertebrisk monitor` wrote beside its file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from vertebrisk.models.portable.lineage import is_date

SUFFIX = ".monitoring.json"
LARGEST = 2_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Watched:
    """Until which month a model was watched, and the month of its last signal, if there is one."""

    last: str
    signal: str


def last_watch(path: Path | None, version: str) -> Watched | None:
    """The watch over this version of a model, or None.

    ``model.json`` has it in ``model.monitoring.json``. A file that is none, or tells of another
    version, tells nothing of this one.
    """
    if path is None:
        return None
    beside = path.with_name(f"{path.stem}{SUFFIX}")
    try:
        if beside.stat().st_size > LARGEST:
            return None
        document = json.loads(beside.read_text(encoding="utf-8"))
        if document["schema"] != "vertebrisk/monitoring" or document["model_version"] != version:
            return None
        found = Watched(document["last"], "")
        if document["signals"]:
            found = Watched(found.last, document["signals"][-1]["when"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
    months = [found.last, *([found.signal] if document["signals"] else [])]
    return found if all(isinstance(each, str) and is_date(each) for each in months) else None
