"""The inputs of a model as FHIR asks for them: names, codes, units and levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vertebrisk._types import Json
from vertebrisk.bedside.fhir import terms
from vertebrisk.bedside.fhir.assessment import NamedModel
from vertebrisk.design.codings import Coding
from vertebrisk.design.design import Design, Predictor
from vertebrisk.design.rules import Expression
from vertebrisk.design.translating import in_language

ItemType = Literal["choice", "boolean", "integer", "decimal"]
TRUTHS: tuple[frozenset[str], frozenset[str]] = (
    frozenset(("false", "no", "absent", "否", "无")),
    frozenset(("true", "yes", "present", "是", "有")),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One input.

    Attributes
    ----------
    name, label, chinese : str
        Name in the model, and labels for people; `chinese` is "" where it has none.
    type : str
        Of the questionnaire's item. Levels are a choice, or a boolean where they are true and
        false; a number is an integer where its few values all were whole.
    unit, ucum : str
    levels, labels, chinese_labels : tuple of str
        Levels, and their labels in the same order; empty for a number.
    codings : tuple of Coding
    level_codings : mapping
        From a level to its codes.
    stands : mapping
        What may stand in place of a level, and that level.
    missing : frozenset of str
        What stands for a missing value.
    definition, chinese_definition : str
        How it is measured.
    limits : (float, float) or None
        Of the patients that the model was made from.
    lowest : float or None
        Below it a transformation of the model has no value.
    needed : bool
        False for what another input may be made of.
    parts : tuple of str
        What it may be made of, where it is not there itself.
    """

    name: str
    label: str
    chinese: str = ""
    type: ItemType = "choice"
    unit: str = ""
    ucum: str = ""
    levels: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    chinese_labels: tuple[str, ...] = ()
    codings: tuple[Coding, ...] = ()
    level_codings: Mapping[str, tuple[Coding, ...]] = field(default_factory=dict)
    stands: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    definition: str = ""
    chinese_definition: str = ""
    limits: tuple[float, float] | None = None
    lowest: float | None = None
    needed: bool = True
    parts: tuple[str, ...] = ()

    def truth(self, value: bool) -> str | None:
        """The level that yes or no is, where the levels are two such."""
        if len(self.levels) != len(TRUTHS):
            return None
        for words in TRUTHS:
            if not any(level.casefold() in words for level in self.levels):
                return None
        return next(level for level in self.levels if level.casefold() in TRUTHS[value])

    def codings_of(self, level: str) -> tuple[Coding, ...]:
        """Codes of a level in terminologies."""
        return self.level_codings.get(level, ())


def averages(named: NamedModel, item: Item) -> bool:
    """Whether the model averages over an input where it is missing."""
    return named.model.missing_inputs is not None and item.name in named.model.design.variables


def items_of(named: NamedModel) -> tuple[Item, ...]:
    """All inputs of a model in its order, what they may be made of, and its strata."""
    model = named.model
    items = [_item(each, model.design) for each in model.design.predictors]
    known = {each.name for each in items}
    for predictor in model.design.predictors:
        for name in _parts(predictor):
            if name not in known and name not in model.strata:
                known.add(name)
                items.append(Item(name, name, type="decimal", needed=False))
    for place, name in enumerate(model.strata):
        if name not in known:
            levels = _stratum_levels([each.stratum for each in model.baselines], place)
            items.append(Item(name, name, levels=levels, labels=levels))
    return tuple(items)


def own_coding(named: NamedModel, item: Item) -> Json:
    """The code of an input in the system of its model."""
    return terms.coding(terms.inputs_system(named.id), terms.as_code(item.name), item.label)


def level_coding(named: NamedModel, item: Item, level: str) -> Json:
    """The code by which a level is offered: a terminology's where every level has one."""
    first = [item.codings_of(each)[:1] for each in item.levels]
    keys = {(each.system, each.code) for found in first for each in found}
    label = item.labels[item.levels.index(level)]
    if len(keys) == len(item.levels):
        chosen = item.codings_of(level)[0]
        return terms.coding(chosen.system, chosen.code, label)
    return terms.coding(terms.levels_system(named.id), terms.level_code(item.name, level), label)


def _item(predictor: Predictor, design: Design) -> Item:
    english, chinese = in_language(predictor, "en"), in_language(predictor, "zh")
    levels = predictor.levels
    labels = tuple(english.level_label(each) for each in levels)
    others = tuple(chinese.level_label(each) for each in levels)
    return Item(
        name=predictor.name,
        label=english.label or predictor.name,
        chinese=chinese.label if chinese.label != english.label else "",
        type=_type(predictor),
        unit=english.unit,
        ucum=predictor.ucum,
        levels=levels,
        labels=labels,
        chinese_labels=others if others != labels else (),
        codings=predictor.codings,
        level_codings=predictor.level_codings,
        stands={code: level for code, level in predictor.codes if level in levels},
        missing=frozenset(predictor.missing),
        definition=english.definition,
        chinese_definition=chinese.definition,
        limits=predictor.limits,
        lowest=None if levels else _lowest(design, predictor.name),
        parts=_parts(predictor),
    )


def _parts(predictor: Predictor) -> tuple[str, ...]:
    return Expression.parse(predictor.derive).names if predictor.derive else ()


def _type(predictor: Predictor) -> ItemType:
    if predictor.levels:
        return "boolean" if set(predictor.levels) == {"false", "true"} else "choice"
    whole = all(float(each).is_integer() for each in predictor.ticks)
    return "integer" if predictor.discrete and predictor.ticks and whole else "decimal"


def _lowest(design: Design, name: str) -> float | None:
    """Below which a logarithm, a root or a power has no value; None where there is no such."""
    for term in design.terms:
        for factor in term.factors:
            if factor.variable != name:
                continue
            if factor.kind == "powers":
                return -factor.shift
            broken = not float(factor.exponent).is_integer() or factor.exponent < 0
            if factor.kind in ("log", "sqrt") or (factor.kind == "power" and broken):
                return 0.0
    return None


def _stratum_levels(strata: list[str], place: int) -> tuple[str, ...]:
    """Values of one stratifying variable, as the names of the baselines have them."""
    parts = [name.split(", ") for name in strata]
    return tuple(dict.fromkeys(each[place] for each in parts if place < len(each)))
