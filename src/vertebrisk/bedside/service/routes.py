"""Everything that can be asked, by concern."""

from __future__ import annotations

from vertebrisk.bedside.service import (
    batching,
    calculators,
    description,
    health,
    metrics,
    overview,
    risks,
)
from vertebrisk.bedside.service.cds import services
from vertebrisk.bedside.service.comparison import page
from vertebrisk.bedside.service.endpoints import Endpoint
from vertebrisk.bedside.service.fhir import resources
from vertebrisk.bedside.service.models import listing

ENDPOINTS: tuple[Endpoint, ...] = (
    *risks.ENDPOINTS,
    *listing.ENDPOINTS,
    *resources.ENDPOINTS,
    *description.ENDPOINTS,
    *health.ENDPOINTS,
    *metrics.ENDPOINTS,
    *overview.ENDPOINTS,
    *calculators.ENDPOINTS,
    *batching.ENDPOINTS,
    *page.ENDPOINTS,
    *services.ENDPOINTS,
)
