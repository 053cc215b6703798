"""Texts of the cards in one language, and texts of others as they may stand in a card."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from vertebrisk._types import Language
from vertebrisk.bedside.fhir import terms
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.text.numbers import PLAIN

CATALOGUE = "messages.json"
_MARKS = re.compile(r"[\\`*_\[\]{}<>|~&#@$^]")
_BEGINNING = re.compile(r"^(\d{1,9}(?=[.)](?: |$))|(?=[-+=]))")


@cache
def messages() -> dict[str, dict[str, str]]:
    """All texts, by language and key."""
    folder = resources.files("vertebrisk.bedside.cds_hooks")
    found: dict[str, dict[str, str]] = json.loads((folder / CATALOGUE).read_text("utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts of one language."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with its places filled."""
        text = messages()[self.language].get(key, "")
        return text.format(**values) if values else text

    def joined(self, sentences: Iterable[str]) -> str:
        """Sentences one after the other."""
        return ("" if self.language == "zh" else " ").join(each for each in sentences if each)

    def outcome(self, model: RiskModel) -> str:
        """What a model predicts, with its time point where it has one."""
        label = plain(model.outcome.label or model.outcome.name)
        if model.kind == "logistic" and model.outcome.time_point:
            return self.when(label, model.outcome.time_point)
        return label

    def when(self, label: str, time_point: str) -> str:
        """An outcome by a time; a time point that is no number of units stands in brackets."""
        told = plain(time_point)
        time = terms.time_point(told)
        if time is None:
            return self("at", outcome=label, time=told)
        if self.language != "en":
            told = self.duration(time["value"], f"{time['unit'].removesuffix('s')}s")
        return self("by", outcome=label, time=told)

    def duration(self, value: float, unit: str) -> str:
        """A time in a unit of models; one that has no word here stands as it is."""
        return f"{value:g} {self(f'unit.{unit}') or plain(unit)}".strip()

    def percent(self, share: float, decimals: int = 1) -> str:
        """A risk for people: none is 0 or 100% that is not."""
        least = 10.0**-decimals
        if 0.0 < share < least / 100.0:
            return self("below", share=f"{least:g}")
        if 1.0 > share > 1.0 - least / 100.0:
            return self("above", share=f"{100.0 - least:g}")
        return self("percent", share=PLAIN.estimate(100.0 * share, decimals))


def plain(text: str) -> str:
    """A text in one line, without what cannot be shown."""
    return "".join(filter(str.isprintable, " ".join(text.split())))


def shortened(text: str, most: int) -> str:
    """The beginning of a text, to a whole word where that keeps most of it.

    Parameters
    ----------
    text : str
    most : int
        Characters as UTF-16 counts them, which is how most clients do.
    """
    if length(text) <= most:
        return text
    kept = ""
    for character in text:
        if length(kept) + length(character) > most - 1:
            break
        kept += character
    whole, _, rest = kept.rpartition(" ")
    return f"{whole if len(whole) > len(rest) else kept}".rstrip(" ,;:.(，；：（") + "…"


def length(text: str) -> int:
    """Characters of a text as UTF-16 counts them."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escaped(text: str) -> str:
    """A text that stands in Markdown as it is: no mark-up, HTML, link or list is made of it.

    References
    ----------
    GitHub Flavored Markdown, https://github.github.com/gfm/ (6.1 backslash escapes, 6.9
    autolinks)
    """
    found = _MARKS.sub(r"\\\g<0>", plain(text))
    found = found.replace("://", r"\://")
    found = re.sub(r"(?i)\bwww\.", r"www\\.", found)
    return _BEGINNING.sub(r"\1\\", found)
