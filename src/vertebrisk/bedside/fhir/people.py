"""What a Patient says of the inputs of a model: age from the date of birth, and sex."""

from __future__ import annotations

from datetime import date

from vertebrisk._types import Json
from vertebrisk.bedside.fhir.elements import Element, refuse, text_of
from vertebrisk.bedside.fhir.items import Item
from vertebrisk.bedside.fhir.observations import Codebook, Inputs
from vertebrisk.bedside.fhir.outcome import UnreadableResource
from vertebrisk.bedside.fhir.terms import GENDER, LOINC, SNOMED
from vertebrisk.bedside.fhir.times import completed_years, whole_date
from vertebrisk.bedside.fhir.values import Value

# Age; age, reported; age, calculated; current chronological age.
AGE = {
    (LOINC, "30525-0"), (LOINC, "21612-7"), (LOINC, "29553-5"),
    (SNOMED, "397669002"), (SNOMED, "424144002"),
}  # fmt: skip
# Sex; sex assigned at birth; gender; patient sex.
SEX = {(LOINC, "46098-0"), (LOINC, "76689-9"), (SNOMED, "263495000"), (SNOMED, "184100006")}
YEARS = "a"
_GENDERS: dict[str, tuple[set[tuple[str, str]], set[str]]] = {
    "male": ({(SNOMED, "248153007"), (GENDER, "male")}, {"male", "m", "man", "men", "男", "男性"}),
    "female": (
        {(SNOMED, "248152002"), (GENDER, "female")},
        {"female", "f", "woman", "women", "女", "女性"},
    ),
}


def take_from_patient(
    codebook: Codebook,
    patient: Element,
    where: str,
    reference: Json | None,
    today: date,
    inputs: Inputs,
) -> None:
    """Age and sex, where the model reads them by their codes and no Observation gave them."""
    for item in codebook.items:
        if item.name in inputs.values or item.name in inputs.places:
            continue
        codes = {(each.system, each.code) for each in item.codings}
        try:
            value: Value | None = None
            if codes & AGE and not item.levels and item.ucum == YEARS:
                value, place = _age(patient, where, today), f"{where}.birthDate"
            elif codes & SEX and item.levels:
                value, place = _sex(item, patient, where), f"{where}.gender"
        except UnreadableResource as error:
            inputs.issues += error.issues
            continue
        if value is not None:
            inputs.note(item.name, value, place, reference)
            if not item.levels:
                inputs.remarks.append(
                    f"'{item.name}' is in completed years, from the date of birth."
                )


def _age(patient: Element, where: str, today: date) -> int | None:
    """Completed years; None without a date of birth to the day."""
    text = text_of(patient, "birthDate", where)
    birth = whole_date(text)
    if birth is None:
        return None
    if birth > today:
        raise refuse("The date of birth is to come.", f"{where}.birthDate", "value")
    return completed_years(birth, today)


def _sex(item: Item, patient: Element, where: str) -> str | None:
    """The level that a gender is, by its codes or its name; None where no single one is."""
    codes, words = _GENDERS.get(text_of(patient, "gender", where), (set(), set()))
    found = [
        level
        for level, label in zip(item.levels, item.labels, strict=True)
        if codes & {(each.system, each.code) for each in item.codings_of(level)}
        or words & {level.casefold(), label.casefold()}
    ]
    return found[0] if len(found) == 1 else None
