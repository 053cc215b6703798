"""A model as a CDS service: when it is asked, and what of the record it reads.

References
----------
CDS Hooks 2.0, https://cds-hooks.hl7.org/2.0/ (Discovery, Prefetch Template).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from vertebrisk._types import Json
from vertebrisk.bedside.cds_hooks.wording import Wording, plain
from vertebrisk.bedside.fhir import terms
from vertebrisk.bedside.fhir.assessment import NamedModel
from vertebrisk.bedside.fhir.items import Item, items_of

HOOK = "patient-view"
PATIENT = "patient"
SUBJECT = "{{context.patientId}}"
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def service_description(named: NamedModel, words: Wording) -> Json:
    """A model as discovery lists it.

    Parameters
    ----------
    named : NamedModel
    words : Wording
        In the language of the client.
    """
    model = named.model.in_language(words.language)
    lead = words.outcome(model)
    found = {
        "hook": HOOK,
        "title": words("title", outcome=lead),
        "description": words(
            "description", outcome=lead, source=plain(model.provenance.title) or named.id
        ),
        "id": named.id,
        "prefetch": prefetch_templates(named),
        "usageRequirements": _requirements(named, words),
    }
    return {name: value for name, value in found.items() if value}


def prefetch_templates(named: NamedModel) -> dict[str, str]:
    """By key, what is read of the record: the patient, and the newest Observation of each input.

    An input is searched by its codes in terminologies and by that of the model's own system,
    which a hospital may map to what it records.
    """
    found = {PATIENT: f"Patient/{SUBJECT}"}
    for key, item in _keyed_items(named):
        codes = ",".join(_tokens(named, item))
        found[key] = f"Observation?patient={SUBJECT}&code={codes}&_sort=-date&_count=1"
    return found


def input_keys(named: NamedModel) -> dict[str, str]:
    """From the key of a template to the name of its input."""
    return {key: item.name for key, item in _keyed_items(named)}


def _keyed_items(named: NamedModel) -> Iterator[tuple[str, Item]]:
    """Inputs by key: the name where it is a plain one, else the place."""
    for place, item in enumerate(items_of(named), start=1):
        plain_name = _KEY.fullmatch(item.name) and item.name != PATIENT
        yield (item.name if plain_name else f"input-{place}"), item


def _tokens(named: NamedModel, item: Item) -> list[str]:
    """Codes of an input as a search by token has them."""
    coded = [(each.system, each.code) for each in item.codings]
    coded.append((terms.inputs_system(named.id), terms.as_code(item.name)))
    return [f"{_part(system)}|{_part(code)}" for system, code in dict.fromkeys(coded)]


def _part(text: str) -> str:
    """One part of a token: a comma, bar, dollar sign or backslash in it is escaped."""
    return quote(re.sub(r"([\\,|$])", r"\\\1", text), safe=":/.")


def _requirements(named: NamedModel, words: Wording) -> str:
    model = named.model.in_language(words.language)
    told = [words(f"use_at.{model.provenance.use_at}")] if model.provenance.use_at else []
    if model.population.description:
        told.append(words("holds_for", whom=plain(model.population.description).rstrip(".。")))
    told += [plain(each.told(words.language)) for each in model.provenance.lineage[-1:]]
    return words.joined([*told, words("research")])
