"""The models as pages: all of them by outcome, and one with everything that it says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from vertebrisk.bedside.service.endpoints import page_endpoint, service_of
from vertebrisk.bedside.service.listing import asked_model
from vertebrisk.bedside.service.model_cards import Fact, card, groups, outcome_label
from vertebrisk.bedside.service.pages import localised
from vertebrisk.bedside.service.words import Words, words_of
from vertebrisk.design.design import Predictor
from vertebrisk.design.translating import in_language
from vertebrisk.models.risk_model import RiskModel


@dataclass(frozen=True, slots=True)
class InputRow:
    """One input of a model, as text."""

    name: str
    label: str
    definition: str
    taken: str
    timing: str


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
        inputs=_inputs(served.model, words),
        provenance=[
            Fact(words(name), str(provenance[name])) for name in PROVENANCE if provenance[name]
        ],
    )


def _inputs(model: RiskModel, words: Words) -> list[InputRow]:
    """Inputs as rows of texts."""
    rows = [
        InputRow(
            name=each.name,
            label=each.label or each.name,
            definition=each.definition,
            taken=_values(each, words),
            timing=words.known(f"timing.{each.timing}", each.timing),
        )
        for each in (in_language(own, words.language) for own in model.design.predictors)
    ]
    known = words("strata", known="; ".join(each.stratum for each in model.baselines))
    return rows + [InputRow(name, name, "", known, "") for name in model.strata]


def _values(each: Predictor, words: Words) -> str:
    if each.categorical:
        return ", ".join(
            level if level == each.level_label(level) else f"{level} ({each.level_label(level)})"
            for level in each.levels
        )
    value = words("number_in", unit=each.unit) if each.unit else words("a_number")
    if each.limits is None:
        return value
    low, high = (f"{limit:.4g}" for limit in each.limits)
    return words("made_from", value=value, low=low, high=high)


ENDPOINTS = (
    page_endpoint("/", models_page),
    page_endpoint("/models/{model}", model_page),
)
