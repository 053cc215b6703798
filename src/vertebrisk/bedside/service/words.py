"""The language of a page, and its texts: one catalogue with the same keys in both languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from starlette.requests import Request

from vertebrisk._types import LANGUAGES, Language

CATALOGUE = "messages.json"
TAGS: Mapping[Language, str] = {"en": "en-GB", "zh": "zh-Hans"}
MOST_LANGUAGES = 20  # of an Accept-Language header that are looked at


@cache
def messages() -> dict[str, dict[str, str]]:
    """All texts, by language and key."""
    folder = resources.files("vertebrisk.bedside.service") / "templates"
    found: dict[str, dict[str, str]] = json.loads((folder / CATALOGUE).read_text("utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one language; `chosen` where the address names it, so that links keep it."""

    language: Language
    chosen: bool = False

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with its places filled; a KeyError for an unknown key is a bug."""
        text = messages()[self.language][key]
        return text.format(**values) if values else text

    def known(self, key: str, plain: str) -> str:
        """The text of a key, or `plain` where the catalogue has none."""
        return messages()[self.language].get(key, plain)

    @property
    def tag(self) -> str:
        """Language as HTML names it."""
        return TAGS[self.language]

    @property
    def other(self) -> Language:
        """The language that the reader may change to."""
        return "zh" if self.language == "en" else "en"

    @property
    def other_tag(self) -> str:
        """The same as HTML names it."""
        return TAGS[self.other]

    def link(self, path: str, anchor: str = "") -> str:
        """An address of the service that keeps the chosen language."""
        query = f"?lang={self.language}" if self.chosen else ""
        return f"{path}{query}{anchor}"


def words_of(request: Request) -> Words:
    """Texts in the language that a request asks for: ``?lang=``, else ``Accept-Language``."""
    asked = request.query_params.get("lang")
    for language in LANGUAGES:
        if asked == language:
            return Words(language, chosen=True)
    return Words(preferred(request.headers.get("accept-language", "")))


def preferred(header: str) -> Language:
    """The language of a page that an Accept-Language header likes best; English by default."""
    best: tuple[float, Language] = (0.0, "en")
    for part in header.split(",")[:MOST_LANGUAGES]:
        tag, _, parameter = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        for language in LANGUAGES:
            weight = _weight(parameter)
            if primary == language and weight > best[0]:
                best = (weight, language)
    return best[1]


def _weight(parameter: str) -> float:
    """Quality of a language, 1 where none is written and 0 where it is not understood."""
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value) if name == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
