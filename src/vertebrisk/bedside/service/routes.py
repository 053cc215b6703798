"""Everything that can be asked, by concern."""

from __future__ import annotations

from vertebrisk.bedside.service import (
    batching,
    calculators,
    cds_services,
    comparison,
    description,
    fhir_resources,
    health,
    listing,
    metrics,
    overview,
    risks,
)
from vertebrisk.bedside.service.endpoints import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *risks.ENDPOINTS,
    *listing.ENDPOINTS,
    *fhir_resources.ENDPOINTS,
    *description.ENDPOINTS,
    *health.ENDPOINTS,
    *metrics.ENDPOINTS,
    *overview.ENDPOINTS,
    *calculators.ENDPOINTS,
    *batching.ENDPOINTS,
    *comparison.ENDPOINTS,
    *cds_services.ENDPOINTS,
)
