"""Forms of pages: read strictly, bounded, and never part of an address or of the log."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from vertebrisk.bedside.service.inputs import LARGEST
from vertebrisk.bedside.service.problems import Problem

URLENCODED = "application/x-www-form-urlencoded"
MOST_BYTES = 64 * 1024
MOST_FIELDS = 1000
_NUMBER = re.compile(r"[+-]?(\d{1,15}([.,]\d{0,20})?|[.,]\d{1,20})(e[+-]?\d{1,3})?", re.I | re.A)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a text of a form is no answer: a key of the catalogue."""

    key: str


def read_form(content: bytes) -> dict[str, str]:
    """Fields of a form by name.

    Raises
    ------
    Problem
        413 when it is larger than any form of these pages, 400 when it is none or names a
        field twice.
    """
    if len(content) > MOST_BYTES:
        raise Problem(413, "too-large", f"A form has at most {MOST_BYTES} bytes.")
    try:
        pairs = parse_qsl(
            content.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(content),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Problem(400, "malformed-request", "The form cannot be read.") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem(400, "malformed-request", "The form has a field twice.")
    return found


def number_of(text: str) -> float | Wrong:
    """The number that a person typed, with a decimal point or comma."""
    if not _NUMBER.fullmatch(text.strip()):
        return Wrong("wrong.number")
    value = float(text.strip().replace(",", "."))
    return value if math.isfinite(value) and abs(value) <= LARGEST else Wrong("wrong.large")


def filled(fields: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Fields with a prefix that hold something, without the prefix."""
    return {
        name.removeprefix(prefix): text
        for name, text in fields.items()
        if name.startswith(prefix) and text.strip()
    }
