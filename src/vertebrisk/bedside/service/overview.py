"""The models as pages: all of them by outcome, and one with everything that it says of itself."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vertebrisk.bedside.service.endpoints import page_endpoint, service_of
from vertebrisk.bedside.service.models.cards import Fact, card, groups, input_rows, outcome_label
from vertebrisk.bedside.service.models.listing import asked_model
from vertebrisk.bedside.service.pages import localised
from vertebrisk.bedside.service.words import words_of
from vertebrisk.design.translating import in_language

PROVENANCE = ("study", "formula", "selection", "estimator", "data_sha256", "software")


async def models_page(request: Request) -> Response:
    """All models by outcome."""
    store = service_of(request).store
    return localised(
        request,
        "models.html.j2",
        groups=groups(store.models(), store.problems, words_of(request)),
        not_offered=store.not_offered,
    )


async def model_page(request: Request) -> Response:
    """One model: population, performance, inputs, equation, provenance."""
    served = asked_model(request)
    words = words_of(request)
    provenance = served.model.provenance.to_dict()
    refused = service_of(request).store.problems.get(served.id, "")
    return localised(
        request,
        "model.html.j2",
        card=card(served, words, refused),
        outcome=outcome_label(served.model, words),
        title=in_language(served.model.provenance, words.language).title,
        equation=served.model.equation(),
        inputs=input_rows(served.model, words),
        provenance=[
            Fact(words(name), str(provenance[name])) for name in PROVENANCE if provenance[name]
        ],
    )


ENDPOINTS = (
    page_endpoint("/", models_page),
    page_endpoint("/models/{model}", model_page),
)
