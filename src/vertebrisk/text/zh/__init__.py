"""The Chinese of every message, by its English template: one file a room of the house."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vertebrisk.text.zh import counts, estimation, evidence, external, models, updating

CHINESE: Mapping[str, str] = MappingProxyType(
    {
        **counts.CHINESE,
        **models.CHINESE,
        **estimation.CHINESE,
        **external.CHINESE,
        **updating.CHINESE,
        **evidence.CHINESE,
    }
)
