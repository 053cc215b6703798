"""The models as pages: all of them by outcome, and one with everything that it says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from vertebrisk.bedside.service.endpoints import page_endpoint, service_of
from vertebrisk.bedside.service.listing import asked_model
from vertebrisk.bedside.service.model_cards import Fact, card, groups
from vertebrisk.bedside.service.pages import localised
from vertebrisk.bedside.service.words import Words, words_of


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
    whole = json.loads(served.whole)
    refused = service_of(request).store.problems.get(served.id, "")
    return localised(
        request,
        "model.html.j2",
        card=card(served, words, refused),
        whole=whole,
        inputs=_inputs(whole, words),
        provenance=[
            Fact(words(name), str(whole["provenance"][name]))
            for name in PROVENANCE
            if whole["provenance"][name]
        ],
    )


def _inputs(whole: Mapping[str, Any], words: Words) -> list[InputRow]:
    """Inputs as rows of texts."""
    rows = [
        InputRow(
            name=each["name"],
            label=each["label"],
            definition=each["definition"],
            taken=_values(each, words),
            timing=words.known(f"timing.{each['timing']}", each["timing"]),
        )
        for each in whole["inputs"]
    ]
    known = words("strata", known="; ".join(whole["strata"]["known"]))
    return rows + [InputRow(name, name, "", known, "") for name in whole["strata"]["variables"]]


def _values(each: Mapping[str, Any], words: Words) -> str:
    if each["levels"]:
        return ", ".join(
            level["value"]
            if level["value"] == level["label"]
            else f"{level['value']} ({level['label']})"
            for level in each["levels"]
        )
    value = words("number_in", unit=each["unit"]) if each["unit"] else words("a_number")
    limits = each["range"]
    if limits is None:
        return value
    low, high = f"{limits['low']:.4g}", f"{limits['high']:.4g}"
    return words("made_from", value=value, low=low, high=high)


ENDPOINTS = (
    page_endpoint("/", models_page),
    page_endpoint("/models/{model}", model_page),
)
