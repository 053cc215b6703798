"""The parts of which the tables of a protocol are made: rules, texts, ranges, names."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    field_validator,
    model_validator,
)

from vertebrisk._types import Language
from vertebrisk.design.rules import Expression
from vertebrisk.text.messages import Translated, translated

PLACEHOLDER = "FILL-IN"
MAX_RULE_LENGTH = 5_000
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def _rule(text: str) -> str:
    if text != PLACEHOLDER:
        Expression.parse(text)
    if len(text) > MAX_RULE_LENGTH:
        raise ValueError(f"it has {len(text)} characters; a rule has at most {MAX_RULE_LENGTH}")
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty; a text is needed")
    return text


def _pair(value: Any) -> Any:
    numbers = isinstance(value, tuple) and len(value) == 2
    if not numbers or any(
        isinstance(each, bool) or not isinstance(each, int | float) for each in value
    ):
        raise ValueError("two numbers are needed, the lower one first, such as [5, 120]")
    low, high = float(value[0]), float(value[1])
    if not low < high:
        raise ValueError("the first number must be less than the second")
    return (low, high)


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"'{repeated[0]}' stands there twice")
    return names


RuleText = Annotated[str, AfterValidator(_filled), AfterValidator(_rule)]
FilledText = Annotated[str, AfterValidator(_filled)]
Range = Annotated[tuple[float, float], BeforeValidator(_pair)]
Names = Annotated[tuple[str, ...], AfterValidator(_distinct)]


class Table(BaseModel):
    """A TOML table: unknown keys are refused, values are never coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Localised(Table):
    """A text in English, in Chinese, or in both; a plain string counts as English.

    It is shown in one line, on terminals too: ends of lines and other control characters
    become spaces.
    """

    en: str | None = None
    zh: str | None = None

    @field_validator("en", "zh")
    @classmethod
    def _in_one_line(cls, text: str | None) -> str | None:
        return None if text is None else _CONTROL.sub(" ", text).strip()

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"en": value}
        if isinstance(value, dict) and not value:
            raise ValueError('a text is needed, or { en = "...", zh = "..." }')
        if not isinstance(value, dict | Localised):
            raise ValueError('a text is needed, or { en = "...", zh = "..." }')
        return value

    def text(self, lang: Language = "en") -> str:
        """The text in `lang`, or in the other language where it has not been translated."""
        first, second = (self.en, self.zh) if lang == "en" else (self.zh, self.en)
        return first if first is not None else (second or "")

    def message(self) -> Translated:
        """The text in English, which remembers the Chinese one."""
        return translated(self.text("en"), self.text("zh"))


def _said(words: Localised) -> Localised:
    for text in (words.en, words.zh):
        if text is not None:
            _filled(text)
    return words


FilledWords = Annotated[Localised, AfterValidator(_said)]
