"""The files of a pooling."""

from __future__ import annotations

from vertebrisk._files import json_text
from vertebrisk._types import Language
from vertebrisk.evidence.pooling.papers import PooledPapers


def pooling_files(result: PooledPapers, language: Language) -> dict[str, bytes]:
    """Content of every file of ``--out``, by name."""
    return {"pool.json": json_text(result.to_dict()).encode()}
