"""From centres to an internal-external validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vertebrisk._types import ModelKind
from vertebrisk.validation.centres.measured import Centre
from vertebrisk.validation.centres.pooling import pooled_centres
from vertebrisk.validation.centres.remarks import centre_findings
from vertebrisk.validation.centres.results import (
    ConcordanceOf,
    InternalExternal,
    centre_table,
)


@dataclass(frozen=True, slots=True)
class CentreSettings:
    """What an internal-external validation is called; see `InternalExternal`."""

    outcome: str
    by: str
    kind: ModelKind
    procedure: str
    level: float
    horizon: float | None = None
    time_unit: str = ""
    concordance: ConcordanceOf = "area"
    clustered: bool = False
    uninformed: tuple[str, ...] = ()  # centres whose others leave a column without information


def assembled(centres: Sequence[Centre], settings: CentreSettings) -> InternalExternal:
    """The table, what is pooled, and the findings."""
    pooled, weights, fits = pooled_centres(centres, settings.level)
    return InternalExternal(
        outcome=settings.outcome,
        by=settings.by,
        kind=settings.kind,
        procedure=settings.procedure,
        horizon=settings.horizon,
        time_unit=settings.time_unit,
        concordance=settings.concordance,
        level=settings.level,
        table=centre_table(centres, weights),
        pooled=pooled,
        findings=centre_findings(
            centres,
            fits,
            timed=settings.horizon is not None,
            clustered=settings.clustered,
            uninformed=settings.uninformed,
        ),
    )
