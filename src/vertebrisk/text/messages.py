"""Sentences that are made where something is found, and said in the reader's language later.

``say("Column '{column}' has {n} values.", column=name, n=3)`` is the English text, a string
like any other, which remembers how it was made; `in_language` says it in Chinese, from the
catalogue in `vertebrisk.text.zh`, which is keyed by the English template. Values that are
messages themselves are said in that language too; everything else, such as the label of a
variable, stays as it is, whatever signs it holds.

How a room says what it has to say: each text of a `Finding` is ``say("template", name=value)``,
the template one literal with places that are plain names; sentences that depend on something
are messages which stand in the place of another. `counted`, `in_rows`, `listed` and `Wording`
give messages. A verb that agrees with a number (`agreeing`) has a place of its own, which the
Chinese leaves out. The Chinese of every template is written in ``text/zh/<room>.py``;
``tests/text/test_messages.py`` names what lacks. Where findings are gathered for a reader whose
language is known, `findings.gathered` turns them into it once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from vertebrisk._types import Language

Parted = Literal[", ", "; ", " and ", ", and ", " or ", ", or ", " "]
_PARTED: dict[str, str] = {
    ", ": "、",
    "; ": "；",
    " and ": "和",
    ", and ": "，以及",
    " or ": "或",
    ", or ": "，或",
    " ": "",
}


class Message(str):
    """A text in English that can be said in another language.

    Attributes
    ----------
    template : str
        The English text with places for values; the key of the catalogue.
    values : mapping
        What stands in the places.
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]

    def __new__(cls, english: str, template: str, values: Mapping[str, object]) -> Message:
        """Make the English text with what it was made from."""
        made = super().__new__(cls, english)
        made.template = template
        made.values = values
        return made

    def __reduce__(self) -> tuple[Callable[..., Message], tuple[object, ...]]:
        return type(self), (str(self), self.template, dict(self.values))

    def said(self, language: Language) -> str:
        """The text in this language; in English where the catalogue has no other."""
        if language == "en":
            return str(self)
        values = {name: in_language(value, language) for name, value in self.values.items()}
        return _catalogue().get(self.template, self.template).format(**values)


class Joined(Message):
    """Names one after another, as a sentence lists them; the template is what parts them."""

    __slots__ = ()

    def said(self, language: Language) -> str:
        """The names in this language, with its commas and quotation marks."""
        if language == "en":
            return str(self)
        parted = _PARTED[self.template]
        return parted.join(_in_chinese(item) for item in self.values.values())


class Translated(Message):
    """A text that its author wrote in both languages; the template is the English one."""

    __slots__ = ()

    def said(self, language: Language) -> str:
        """The author's text in this language."""
        return str(self if language == "en" else self.values[language])


def translated(english: str, chinese: str) -> Translated:
    """A text that stands in both languages, such as the reason of a protocol's criterion."""
    return Translated(english, english, {"zh": chinese})


def say(template: str, /, **values: object) -> Message:
    """The English text of a template with its places filled, which can be said in Chinese.

    Parameters
    ----------
    template : str
        English, with places as of `str.format`; a literal, since it is the key of the catalogue.
    **values
        What stands in the places. Braces in a value are text like any other.
    """
    return Message(template.format(**values), template, values)


def joined(items: Sequence[object], parted: Parted = ", ") -> Joined:
    """Names with commas between them, or what else parts them."""
    named = {str(place): item for place, item in enumerate(items)}
    return Joined(parted.join(map(str, items)), parted, named)


def capitalised(message: Message) -> Message:
    """The message as the beginning of a sentence; Chinese has no capitals."""
    return Message(message.capitalize(), message.template, message.values)


def in_language(value: object, language: Language) -> object:
    """A value as a sentence of this language holds it: a message said, all else as it is."""
    return value.said(language) if isinstance(value, Message) else value


def said(text: str, language: Language) -> str:
    """A text in this language, if it is a message; as it is, if it is not."""
    return text.said(language) if isinstance(text, Message) else text


def reason(error: Exception) -> str:
    """What an error says; a message where it was raised with one."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Message) else str(error)


def _in_chinese(item: object) -> str:
    text = str(in_language(item, "zh"))
    quoted = len(text) > 1 and text[0] == text[-1] == "'"
    return f"“{text[1:-1]}”" if quoted else text


@cache
def _catalogue() -> Mapping[str, str]:
    from vertebrisk.text.zh import CHINESE

    return CHINESE
