"""What a value[x] says of an input: a number in its unit, or one of its levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vertebrisk._checks import listed
from vertebrisk.bedside.fhir import terms
from vertebrisk.bedside.fhir.assessment import NamedModel
from vertebrisk.bedside.fhir.elements import Element, child, codings, refuse, text_of, value_name
from vertebrisk.bedside.fhir.items import Item
from vertebrisk.bedside.fhir.outcome import UnreadableResource
from vertebrisk.bedside.fhir.units import measured, plain, told_unit
from vertebrisk.design.design import level_text

Value = float | int | str | bool


@dataclass(frozen=True, slots=True)
class Coded:
    """An input with its levels by code."""

    item: Item
    levels: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, named: NamedModel, item: Item) -> Coded:
        """The levels of an input by every code that they have."""
        own = terms.levels_system(named.id)
        levels = {(own, terms.level_code(item.name, level)): level for level in item.levels}
        shared = [
            (each.system, each.code) for level in item.levels for each in item.codings_of(level)
        ]
        for level in item.levels:
            for each in item.codings_of(level):
                if shared.count((each.system, each.code)) == 1:
                    levels[each.system, each.code] = level
        return cls(item, levels)


def read_value(coded: Coded, element: Element, where: str, *, in_unit: bool) -> Value | None:
    """The value of an element; None where it has none.

    Parameters
    ----------
    coded : Coded
    element : mapping
        An Observation, a component of one, or an answer.
    where : str
        Its FHIRPath.
    in_unit : bool
        A number without a unit is in that of the input, as an answer to the model's own
        questionnaire is.

    Raises
    ------
    UnreadableResource
    """
    name = value_name(element, where)
    if not name:
        return None
    inside = f"{where}.value"
    item = coded.item
    if name == "valueQuantity":
        if item.levels:
            raise _not_a_level(item, inside)
        return measured(item, child(element, name, where), inside)
    value = element[name]
    if item.levels:
        return _level(coded, name, value, element, inside)
    return _number(item, name, value, inside, in_unit=in_unit)


def _number(item: Item, name: str, value: object, where: str, *, in_unit: bool) -> Value:
    if name in ("valueDecimal", "valueInteger") and type(value) in (int, float):
        if not (in_unit or plain(item)):
            raise refuse(
                f"'{item.name}' has no unit; it is wanted as a Quantity in {told_unit(item)}.",
                where,
                "value",
            )
        return value  # type: ignore[return-value]
    if not item.needed and type(value) in (str, bool):
        return value  # type: ignore[return-value]
    raise refuse(f"'{item.name}' is wanted as a number in {told_unit(item)}.", where, "value")


def _level(coded: Coded, name: str, value: object, element: Element, where: str) -> str:
    item = coded.item
    if name == "valueCoding":
        coding = child(element, name, where)
        return _of_codes(
            coded, [(text_of(coding, "system", where), text_of(coding, "code", where))], "", where
        )
    if name == "valueCodeableConcept":
        concept = child(element, name, where)
        return _of_codes(coded, codings(concept, where), text_of(concept, "text", where), where)
    if name == "valueBoolean" and type(value) is bool:
        found = item.truth(value)
    elif name in ("valueInteger", "valueDecimal") and type(value) in (int, float):
        found = _of_text(item, level_text(value))
    elif name == "valueString" and isinstance(value, str):
        found = _of_text(item, value.strip())
    else:
        found = None
    if found is None:
        raise _not_a_level(item, where)
    return found


def _of_codes(coded: Coded, codes: list[tuple[str, str]], text: str, where: str) -> str:
    """The level that codes, or else a text, stand for."""
    found = {coded.levels[each] for each in codes if each in coded.levels}
    if len(found) > 1:
        raise refuse(f"The codes of '{coded.item.name}' are several levels.", where, "conflict")
    if found:
        return found.pop()
    told = None if codes else _of_text(coded.item, text.strip())
    if told is None:
        raise _not_a_level(coded.item, where)
    return told


def _of_text(item: Item, text: str) -> str | None:
    """The level that a text is: itself, what the data held for it, its label, or missing."""
    if text in item.levels or text in item.missing:
        return text
    if text in item.stands:
        return item.stands[text]
    for labels in (item.labels, item.chinese_labels):
        if labels.count(text) == 1:
            return item.levels[labels.index(text)]
    return None


def _not_a_level(item: Item, where: str) -> UnreadableResource:
    return refuse(
        f"'{item.name}' has no such level; it has {listed(item.levels, 30)}, by the codes of the "
        "model's questionnaire.",
        where,
        "code-invalid",
    )
