"""What FHIR R4 (4.0.1) demands of a resource beyond its shape: its invariants and bindings.

Written from the definitions of HL7; fhir.resources checks shapes and leaves these out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree as ET

OBSERVATION_STATUS = {
    "registered", "preliminary", "final", "amended", "corrected", "cancelled",
    "entered-in-error", "unknown",
}  # fmt: skip
RESPONSE_STATUS = {"in-progress", "completed", "amended", "entered-in-error", "stopped"}
PUBLICATION_STATUS = {"draft", "active", "retired", "unknown"}
BUNDLE_TYPE = {
    "document", "message", "transaction", "transaction-response", "batch", "batch-response",
    "history", "searchset", "collection",
}  # fmt: skip
ITEM_TYPE = {
    "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string",
    "text", "url", "choice", "open-choice", "attachment", "reference", "quantity",
}  # fmt: skip
SEVERITY = {"fatal", "error", "warning", "information"}
ISSUE_TYPE = {
    "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown",
    "expired", "forbidden", "suppressed", "processing", "not-supported", "duplicate",
    "multiple-matches", "not-found", "deleted", "too-long", "code-invalid", "extension",
    "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store",
    "exception", "timeout", "incomplete", "throttled", "informational",
}  # fmt: skip
NARRATIVE_STATUS = {"generated", "extensions", "additional", "empty"}
UCUM = "http://unitsofmeasure.org"
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
CODE = re.compile(r"\S+(\s\S+)*")
URI = re.compile(r"\S+")
ABSOLUTE = re.compile(r"(https?://|urn:)\S+")
_TIME = r"T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d)"
DATE_TIME = re.compile(rf"\d{{4}}(-\d\d(-\d\d({_TIME})?)?)?")
INSTANT = re.compile(rf"\d{{4}}-\d\d-\d\d{_TIME}")

Element = dict[str, Any]


def broken(resource: Element) -> list[str]:
    """Every rule that a resource breaks, by its name in the definitions; none where sound."""
    return sorted(set(_broken(resource, contained=False)))


def _broken(resource: Element, *, contained: bool) -> Iterator[str]:
    kind = resource.get("resourceType")
    if kind not in RULES:
        yield f"resourceType {kind}"
        return
    if "id" in resource and not ID.fullmatch(resource["id"]):
        yield "id"
    yield from _of_elements(resource)
    yield from _of_contained(resource, contained=contained)
    if "text" in resource:
        yield from _of_narrative(resource["text"])
    yield from RULES[kind](resource)


def _elements(value: Any) -> Iterator[Element]:
    """Every object within, but not those of resources within, which are checked alone."""
    if isinstance(value, list):
        for each in value:
            yield from _elements(each)
    elif isinstance(value, dict):
        yield value
        for name, each in value.items():
            if name not in ("contained", "resource"):
                yield from _elements(each)


def _of_elements(resource: Element) -> Iterator[str]:
    for element in _elements(resource):
        for name, value in element.items():
            if value is None or value in ("", [], {}) or value != value:
                yield f"ele-1: {name}"
            if isinstance(value, str) and name != "div" and value != value.strip():
                yield f"string: {name}"
            if name == "code" and isinstance(value, str) and not CODE.fullmatch(value):
                yield "code"
            if name in ("system", "url", "reference", "questionnaire") and not URI.fullmatch(value):
                yield f"uri: {name}"
            if name.endswith("DateTime") and not DATE_TIME.fullmatch(value):
                yield f"dateTime: {name}"
        for name in ("authored", "date"):
            if isinstance(element.get(name), str) and not DATE_TIME.fullmatch(element[name]):
                yield f"dateTime: {name}"
        for extension in element.get("extension", []):
            values = [name for name in extension if name.startswith("value")]
            if ("extension" in extension) == bool(values) or len(values) > 1:
                yield "ext-1"
            if not extension.get("url"):
                yield "extension.url"
        if "value" in element and "code" in element and "system" not in element:
            yield "qty-3"
        low, high = element.get("low"), element.get("high")
        if isinstance(low, dict) and isinstance(high, dict) and low["value"] > high["value"]:
            yield "rng-2"
        if len([name for name in element if re.fullmatch(r"value[A-Z]\w*", name)]) > 1:
            yield "value[x]"
        for coding in element.get("coding", []):
            if "code" in coding and not ABSOLUTE.fullmatch(coding.get("system", "")):
                yield "coding.system"


def _of_contained(resource: Element, *, contained: bool) -> Iterator[str]:
    inner = resource.get("contained", [])
    if contained and inner:
        yield "dom-2"
    references = {
        each["reference"]
        for whole in (resource, *inner)
        for each in _elements(whole)
        if isinstance(each.get("reference"), str)
    }
    for each in _elements(resource):
        if "reference" in each and not isinstance(each["reference"], str):
            yield "reference"
    ids = [each.get("id") for each in inner]
    for each in inner:
        if not each.get("id"):
            yield "contained.id"
        elif f"#{each['id']}" not in references:
            yield "dom-3"
        if {"versionId", "lastUpdated"} & set(each.get("meta", {})):
            yield "dom-4"
        if "security" in each.get("meta", {}):
            yield "dom-5"
        yield from _broken(each, contained=True)
    if len(set(ids)) < len(ids):
        yield "contained.id"
    for reference in references:
        if reference.startswith("#") and reference[1:] not in ids and not contained:
            yield "ref-1"


def _of_narrative(text: Element) -> Iterator[str]:
    if text.get("status") not in NARRATIVE_STATUS:
        yield "narrative status"
    div = ET.fromstring(text["div"])
    if div.tag != "{http://www.w3.org/1999/xhtml}div":
        yield "txt-1"
    if not "".join(div.itertext()).strip():
        yield "txt-2"


def _referred(reference: Any, where: str) -> Iterator[str]:
    if not isinstance(reference, dict) or not {"reference", "identifier", "display"} & set(
        reference
    ):
        yield f"{where}: empty reference"


def _concept(concept: Any, where: str) -> Iterator[str]:
    if not isinstance(concept, dict) or not {"text", "coding"} & set(concept):
        yield f"{where}: empty concept"


def _risk_assessment(resource: Element) -> Iterator[str]:
    if resource.get("status") not in OBSERVATION_STATUS:
        yield "RiskAssessment.status"
    yield from _referred(resource.get("subject"), "RiskAssessment.subject")
    for each in resource.get("basis", []):
        yield from _referred(each, "RiskAssessment.basis")
    for each in resource.get("prediction", []):
        yield from _concept(each.get("outcome", {"text": "none"}), "prediction.outcome")
        decimal = each.get("probabilityDecimal")
        if decimal is not None and decimal > 100:
            yield "ras-2"
        if decimal is not None and decimal < 0:
            yield "probability below 0"
        for end in ("low", "high"):
            limit = each.get("probabilityRange", {}).get(end)
            if limit is not None and (limit.get("code"), limit.get("system")) != ("%", UCUM):
                yield "ras-1"
        for several in (("probabilityDecimal", "probabilityRange"), ("whenPeriod", "whenRange")):
            if all(name in each for name in several):
                yield f"choice: {several[0]}"
    for note in resource.get("note", []):
        if not note.get("text"):
            yield "Annotation.text"


def _questionnaire(resource: Element) -> Iterator[str]:
    if not re.fullmatch(r"[A-Z]([A-Za-z0-9_]){0,254}", resource.get("name", "A")):
        yield "que-0"
    if resource.get("status") not in PUBLICATION_STATUS:
        yield "Questionnaire.status"
    items = list(_items(resource))
    links = [each.get("linkId") for each in items]
    if len(set(links)) < len(links):
        yield "que-2"
    for item in items:
        yield from _item(item)


def _item(item: Element) -> Iterator[str]:
    kind = item.get("type")
    if not item.get("linkId"):
        yield "item.linkId"
    if kind not in ITEM_TYPE:
        yield "item.type"
    if (kind == "group" and not item.get("item")) or (kind == "display" and item.get("item")):
        yield "que-1"
    if kind == "display" and item.get("code"):
        yield "que-3"
    if item.get("answerOption") and item.get("answerValueSet"):
        yield "que-4"
    with_options = ("choice", "open-choice", "decimal", "integer", "date", "dateTime", "time",
                    "string", "quantity")  # fmt: skip
    if {"answerOption", "answerValueSet"} & set(item) and kind not in with_options:
        yield "que-5"
    if kind == "display" and ("required" in item or "repeats" in item):
        yield "que-6"
    if kind in ("group", "display") and "initial" in item:
        yield "que-8"
    if kind == "display" and "readOnly" in item:
        yield "que-9"
    if "maxLength" in item and kind not in (
        "boolean", "decimal", "integer", "string", "text", "url", "open-choice",
    ):  # fmt: skip
        yield "que-10"
    if item.get("answerOption") and item.get("initial"):
        yield "que-11"
    if len(item.get("enableWhen", [])) > 1 and "enableBehavior" not in item:
        yield "que-12"
    if len(item.get("initial", [])) > 1 and not item.get("repeats"):
        yield "que-13"
    keys = [
        str(sorted(each.get("valueCoding", each).items())) for each in item.get("answerOption", [])
    ]
    if len(set(keys)) < len(keys):
        yield "answerOption twice"


def _items(parent: Element) -> Iterator[Element]:
    for each in parent.get("item", []):
        yield each
        yield from _items(each)


def _questionnaire_response(resource: Element) -> Iterator[str]:
    if resource.get("status") not in RESPONSE_STATUS:
        yield "QuestionnaireResponse.status"
    for item in _items(resource):
        if not item.get("linkId"):
            yield "item.linkId"
        if item.get("item") and any(each.get("item") for each in item.get("answer", [])):
            yield "qrs-1"
    if "subject" in resource:
        yield from _referred(resource["subject"], "QuestionnaireResponse.subject")


def _observation(resource: Element) -> Iterator[str]:
    if resource.get("status") not in OBSERVATION_STATUS:
        yield "Observation.status"
    yield from _concept(resource.get("code"), "Observation.code")
    values = [name for name in resource if re.fullmatch(r"value[A-Z]\w*", name)]
    if values and "dataAbsentReason" in resource:
        yield "obs-6"
    code = resource.get("code", {}).get("coding", [])
    for component in resource.get("component", []):
        if values and any(each in code for each in component.get("code", {}).get("coding", [])):
            yield "obs-7"
    for each in resource.get("referenceRange", []):
        if not {"low", "high", "text"} & set(each):
            yield "obs-3"


def _patient(resource: Element) -> Iterator[str]:
    if resource.get("gender", "unknown") not in ("male", "female", "other", "unknown"):
        yield "Patient.gender"


def _bundle(resource: Element) -> Iterator[str]:
    kind = resource.get("type")
    if kind not in BUNDLE_TYPE:
        yield "Bundle.type"
    if "total" in resource and kind not in ("searchset", "history"):
        yield "bdl-1"
    if not INSTANT.fullmatch(resource.get("timestamp", "2020-01-01T00:00:00Z")):
        yield "Bundle.timestamp"
    entries = resource.get("entry", [])
    for entry in entries:
        if "search" in entry and kind != "searchset":
            yield "bdl-2"
        if ("request" in entry) != (kind in ("batch", "transaction", "history")):
            yield "bdl-3"
        if ("response" in entry) != (kind in ("batch-response", "transaction-response", "history")):
            yield "bdl-4"
        if not {"resource", "request", "response"} & set(entry):
            yield "bdl-5"
        if "/_history/" in entry.get("fullUrl", ""):
            yield "bdl-8"
        if "fullUrl" in entry and not ABSOLUTE.fullmatch(entry["fullUrl"]):
            yield "fullUrl"
        if "resource" in entry:
            yield from _broken(entry["resource"], contained=False)
    urls = [
        (entry["fullUrl"], entry.get("resource", {}).get("meta", {}).get("versionId"))
        for entry in entries
        if "fullUrl" in entry
    ]
    if kind != "history" and len(set(urls)) < len(urls):
        yield "bdl-7"
    if kind == "document" and not {"system", "value"} <= set(resource.get("identifier", {})):
        yield "bdl-9"


def _operation_outcome(resource: Element) -> Iterator[str]:
    if not resource.get("issue"):
        yield "OperationOutcome.issue"
    for each in resource.get("issue", []):
        if each.get("severity") not in SEVERITY:
            yield "issue.severity"
        if each.get("code") not in ISSUE_TYPE:
            yield "issue.code"


def _capability_statement(resource: Element) -> Iterator[str]:
    if resource.get("status") not in PUBLICATION_STATUS:
        yield "CapabilityStatement.status"
    if not {"rest", "messaging", "document"} & set(resource):
        yield "cpb-1"
    if not {"description", "software", "implementation"} & set(resource):
        yield "cpb-2"
    if resource.get("kind") == "instance" and "implementation" not in resource:
        yield "cpb-15"
    if resource.get("kind") != "requirements" and not DATE_TIME.fullmatch(resource.get("date", "")):
        yield "CapabilityStatement.date"


RULES: dict[str, Callable[[Element], Iterator[str]]] = {
    "RiskAssessment": _risk_assessment,
    "Questionnaire": _questionnaire,
    "QuestionnaireResponse": _questionnaire_response,
    "Observation": _observation,
    "Patient": _patient,
    "Bundle": _bundle,
    "OperationOutcome": _operation_outcome,
    "CapabilityStatement": _capability_statement,
}
