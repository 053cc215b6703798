"""What a portable model says of itself: its outcome, its population, its provenance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from vertebrisk._types import DataKind, Json
from vertebrisk._version import __version__
from vertebrisk.design.conditions import Condition
from vertebrisk.design.design import Design
from vertebrisk.design.translating import Translations, read_translations, translations_json
from vertebrisk.errors import ExpressionError
from vertebrisk.models.portable.lineage import Update


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model predicts: name, label, the rule that defines it, and when.

    `definition` is that rule in words. `translations` are those of `label`, `definition` and
    `time_point`.
    """

    WORDS: ClassVar = ("label", "definition", "time_point")

    name: str
    label: str = ""
    event: str = ""
    time_point: str = ""
    definition: str = ""
    translations: Translations = field(default_factory=dict)

    def to_dict(self) -> Json:
        """JSON form."""
        return _document(self)


@dataclass(frozen=True, slots=True)
class Population:
    """Whom the model was made from: numbers and words, never patients.

    `include` and `exclude` are the criteria of eligibility in words. Of sampled controls
    `prevalence` is that of the population for which risks hold, None where it is not known,
    and `matched` names variables in which controls are like their cases. `translations` are
    those of `description`, `include` and `exclude`.
    """

    WORDS: ClassVar = ("description", "include", "exclude")

    n: int
    n_events: int
    description: str = ""
    data_kind: DataKind = "real"
    design: str = "cohort"
    prevalence: float | None = None
    matched: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    translations: Translations = field(default_factory=dict)

    @property
    def refuses_risks(self) -> bool:
        """True where controls were matched, so that there is no absolute risk."""
        return bool(self.matched)

    def to_dict(self) -> Json:
        """JSON form."""
        return _document(self)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the model comes from; `use_at` is when it is used.

    `lineage` holds the updates that led to it, the first one first; none for a model as it was
    developed. `translations` are those of `title`.
    """

    WORDS: ClassVar = ("title",)

    study: str = ""
    title: str = ""
    formula: str = ""
    selection: str = ""
    estimator: str = "ml"
    use_at: str = ""
    data_sha256: str = ""
    software: str = f"vertebrisk {__version__}"
    lineage: tuple[Update, ...] = ()
    translations: Translations = field(default_factory=dict)

    def to_dict(self) -> Json:
        """JSON form; without `lineage` where there is none."""
        document = _document(self)
        steps = [each.to_dict() for each in document.pop("lineage")]
        return {**document, "lineage": steps} if steps else document


@dataclass(frozen=True, slots=True)
class Consistency:
    """What holds of every patient, and why; `translations` are those of `reason`."""

    WORDS: ClassVar = ("reason",)

    rule: str
    reason: str
    translations: Translations = field(default_factory=dict)

    @property
    def flag(self) -> str:
        """What is said of a patient who breaks it."""
        return f"impossible: {self.reason}"

    def to_dict(self) -> Json:
        """JSON form."""
        return _document(self)


def of_predictors(rules: Iterable[Consistency], design: Design) -> tuple[Consistency, ...]:
    """Those rules that read predictors of a design alone, as that design has them."""

    def readable(rule: Consistency) -> bool:
        try:
            Condition.of(rule.rule, design)
        except ExpressionError:
            return False
        return True

    return tuple(rule for rule in rules if readable(rule))


Described = TypeVar("Described", Outcome, Population, Provenance, Consistency)


def _document(value: Outcome | Population | Provenance | Consistency) -> Json:
    document = {each.name: getattr(value, each.name) for each in fields(value)}
    lists = {key: list(each) for key, each in document.items() if isinstance(each, tuple)}
    return {**document, **lists, "translations": translations_json(value.translations)}


def read_described(kind: type[Described], document: Mapping[str, Any]) -> Described:
    """Inverse of `to_dict`.

    Raises
    ------
    TypeError, ValueError
        When the document does not fit.
    """
    lists = {}
    for each in fields(kind):
        written = document.get(each.name, each.default)
        if isinstance(each.default, tuple):
            if not isinstance(written, list | tuple):
                raise ValueError(f"its '{each.name}' is no list")
            read = Update.from_dict if each.name == "lineage" else str
            lists[each.name] = tuple(read(one) for one in written)
        elif isinstance(each.default, str) and not isinstance(written, str):
            raise ValueError(f"its '{each.name}' is no text")
    translations = read_translations(document.get("translations", {}), document, kind.WORDS)
    return kind(**{**document, **lists, "translations": translations})
