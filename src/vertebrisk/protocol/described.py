"""What is known of a variable beside its values: words, levels, timing and codes.

A codebook and a file of the library say this in the same keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from vertebrisk._types import LANGUAGES, Language, Timing
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.codings import Coding, coding_trouble, system_uri, ucum_of
from vertebrisk.protocol.fields import FilledText, Localised, Names, Range, Table

Words = Mapping[str, Localised | tuple[Localised, ...] | None]


class CodingTable(Table):
    """One code of a terminology; `system` is "snomed", "loinc" or the URI of another."""

    system: Annotated[FilledText, AfterValidator(system_uri)]
    code: FilledText
    display: FilledText | None = None

    @model_validator(mode="after")
    def _sound(self) -> CodingTable:
        trouble = coding_trouble(self.system, self.code)
        if trouble:
            raise ValueError(trouble)
        return self

    @property
    def coding(self) -> Coding:
        """The code as a model carries it."""
        return Coding(self.system, self.code, self.display or "")


class DescribedVariable(Table):
    """The keys that describe a variable wherever it is described.

    `modifiable` says that the patient or the surgeon may change it before its timing is
    over. `ucum` is the unit in UCUM where its text is not a known one. `codings` are its
    codes, `level_codings` those of each level.
    """

    label: Localised
    unit: Localised | None = None
    levels: Names = ()
    level_labels: dict[str, Localised] = Field(default_factory=dict)
    timing: Timing
    plausible: Range | None = None
    definition: Localised | None = None
    modifiable: bool = False
    ucum: FilledText | None = None
    codings: tuple[CodingTable, ...] = ()
    level_codings: dict[str, tuple[CodingTable, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _of_its_levels(self) -> DescribedVariable:
        if len(self.levels) == 1:
            raise ValueError("levels lists one level; two or more are needed")
        for key in ("level_labels", "level_codings"):
            strange = [each for each in getattr(self, key) if each not in self.ordered_levels]
            if strange:
                raise ValueError(f"{key} names '{strange[0]}', which is not one of the levels")
        if self.ordered_levels and self.ucum is not None:
            raise ValueError("ucum is the unit of a number, but the variable has levels")
        return self

    @property
    def ordered_levels(self) -> tuple[str, ...]:
        """Levels with the reference first."""
        return self.levels

    @property
    def ucum_unit(self) -> str:
        """The unit in UCUM, "" where there is none or it is not known."""
        return self.ucum or ucum_of(self.unit.text("en") if self.unit else "")

    def info(self, levels: tuple[str, ...], language: Language, **more: Any) -> VariableInfo:
        """What a design takes of it; `more` are further fields of `VariableInfo`."""
        labels = tuple(self.level_labels.get(each, Localised(en=each)) for each in levels)
        words: Words = {
            "label": self.label,
            "unit": self.unit,
            "level_labels": labels,
            "definition": self.definition,
        }
        return VariableInfo(
            **in_words(words, language),
            levels=levels,
            timing=self.timing,
            modifiable=self.modifiable,
            ucum=self.ucum_unit,
            codings=_codings(self.codings),
            level_codings={key: _codings(each) for key, each in self.level_codings.items()},
            **more,
        )


def in_words(words: Words, language: Language) -> dict[str, Any]:
    """Texts in one language, and as `translations` those that another has of its own.

    A text that has not been translated stands in the language that it has.
    """
    plain = {key: _text(each, language) for key, each in words.items()}
    others = {}
    for other in LANGUAGES:
        texts = {key: _text(each, other) for key, each in words.items()}
        own = {key: text for key, text in texts.items() if text != plain[key]}
        if own:
            others[other] = own
    return {**plain, "translations": others}


def eligible_words(
    include: tuple[Localised, ...], exclude: tuple[Localised, ...], language: Language
) -> dict[str, Any]:
    """Criteria of eligibility as a model's population says them, with a line of all included."""
    listed = {each: "; ".join(reason.text(each) for reason in include) for each in LANGUAGES}
    words: Words = {
        "description": Localised(en=listed["en"], zh=listed["zh"]),
        "include": include,
        "exclude": exclude,
    }
    return in_words(words, language)


def _text(
    words: Localised | tuple[Localised, ...] | None, language: Language
) -> str | tuple[str, ...]:
    if isinstance(words, tuple):
        return tuple(each.text(language) for each in words)
    return "" if words is None else words.text(language)


def _codings(tables: Iterable[CodingTable]) -> tuple[Coding, ...]:
    return tuple(each.coding for each in tables)
