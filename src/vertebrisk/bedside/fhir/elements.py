"""Steps into a document of a stranger: every element is what it should be, or an issue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from vertebrisk._types import Json
from vertebrisk.bedside.fhir.outcome import Issue, IssueCode, UnreadableResource

Element = Mapping[str, Any]
LONGEST = 2048  # of a reference
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_ABSOLUTE = re.compile(r"(https?://|urn:)\S+")


def refuse(text: str, where: str, code: IssueCode = "structure") -> UnreadableResource:
    """The error of one element."""
    return UnreadableResource([Issue(code, text, where.lstrip("."))])


def children(parent: Element, name: str, where: str) -> Iterator[tuple[Element, str]]:
    """Elements of a list with the place of each; none where there is no list.

    Raises
    ------
    UnreadableResource
        When it is no list of objects.
    """
    found = parent.get(name, [])
    if not isinstance(found, list):
        raise refuse(f"'{name}' is a list in FHIR.", f"{where}.{name}")
    for place, each in enumerate(found):
        inside = f"{where}.{name}[{place}]"
        if not isinstance(each, dict):
            raise refuse(f"'{name}' is a list of objects in FHIR.", inside)
        yield each, inside


def child(parent: Element, name: str, where: str) -> Element:
    """One element; empty where there is none."""
    found = parent.get(name, {})
    if not isinstance(found, dict):
        raise refuse(f"'{name}' is an object in FHIR.", f"{where}.{name}")
    return found


def text_of(parent: Element, name: str, where: str) -> str:
    """A text; "" where there is none."""
    found = parent.get(name, "")
    if not isinstance(found, str):
        raise refuse(f"'{name}' is a text in FHIR.", f"{where}.{name}")
    return found


def codings(concept: Element, where: str) -> list[tuple[str, str]]:
    """System and code of every coding of a CodeableConcept."""
    return [
        (text_of(each, "system", inside), text_of(each, "code", inside))
        for each, inside in children(concept, "coding", where)
    ]


def value_name(element: Element, where: str) -> str:
    """The name of the value that an element has ("valueQuantity"), "" where it has none.

    Raises
    ------
    UnreadableResource
        When it has several.
    """
    names = [name for name in element if name.startswith("value") and name[5:6].isupper()]
    if len(names) > 1:
        raise refuse("An element has one value[x] in FHIR, and this has several.", where)
    return names[0] if names else ""


def own_reference(kind: str, resource: Element, full_url: str) -> Json | None:
    """A reference to a resource as the request names it; None where it has no name."""
    if _ABSOLUTE.fullmatch(full_url) and _is_address(full_url):
        return {"reference": full_url}
    identity = resource.get("id")
    if isinstance(identity, str) and _ID.fullmatch(identity):
        return {"reference": f"{kind}/{identity}"}
    return None


def given_reference(element: Element, where: str) -> Json | None:
    """A reference as it may be said back: its address or identifier, else what it displays.

    None where there is none, or where it leads into the resource itself, where the answer
    cannot follow.
    """
    reference = text_of(element, "reference", where).strip()
    kept: Json = {}
    if reference and not reference.startswith("#"):
        if not _is_address(reference):
            raise refuse("A reference is an address without spaces.", f"{where}.reference")
        kept["reference"] = reference
    identifier = child(element, "identifier", where)
    value = _printable(text_of(identifier, "value", f"{where}.identifier"))
    if value:
        system = text_of(identifier, "system", f"{where}.identifier").strip()
        named = {"system": system} if system and _is_address(system) else {}
        kept["identifier"] = {**named, "value": value}
    display = _printable(text_of(element, "display", where))
    if not kept and not reference and display:
        kept["display"] = display
    return kept or None


def _is_address(text: str) -> bool:
    return len(text) <= LONGEST and text.isprintable() and " " not in text


def _printable(text: str) -> str:
    return "".join(filter(str.isprintable, text)).strip()[:LONGEST]
