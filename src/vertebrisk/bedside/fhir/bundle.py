"""Several resources as one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from vertebrisk._types import Json
from vertebrisk.bedside.fhir.times import instant


def collection(resources: Iterable[tuple[str, Json]], now: datetime) -> Json:
    """A Bundle of resources with their addresses (``urn:uuid:``...), in order."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": instant(now),
        "entry": [{"fullUrl": address, "resource": each} for address, each in resources],
    }
