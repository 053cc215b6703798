"""Check digits of LOINC and SNOMED CT, and units in UCUM."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertebrisk.design.codings import (
    LOINC,
    SNOMED,
    Coding,
    coding_trouble,
    is_loinc,
    is_snomed,
    system_uri,
    ucum_of,
)

# Age, body mass index, sex, pain on a visual analogue scale, glucose, body height.
LOINC_CODES = ("30525-0", "39156-5", "46098-0", "38214-3", "2345-7", "8302-2")
# Diabetes, hypertension, male, female, yes, no, myocardial infarction; the second is as long
# as the extension of a country makes them.
SNOMED_CODES = (
    "73211009", "900000000000207008", "38341003", "248153007", "248152002", "373066001",
    "373067005", "22298006",
)  # fmt: skip


@pytest.mark.parametrize("code", LOINC_CODES)
def test_codes_of_loinc_pass_and_fail_with_another_check_digit(code: str) -> None:
    assert is_loinc(code)
    stem, digit = code.split("-")
    others = [f"{stem}-{each}" for each in "0123456789" if each != digit]
    assert not any(map(is_loinc, others))


@pytest.mark.parametrize("code", SNOMED_CODES)
def test_codes_of_snomed_pass_and_one_wrong_digit_or_two_exchanged_fail(code: str) -> None:
    assert is_snomed(code)
    for place, digit in enumerate(code):
        for other in "0123456789":
            if other != digit:
                assert not is_snomed(code[:place] + other + code[place + 1 :])
    for place, (one, two) in enumerate(pairwise(code)):
        if one != two:
            assert not is_snomed(code[:place] + two + one + code[place + 2 :])


@given(st.integers(min_value=10_000, max_value=10**16))
def test_exactly_one_check_digit_makes_a_code_of_snomed(stem: int) -> None:
    assert sum(is_snomed(f"{stem}{digit}") for digit in range(10)) == 1


@pytest.mark.parametrize("code", ["39156", "39156-55", "a-5", "", "39156_5", "٣٩١٥٦-5"])
def test_what_is_no_code_of_loinc(code: str) -> None:
    assert not is_loinc(code)


@pytest.mark.parametrize("code", ["12345", "1" * 19, "073211009", "73211009 ", "७३२११००९"])
def test_what_is_no_code_of_snomed(code: str) -> None:
    assert not is_snomed(code)


@pytest.mark.parametrize(
    ("system", "code", "told"),
    [
        (LOINC, "39156-6", "'39156-6' is no code of LOINC"),
        (SNOMED, "73211008", "'73211008' is no code of SNOMED CT"),
        ("icd10", "M80.0", "the system is 'icd10'; write 'snomed', 'loinc', or the URI"),
        ("http://hl7.org/fhir/sid/icd-10", " ", "a code is needed"),
        ("http://hl7.org/fhir/sid/icd-10", "M80.0", ""),
        (LOINC, "39156-5", ""),
    ],
)
def test_a_wrong_code_is_told_in_a_line(system: str, code: str, told: str) -> None:
    trouble = coding_trouble(system, code)
    assert trouble.startswith(told) or told in trouble
    assert bool(trouble) == bool(told)
    if told:
        with pytest.raises(ValueError, match="a code in it is none"):
            Coding.from_dict({"system": system, "code": code})


def test_a_code_survives_json_and_short_names_are_uris() -> None:
    coding = Coding(system_uri("LOINC"), "39156-5", "Body mass index (BMI) [Ratio]")
    assert Coding.from_dict(coding.to_dict()) == coding
    assert system_uri("snomed") == "http://snomed.info/sct"
    assert "display" not in Coding(SNOMED, "73211009").to_dict()


def test_units_of_codebooks_in_ucum() -> None:
    assert [ucum_of(unit) for unit in ("years", "ml", "kg/m2", "HU", "points")] == [
        "a", "mL", "kg/m2", "[hnsf'U]", "{score}",
    ]  # fmt: skip
    assert ucum_of("furlongs") == ""
