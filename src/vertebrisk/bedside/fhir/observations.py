"""Observations as inputs of a model: by their codes, the newest of each, what is final first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vertebrisk._types import Json
from vertebrisk.bedside.fhir import terms
from vertebrisk.bedside.fhir.assessment import NamedModel
from vertebrisk.bedside.fhir.elements import (
    Element,
    child,
    children,
    codings,
    own_reference,
    refuse,
    text_of,
    value_name,
)
from vertebrisk.bedside.fhir.items import Item, items_of
from vertebrisk.bedside.fhir.outcome import Issue, UnreadableResource
from vertebrisk.bedside.fhir.times import Span, span_of
from vertebrisk.bedside.fhir.units import told_unit
from vertebrisk.bedside.fhir.values import Coded, Value, read_value

SETTLED = ("final", "amended", "corrected")
UNSETTLED = ("preliminary", "unknown")
LEFT_OUT = ("entered-in-error", "cancelled", "registered")


@dataclass(frozen=True, slots=True)
class Found:
    """An element that may be an input: an Observation, or a component of one."""

    coded: Coded
    element: Element
    where: str
    status: str
    when: Span | None
    reference: Json | None


@dataclass(slots=True)
class Inputs:
    """What was read of one patient so far."""

    values: dict[str, Value] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    basis: list[Json] = field(default_factory=list)
    unnamed: bool = False  # something was read that no reference leads to
    remarks: list[str] = field(default_factory=list)
    preliminary: bool = False
    issues: list[Issue] = field(default_factory=list)

    def note(self, name: str, value: Value, where: str, reference: Json | None) -> None:
        """One input with its place, and the resource that it was read from."""
        self.values[name] = value
        self.places[name] = where
        if reference is None:
            self.unnamed = True
        elif reference not in self.basis:
            self.basis.append(reference)


class Codebook:
    """The inputs of a model by every code that they are known by."""

    def __init__(self, named: NamedModel) -> None:
        self.items = items_of(named)
        self.coded = {each.name: Coded.of(named, each) for each in self.items}
        self._by_code: dict[tuple[str, str], list[str]] = {}
        system = terms.inputs_system(named.id)
        for item in self.items:
            own = (system, terms.as_code(item.name))
            for key in {own, *((each.system, each.code) for each in item.codings)}:
                self._by_code.setdefault(key, []).append(item.name)

    def input_of(self, element: Element, where: str) -> Coded | None:
        """The input that the code of an element names; None where it names none.

        Raises
        ------
        UnreadableResource
            When its codes name several: the code of a pain score, say, that the model reads
            before and after. The code of the model's own system tells them apart.
        """
        concept = child(element, "code", where)
        found: set[str] = set()
        alone: set[str] = set()
        for key in codings(concept, f"{where}.code"):
            names = self._by_code.get(key, [])
            found.update(names)
            alone.update(names if len(names) == 1 else ())
        chosen = alone or found
        if len(chosen) > 1:
            raise refuse(
                f"The codes are those of several inputs ({', '.join(sorted(chosen))}); send the "
                "code of the model's own system as well.",
                f"{where}.code",
                "conflict",
            )
        return self.coded[chosen.pop()] if chosen else None


def found_in(
    codebook: Codebook, observation: Element, where: str, full_url: str
) -> Iterator[Found]:
    """The inputs that an Observation holds, in itself or in its components.

    Raises
    ------
    UnreadableResource
        When it breaks a rule of FHIR that its reading rests on.
    """
    parts = [(observation, where)]
    parts += children(observation, "component", where)
    matched = [(coded, *part) for part in parts if (coded := codebook.input_of(*part))]
    if not matched:
        return
    status = text_of(observation, "status", where)
    if status not in (*SETTLED, *UNSETTLED, *LEFT_OUT):
        raise refuse("'status' is none of an Observation's.", f"{where}.status", "code-invalid")
    when = _when(observation, where)
    reference = own_reference("Observation", observation, full_url)
    for coded, element, inside in matched:
        if value_name(element, inside) and "dataAbsentReason" in element:
            raise refuse(
                "It has a value and the reason why there is none (obs-6).", inside, "invariant"
            )
        yield Found(coded, element, inside, status, when, reference)


def take_newest(found: Sequence[Found], inputs: Inputs) -> None:
    """The newest value of every input; what cannot be read is added to the issues."""
    by_input: dict[str, list[Found]] = {}
    for each in found:
        name = each.coded.item.name
        if each.status in LEFT_OUT:
            inputs.remarks.append(f"'{name}': an Observation that is {each.status} was left out.")
        elif value_name(each.element, each.where):
            by_input.setdefault(name, []).append(each)
    for name, several in by_input.items():
        try:
            chosen, value = _newest(name, several)
        except UnreadableResource as error:
            inputs.issues += error.issues
            inputs.places[name] = several[0].where
            continue
        if value is None:
            continue
        inputs.note(name, value, chosen.where, chosen.reference)
        if chosen.status in UNSETTLED:
            inputs.preliminary = True
            inputs.remarks.append(f"'{name}' is not final: its Observation is {chosen.status}.")
        if len(several) > 1:
            inputs.remarks.append(f"'{name}' is the newest of {len(several)} Observations.")


def _newest(name: str, several: Sequence[Found]) -> tuple[Found, Value | None]:
    """The one that no other may be newer than; several that agree are one."""
    latest = max((each.when[0] for each in several if each.when is not None), default=None)
    newest = [
        each for each in several if each.when is None or latest is None or each.when[1] >= latest
    ]
    read = [(each, _read(each)) for each in newest]
    if any(value != read[0][1] for _, value in read):
        raise refuse(
            f"'{name}' is there {len(read)} times with different values, and none is the newest: "
            "give each its time (effectiveDateTime), or send one.",
            read[0][0].where,
            "conflict",
        )
    return read[0]


def _read(found: Found) -> Value | None:
    return read_value(found.coded, found.element, found.where, in_unit=False)


def _when(observation: Element, where: str) -> Span | None:
    """When it was so: the time of the Observation, the end of its period, or its issue."""
    period = child(observation, "effectivePeriod", where)
    texts = {
        "effectiveDateTime": text_of(observation, "effectiveDateTime", where),
        "effectiveInstant": text_of(observation, "effectiveInstant", where),
        "effectivePeriod": text_of(period, "end", where) or text_of(period, "start", where),
        "issued": text_of(observation, "issued", where),
    }
    for name, text in texts.items():
        if text:
            span = span_of(text)
            if span is None:
                raise refuse("It is no date or time of FHIR.", f"{where}.{name}", "value")
            return span
    return None


def wanted(named: NamedModel, item: Item) -> str:
    """How an input is to be sent, in words: its codes and its unit."""
    codes = [f"{each.system}|{each.code}" for each in item.codings]
    own = f"{terms.inputs_system(named.id)}|{terms.as_code(item.name)}"
    what = "one of its levels" if item.levels else f"a number in {told_unit(item)}"
    return f"Send {what} with the code {' or '.join([*codes, own])}."
