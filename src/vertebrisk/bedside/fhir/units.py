"""Measurements in the unit of a model: converted where the factor is exact, else refused.

References
----------
The Unified Code for Units of Measure, https://ucum.org/ucum
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from vertebrisk.bedside.fhir.elements import Element, refuse, text_of
from vertebrisk.bedside.fhir.items import Item
from vertebrisk.bedside.fhir.terms import UCUM

LARGEST = 1e12  # no measurement in any unit is larger
PLAIN = "1"

# By unit: its dimension, and how many of the first unit of that dimension it is. Years are
# months, 12 of them, and not days.
_SIZES: Mapping[str, tuple[str, Fraction]] = {
    "m": ("length", Fraction(1)),
    "dm": ("length", Fraction(1, 10)),
    "cm": ("length", Fraction(1, 100)),
    "mm": ("length", Fraction(1, 1000)),
    "kg": ("mass", Fraction(1)),
    "g": ("mass", Fraction(1, 1000)),
    "mg": ("mass", Fraction(1, 1_000_000)),
    "L": ("volume", Fraction(1)),
    "l": ("volume", Fraction(1)),
    "dL": ("volume", Fraction(1, 10)),
    "mL": ("volume", Fraction(1, 1000)),
    "ml": ("volume", Fraction(1, 1000)),
    "cm3": ("volume", Fraction(1, 1000)),
    "mm3": ("volume", Fraction(1, 1_000_000)),
    "s": ("time", Fraction(1)),
    "min": ("time", Fraction(60)),
    "h": ("time", Fraction(3600)),
    "d": ("time", Fraction(86_400)),
    "wk": ("time", Fraction(604_800)),
    "mo": ("months", Fraction(1)),
    "a": ("months", Fraction(12)),
    "g/cm2": ("areal density", Fraction(1)),
    "mg/cm2": ("areal density", Fraction(1, 1000)),
    PLAIN: ("ratio", Fraction(1)),
    "%": ("ratio", Fraction(1, 100)),
}


def measured(item: Item, quantity: Element, where: str) -> float:
    """The value of a Quantity in the unit of an input.

    Raises
    ------
    UnreadableResource
        When it has no value, is a bound ("<"), or is in a unit that is not exactly the
        input's times a known number.
    """
    value = quantity.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(f"'{item.name}' has no value that is a number.", f"{where}.value", "value")
    if quantity.get("comparator"):
        raise refuse(
            f"'{item.name}' is a bound, and a number is needed.", f"{where}.comparator", "value"
        )
    if not -LARGEST <= value <= LARGEST:
        raise refuse(
            f"'{item.name}' is beyond {LARGEST:g}, which no measurement is.", where, "value"
        )
    unit, code = text_of(quantity, "unit", where), text_of(quantity, "code", where)
    known = text_of(quantity, "system", where) in ("", UCUM)
    factor = _factor(item, unit, code) if known else None
    if factor is None:
        raise refuse(f"'{item.name}' is wanted in {told_unit(item)}.", where, "value")
    return float(value) if factor == 1 else float(Fraction(Decimal(repr(value))) * factor)


def told_unit(item: Item) -> str:
    """The unit of an input, in words."""
    if item.ucum:
        return f"{item.unit or item.ucum} (UCUM {item.ucum})"
    return item.unit or "plain numbers, without a unit"


def plain(item: Item) -> bool:
    """True for an input without a unit: a score, a count, or none known."""
    return _dimensionless(item.ucum) if item.ucum else not item.unit


def _factor(item: Item, unit: str, code: str) -> Fraction | None:
    """How many of the input's unit the given one is; None where that is not known."""
    given = code or unit
    if given == item.ucum or (not code and unit == item.unit):
        return Fraction(1)
    if not item.ucum:
        same = given == item.unit or (not item.unit and _dimensionless(given))
        return Fraction(1) if same else None
    if _dimensionless(given) and _dimensionless(item.ucum):
        return Fraction(1)
    kind, size = _SIZES.get(given, ("", Fraction(0)))
    other, whole = _SIZES.get(item.ucum, (None, Fraction(1)))
    return size / whole if kind == other else None


def _dimensionless(unit: str) -> bool:
    return unit in ("", PLAIN) or re.fullmatch(r"\{[^{}]*\}", unit) is not None
