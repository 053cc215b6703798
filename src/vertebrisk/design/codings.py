"""Codes of a terminology, such as SNOMED CT and LOINC, and units in UCUM."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vertebrisk._types import Json

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
SYSTEMS: Mapping[str, str] = MappingProxyType({"snomed": SNOMED, "loinc": LOINC})

# What codebooks write, in the case-sensitive codes of UCUM. A score has no unit, so that its
# name stands in braces.
UCUM: Mapping[str, str] = MappingProxyType(
    {
        "%": "%",
        "HU": "[hnsf'U]",
        "SD": "{SD}",
        "cm": "cm",
        "days": "d",
        "degrees": "deg",
        "g/cm2": "g/cm2",
        "hours": "h",
        "kg": "kg",
        "kg/m2": "kg/m2",
        "min": "min",
        "ml": "mL",
        "mm": "mm",
        "months": "mo",
        "points": "{score}",
        "weeks": "wk",
        "years": "a",
        "°": "deg",
    }
)

# Verhoeff's multiplication in the dihedral group of order 10, and his permutation.
_ROTATIONS = 5
_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


@dataclass(frozen=True, slots=True)
class Coding:
    """One code: the URI of its system, the code and its name there."""

    system: str
    code: str
    display: str = ""

    def to_dict(self) -> Json:
        """JSON form, as FHIR's Coding."""
        named = {"display": self.display} if self.display else {}
        return {"system": self.system, "code": self.code, **named}

    @classmethod
    def from_dict(cls, document: Mapping[str, object]) -> Coding:
        """Inverse of `to_dict`; raises ValueError for what is no code of its system."""
        system, code = str(document["system"]), str(document["code"])
        trouble = coding_trouble(system, code)
        if trouble:
            raise ValueError(f"a code in it is none: {trouble}")
        return cls(system, code, str(document.get("display", "")))


def codings_of(documents: Iterable[Mapping[str, object]]) -> tuple[Coding, ...]:
    """Codes from their JSON forms."""
    return tuple(Coding.from_dict(each) for each in documents)


def system_uri(name: str) -> str:
    """The URI of a system by its short name; anything else as it is."""
    return SYSTEMS.get(name.strip().lower(), name)


def coding_trouble(system: str, code: str) -> str:
    """What is wrong with a code of a system, in a line; "" for a code that may be right.

    Codes of LOINC and SNOMED CT end in a check digit, which a mistyped code fails.
    """
    if re.fullmatch(r"(https?://|urn:)\S+", system) is None:
        return (
            f"the system is '{system}'; write 'snomed', 'loinc', or the URI of another, such as "
            "'http://hl7.org/fhir/sid/icd-10'"
        )
    if not code.strip() or code != code.strip():
        return f"the code is '{code}'; a code is needed, without spaces around it"
    if system == LOINC and not is_loinc(code):
        return f"'{code}' is no code of LOINC: digits, '-' and their check digit, such as '39156-5'"
    if system == SNOMED and not is_snomed(code):
        return f"'{code}' is no code of SNOMED CT: 6 to 18 digits, the last of which checks them"
    return ""


def is_loinc(code: str) -> bool:
    """True for digits, a hyphen and their check digit modulo 10 (Luhn's)."""
    if re.fullmatch(r"[0-9]{1,7}-[0-9]", code) is None:
        return False
    digits, check = code.split("-")
    doubled = (
        int(digit) if place % 2 else sum(divmod(2 * int(digit), 10))
        for place, digit in enumerate(reversed(digits))
    )
    return (-sum(doubled)) % 10 == int(check)


def is_snomed(code: str) -> bool:
    """True for an identifier of SNOMED CT: 6 to 18 digits with Verhoeff's check digit."""
    if re.fullmatch(r"[1-9][0-9]{5,17}", code) is None:
        return False
    state = 0
    for place, letter in enumerate(reversed(code)):
        digit = int(letter)
        for _ in range(place % 8):
            digit = _PERMUTATION[digit]
        state = _dihedral(state, digit)
    return state == 0


def _dihedral(left: int, right: int) -> int:
    """Product in the symmetries of a pentagon: below 5 rotations, from 5 on reflections."""
    turn = right % _ROTATIONS if left < _ROTATIONS else -(right % _ROTATIONS)
    mirrored = (left >= _ROTATIONS) != (right >= _ROTATIONS)
    return (left + turn) % _ROTATIONS + _ROTATIONS * mirrored


def ucum_of(unit: str) -> str:
    """UCUM code of a unit as a codebook writes it; "" where none is known."""
    return UCUM.get(unit, "")
