"""Texts in further languages: the same fields, with the words that another language has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Protocol, TypeVar

from vertebrisk._types import LANGUAGES, Json, Language

# By language, then by field: a text, or the texts of the levels in their order. A field that
# is absent has the same words in that language as plainly.
Translations = Mapping[str, Mapping[str, str | tuple[str, ...]]]


class Translated(Protocol):
    """A frozen dataclass some of whose fields are words."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def translations(self) -> Translations:
        """Its words in further languages."""
        ...


AnyTranslated = TypeVar("AnyTranslated", bound=Translated)


def in_language(value: AnyTranslated, language: Language) -> AnyTranslated:
    """The same value with the words of a language, as far as it has them."""
    return replace(value, **value.translations.get(language, {}))


def translations_json(translations: Translations) -> Json:
    """JSON form."""
    return {
        language: {key: _listed(text) for key, text in texts.items()}
        for language, texts in translations.items()
    }


def _listed(text: str | tuple[str, ...]) -> str | list[str]:
    return list(text) if isinstance(text, tuple) else text


def read_translations(
    document: Mapping[str, Mapping[str, Any]], plain: Mapping[str, Any], words: Iterable[str]
) -> Translations:
    """Inverse of `translations_json`.

    Parameters
    ----------
    document : mapping
        From language to field to text.
    plain : mapping
        The plain texts by field; a translation has as many.
    words : iterable of str
        Fields that are words.

    Raises
    ------
    ValueError
        When a language is none of ours, or a translation is no words of a field.
    """
    known = set(words)
    for language, texts in document.items():
        if language not in LANGUAGES:
            raise ValueError(f"its translations are in '{language}'")
        for key, text in texts.items():
            if key not in known or not _alike(text, plain.get(key, "")):
                raise ValueError(f"its translation of '{key}' does not fit")
    return {
        language: {
            key: tuple(map(str, text)) if isinstance(text, list) else str(text)
            for key, text in texts.items()
        }
        for language, texts in document.items()
    }


def _alike(text: object, plain: object) -> bool:
    if isinstance(text, list):
        return isinstance(plain, list) and len(text) == len(plain)
    return isinstance(text, str) and isinstance(plain, str)
