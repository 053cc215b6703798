"""The card of one patient by one model: what the record has is read, scored and told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from vertebrisk._types import Json
from vertebrisk.bedside.cds_hooks.cards import Shown, Told, asking_card, no_risk_card, risk_card
from vertebrisk.bedside.cds_hooks.descriptions import prefetch_templates
from vertebrisk.bedside.cds_hooks.prefetched import Prefetched, read_prefetch
from vertebrisk.bedside.cds_hooks.wording import Wording, escaped
from vertebrisk.bedside.fhir.items import Item, items_of
from vertebrisk.bedside.service.cds.requests import Call
from vertebrisk.bedside.service.fhir.assessing import named_model, risks_of
from vertebrisk.bedside.service.models.cards import flags
from vertebrisk.bedside.service.problems import FieldError, Problem, invalid, pointer_part
from vertebrisk.bedside.service.store import ServedModel
from vertebrisk.bedside.service.words import Words
from vertebrisk.design.design import level_text
from vertebrisk.text.numbers import PLAIN

INPUTS = "/inputs"  # where errors of scoring have the name of an input


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a service: the model, the language of the card, and what was sent.

    `base` is the address of the service, without a '/' at the end.
    """

    served: ServedModel
    words: Wording
    call: Call
    base: str
    now: datetime


def card_of(asked: Asked) -> tuple[Json, bool]:
    """The card, and whether it tells a risk.

    Raises
    ------
    Problem
        412 where nothing that the model reads was fetched, 422 where something is of another
        patient.
    """
    served, words = asked.served, asked.words
    named = named_model(served)
    read = _read(asked)
    errors: list[FieldError] = []
    codes, _ = served.reader.read(read.values, INPUTS, errors)
    inputs = _known(served, codes, read.values)
    told = Told(
        inputs=_shown(inputs, read, items_of(named), words),
        cautions=[
            escaped(f"{each.word} {each.sentence}")
            for each in flags(served.model, Words(words.language))
        ],
        remarks=_remarks(read, items_of(named), words),
        link=calculator_link(served, asked.base, inputs),
    )
    if served.reader.averages and read.unusable:
        unusable = [_label(each, words) for each in items_of(named) if each.name in read.unusable]
        return asking_card(named, words, [], unusable, told), False
    try:
        risks = risks_of(served, [dict(read.values)], [INPUTS])
        return risk_card(named, words, risks[0], told), True
    except Problem as problem:
        missing, unusable = _wanted(problem, read, items_of(named), words)
    if missing or unusable:
        return asking_card(named, words, missing, unusable, told), False
    return no_risk_card(named, words, told), False


def _read(asked: Asked) -> Prefetched:
    named = named_model(asked.served)
    prefetch = asked.call.prefetch or {}
    templates = prefetch_templates(named)
    if not any(key in prefetch for key in templates):
        raise Problem(
            412,
            "not-fetched",
            "Nothing that this service reads was sent in 'prefetch', and it fetches nothing "
            f"itself. GET /cds-services has the templates of {', '.join(templates)}.",
        )
    read = read_prefetch(named, prefetch, asked.call.patient_id, asked.now)
    if read.others:
        raise invalid(
            [
                FieldError(
                    f"/prefetch/{pointer_part(key)}",
                    "other-patient",
                    f"'{key}' is of another patient than 'context.patientId'.",
                )
                for key in read.others
            ]
        )
    return read


def _known(
    served: ServedModel, codes: Mapping[str, float], values: Mapping[str, object]
) -> dict[str, float | str]:
    """Inputs that the model takes as they are: numbers, levels by name, and a known stratum."""
    found: dict[str, float | str] = {}
    for each in served.reader.inputs:
        if not math.isnan(codes.get(each.name, math.nan)):
            code = codes[each.name]
            found[each.name] = each.levels[int(code)] if each.levels else code
    strata = {name: level_text(values[name]) for name in served.reader.strata if name in values}
    whole = len(strata) == len(served.reader.strata)
    if whole and served.compiled.knows(", ".join(strata.values())):
        found |= strata
    return found


def calculator_link(served: ServedModel, base: str, inputs: Mapping[str, float | str]) -> str:
    """Address of the calculator with inputs filled in; "" for a model that has none.

    Only inputs of the model stand in it, and after the sign from which on a browser sends
    nothing to a server.
    """
    if not (served.model.design.terms or served.model.strata):
        return ""
    pairs = [(name, _plainly(value)) for name, value in inputs.items()]
    fragment = f"#{urlencode(pairs, errors='replace')}" if pairs else ""
    return f"{base}/models/{served.id}/calculator{fragment}"


def _plainly(value: float | str) -> str:
    """A level, or a number as a plain decimal."""
    if isinstance(value, str):
        return value
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _shown(
    inputs: Mapping[str, float | str], read: Prefetched, items: tuple[Item, ...], words: Wording
) -> list[Shown]:
    found = []
    for item in items:
        value = inputs.get(item.name)
        if value is None:
            continue
        since = read.dates.get(item.name)
        found.append(
            Shown(
                label=_label(item, words),
                value=_told_value(item, value, words),
                since="" if since is None else since.isoformat(),
            )
        )
    return found


def _told_value(item: Item, value: float | str, words: Wording) -> str:
    if isinstance(value, str):
        if value not in item.levels:
            return value
        labels = item.chinese_labels if words.language == "zh" else ()
        return (labels or item.labels)[item.levels.index(value)]
    return f"{PLAIN.significant(value, 6) if value % 1 else _plainly(value)} {item.unit}".strip()


def _label(item: Item, words: Wording) -> str:
    return (item.chinese if words.language == "zh" else "") or item.label


def _remarks(read: Prefetched, items: tuple[Item, ...], words: Wording) -> list[str]:
    labels = {each.name: escaped(_label(each, words)) for each in items}
    return [words(each.key, label=labels[each.name]) for each in read.remarks]


def _wanted(
    problem: Problem, read: Prefetched, items: tuple[Item, ...], words: Wording
) -> tuple[list[str], list[str]]:
    """Labels of what is missing, and of what is there and cannot be used."""
    missing: list[str] = []
    unusable: list[str] = []
    for error in problem.errors:
        for item in items:
            if error.pointer != f"{INPUTS}/{pointer_part(item.name)}":
                continue
            absent = error.code == "missing" and item.name not in read.unusable
            (missing if absent else unusable).append(_label(item, words))
    return missing, unusable
