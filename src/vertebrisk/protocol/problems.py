"""Validation errors in plain words: one line a problem, with the nearest right name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from vertebrisk._checks import listed, nearest
from vertebrisk.protocol.described import CodingTable
from vertebrisk.protocol.documents import (
    Analysis,
    ConsistencyRule,
    Eligibility,
    EligibilityRule,
    PenaltyPlan,
    Selection,
    StabilityPlan,
    Study,
    Tests,
    Variable,
)
from vertebrisk.protocol.fields import PLACEHOLDER, Localised, Table
from vertebrisk.protocol.followup import Agreement, Followup, FollowupVisit, LongFile
from vertebrisk.protocol.missing import Missing
from vertebrisk.protocol.outcome import TimeToEventOutcome
from vertebrisk.protocol.sampling import Sampling
from vertebrisk.protocol.validating import Split, ValidationPlan

SECTIONS: Mapping[str, type[Table]] = {
    "study": Study,
    "eligibility": Eligibility,
    "outcome": TimeToEventOutcome,
    "analysis": Analysis,
    "validation": ValidationPlan,
    "missing": Missing,
    "consistency": ConsistencyRule,
    "sampling": Sampling,
    "followup": Followup,
    "agreement": Agreement,
}
_TABLES: Mapping[tuple[str, ...], type[Table]] = {
    **{(name,): table for name, table in SECTIONS.items()},
    ("eligibility", "include"): EligibilityRule,
    ("eligibility", "exclude"): EligibilityRule,
    ("analysis", "select"): Selection,
    ("validation", "split"): Split,
    ("analysis", "select", "penalty"): PenaltyPlan,
    ("analysis", "select", "stability"): StabilityPlan,
    ("analysis", "tests"): Tests,
    ("followup", "visits"): FollowupVisit,
    ("followup", "file"): LongFile,
}
_WANTED: Mapping[str, str] = {
    "string_type": "a text in quotes is needed",
    "int_type": "a whole number is needed",
    "float_type": "a number is needed",
    "finite_number": "a finite number is needed",
    "bool_type": "true or false is needed",
    "tuple_type": "a list in [...] is needed",
    "dict_type": "a table is needed",
    "mapping_type": "a table is needed",
    "model_type": "a table is needed",
    "model_attributes_type": "a table is needed",
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_LENGTHS: Mapping[str, tuple[str, str]] = {
    "too_short": ("min_length", "at least"),
    "too_long": ("max_length", "at most"),
}
_SECRET_KEYS = frozenset({"name"})

Location = tuple[str | int, ...]
KnownKeys = Callable[[Location], list[str]]


def found(value: object) -> str:
    """What stands in the file, short enough for a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def table_name(location: Location) -> str:
    """The header of a table, as TOML writes it: ``[analysis.select]``."""
    names = [str(part) for part in location if isinstance(part, str)]
    if not names:
        return "the top of the file"
    positions = [part for part in location if isinstance(part, int)]
    if positions:
        return f"[[{'.'.join(names)}]] number {positions[-1] + 1}"
    return f"[{'.'.join(names)}]"


def known_keys(location: Location) -> list[str]:
    """Keys that the table at `location` may have."""
    names = tuple(part for part in location if isinstance(part, str))
    if names[:1] == ("variables",) and len(names) == 2:
        table: type[Table] = Variable
    elif names[:1] == ("variables",) and names[2:3] in (("codings",), ("level_codings",)):
        table = CodingTable
    else:
        table = _TABLES.get(names, Localised)
    hidden = _SECRET_KEYS if table is Variable else frozenset()
    return [name for name in table.model_fields if name not in hidden]


def explain(
    error: ValidationError, prefix: Sequence[str | int], keys: KnownKeys = known_keys
) -> list[str]:
    """One line for each problem that pydantic found in the table at `prefix`.

    `keys` gives the keys that the table at a location may have.
    """
    lines: list[str] = []
    for detail in error.errors(include_url=False):
        location: Location = (*prefix, *detail["loc"])
        if not _is_placeholder(detail.get("input")):
            lines.append(_line(location, len(prefix), detail, keys))
    return list(dict.fromkeys(lines))


def _is_placeholder(value: object) -> bool:
    return value == PLACEHOLDER or (isinstance(value, tuple) and PLACEHOLDER in value)


def _line(location: Location, depth: int, detail: Mapping[str, Any], keys: KnownKeys) -> str:
    kind: str = detail["type"]
    value = detail.get("input")
    context: Mapping[str, Any] = detail.get("ctx") or {}
    if kind == "extra_forbidden":
        return unknown_key(location[:-1], str(location[-1]), keys)
    if kind == "missing":
        return f"{table_name(location[:-1])} lacks '{location[-1]}', which is never optional."
    where = _where(location, depth)
    if kind == "value_error":
        return f"{where}: {str(context['error']).rstrip('.')}."
    if kind == "literal_error":
        allowed = [
            each.strip("'") for each in str(context["expected"]).replace(" or ", ", ").split(", ")
        ]
        close = nearest(value, allowed) if isinstance(value, str) else ""
        return f"{where} is {found(value)}; allowed are {', '.join(allowed)}.{close}"
    if kind in _BOUNDS:
        if isinstance(value, float) and not math.isfinite(value):
            return f"{where} is {value}; a finite number is needed."
        key, words = _BOUNDS[kind]
        return f"{where} is {found(value)}; it must be {words} {context[key]:g}."
    if kind in _LENGTHS:
        key, words = _LENGTHS[kind]
        return f"{where} has {context['actual_length']}; it must have {words} {context[key]}."
    wanted = _WANTED.get(kind, str(detail["msg"]).rstrip("."))
    return f"{where} is {found(value)}; {wanted}."


def _where(location: Location, depth: int) -> str:
    if len(location) <= depth:
        return table_name(location)
    item = ""
    if isinstance(location[-1], int) and len(location) > depth + 1:
        item, location = f", item {location[-1] + 1}", location[:-1]
    return f"'{location[-1]}' in {table_name(location[:-1])}{item}"


def unknown_key(table: Location, key: str, keys: KnownKeys = known_keys) -> str:
    """The line for a key that a table does not have."""
    known = keys(table)
    close = nearest(key, known)
    allowed = "" if close else f" Allowed are {listed(known, 20)}."
    return f"Unknown key '{key}' in {table_name(table)}.{close}{allowed}"
