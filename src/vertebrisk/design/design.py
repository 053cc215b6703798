"""A fitted design: everything needed to turn a patient into a row of numbers.

Knots, levels and reference levels are fixed when the design is built and never
looked up again, so prediction, nomogram and calculator need nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from vertebrisk._types import FloatArray, Json
from vertebrisk.design.codings import Coding, codings_of
from vertebrisk.design.factors import Factor, Term
from vertebrisk.design.filling import Parts, column_by_column, row_by_row
from vertebrisk.design.translating import Translations, read_translations, translations_json

WORDS = ("label", "unit", "level_labels", "definition")


@dataclass(frozen=True, slots=True)
class Predictor:
    """A variable as a clinician knows it.

    Attributes
    ----------
    name, label, unit : str
        Column name, label for people, unit of measurement ("" where there is none).
    levels : tuple of str
        Levels of a categorical predictor, the first the reference; empty for a number.
    level_labels : tuple of str
        Labels of the levels for people, in the order of `levels`.
    ticks : tuple of float
        Values at which a nomogram's axis is marked: all values when there are at most
        ten, else round numbers that span the range (as rms::nomogram).
    discrete : bool
        True for levels, and for a number of at most ten distinct values.
    limits : (float, float) or None
        1st and 99th percentile of the patients that the model was made from; a value
        outside is an extrapolation.
    adjust_to : float or str
        Median or most frequent level: what other axes hold this predictor at.
    timing : str
        When it is known: preoperative, intraoperative, postoperative, or "".
    definition : str
        How it is measured.
    codes : tuple of (str, str)
        What may stand in a file in place of a level, and that level.
    missing : tuple of str
        What stands in a file for a missing value.
    derive : str
        The expression that makes it from other columns, "" where it is measured.
    modifiable : bool
        True where the patient or the surgeon may change it before its timing is over.
    ucum : str
        The unit in UCUM, "" where there is none.
    codings : tuple of Coding
        Its codes in SNOMED CT, LOINC or another terminology.
    level_codings : mapping
        From a level to its codes.
    translations : mapping
        By language: `label`, `unit`, `level_labels` and `definition` where they differ from
        the plain ones.
    """

    name: str
    label: str
    unit: str = ""
    levels: tuple[str, ...] = ()
    level_labels: tuple[str, ...] = ()
    ticks: tuple[float, ...] = ()
    discrete: bool = False
    limits: tuple[float, float] | None = None
    adjust_to: float | str = 0.0
    timing: str = ""
    definition: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    derive: str = ""
    modifiable: bool = False
    ucum: str = ""
    codings: tuple[Coding, ...] = ()
    level_codings: Mapping[str, tuple[Coding, ...]] = field(default_factory=dict)
    translations: Translations = field(default_factory=dict)

    @property
    def categorical(self) -> bool:
        """True for a predictor with levels."""
        return bool(self.levels)

    def code(self, value: object) -> float:
        """Number that stands for a value: the position of a level, or the number itself.

        NaN when the value is missing, not a number, or not a level.
        """
        if value is None:
            return math.nan
        if self.categorical:
            text = level_text(value)
            return float(self.levels.index(text)) if text in self.levels else math.nan
        try:
            return float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return math.nan

    def level_label(self, level: str) -> str:
        """Label of a level, or the level itself."""
        if self.level_labels and level in self.levels:
            return self.level_labels[self.levels.index(level)]
        return level

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "name": self.name,
            "label": self.label,
            "unit": self.unit,
            "levels": list(self.levels),
            "level_labels": list(self.level_labels),
            "ticks": list(self.ticks),
            "discrete": self.discrete,
            "limits": list(self.limits) if self.limits else None,
            "adjust_to": self.adjust_to,
            "timing": self.timing,
            "definition": self.definition,
            "codes": [list(pair) for pair in self.codes],
            "missing": list(self.missing),
            "derive": self.derive,
            "modifiable": self.modifiable,
            "ucum": self.ucum,
            "codings": [each.to_dict() for each in self.codings],
            "level_codings": {
                level: [each.to_dict() for each in codings]
                for level, codings in self.level_codings.items()
            },
            "translations": translations_json(self.translations),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Predictor:
        """Inverse of `to_dict`."""
        limits = document["limits"]
        return cls(
            name=str(document["name"]),
            label=str(document["label"]),
            unit=str(document["unit"]),
            levels=tuple(str(level) for level in document["levels"]),
            level_labels=tuple(str(label) for label in document["level_labels"]),
            ticks=tuple(float(tick) for tick in document["ticks"]),
            discrete=bool(document["discrete"]),
            limits=(float(limits[0]), float(limits[1])) if limits else None,
            adjust_to=document["adjust_to"],
            timing=str(document["timing"]),
            definition=str(document["definition"]),
            codes=tuple((str(code), str(level)) for code, level in document["codes"]),
            missing=tuple(str(code) for code in document["missing"]),
            derive=str(document["derive"]),
            modifiable=bool(document.get("modifiable", False)),
            ucum=str(document.get("ucum", "")),
            codings=codings_of(document.get("codings", ())),
            level_codings={
                str(level): codings_of(each)
                for level, each in document.get("level_codings", {}).items()
            },
            translations=read_translations(document.get("translations", {}), document, WORDS),
        )


def level_text(value: object) -> str:
    """A level as text: 1.0 and 1 are both "1", booleans are "true" and "false"."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the design matrix."""

    term: str
    level: str


@dataclass(frozen=True, slots=True)
class Design:
    """Predictors and terms, in the order of the coefficients (the intercept apart)."""

    predictors: tuple[Predictor, ...]
    terms: tuple[Term, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns in order."""
        return tuple(
            Column(term.name, level) for term in self.terms for level in term.column_levels
        )

    @property
    def slices(self) -> dict[str, slice]:
        """Columns of each term."""
        found: dict[str, slice] = {}
        start = 0
        for term in self.terms:
            stop = start + len(term.column_levels)
            found[term.name] = slice(start, stop)
            start = stop
        return found

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables that a patient must have."""
        return tuple(predictor.name for predictor in self.predictors)

    def predictor(self, name: str) -> Predictor:
        """The predictor of this name."""
        for predictor in self.predictors:
            if predictor.name == name:
                return predictor
        raise KeyError(name)

    def codes(self, columns: Mapping[str, Sequence[object]]) -> dict[str, FloatArray]:
        """Values as numbers: levels by position, NaN where missing or unknown."""
        return {
            predictor.name: np.array(
                [predictor.code(value) for value in columns[predictor.name]], dtype=np.float64
            )
            for predictor in self.predictors
        }

    def matrix(self, codes: Mapping[str, FloatArray]) -> FloatArray:
        """Design matrix, shape (n, columns), without intercept; NaN rows cannot be scored.

        In memory row after row.
        """
        size = len(next(iter(codes.values()))) if codes else 0
        return row_by_row(self._parts(codes), np.empty((size, len(self.columns))))

    def long_matrix(
        self, codes: Mapping[str, FloatArray]
    ) -> tuple[FloatArray, tuple[FloatArray, FloatArray]]:
        """The same in memory one column after the other, and the ends of each column."""
        size = len(next(iter(codes.values())))
        whole = np.empty((len(self.columns), size)).T
        return whole, column_by_column(self._parts(codes), whole)

    def _parts(self, codes: Mapping[str, FloatArray]) -> Parts:
        """Where the columns of each term stand, and what makes them."""
        slices = self.slices
        return [(slices[term.name], partial(term.columns, codes)) for term in self.terms]

    def keep(self, names: Iterable[str]) -> Design:
        """Design of the named terms only, with the predictors that they read."""
        wanted = set(names)
        terms = tuple(term for term in self.terms if term.name in wanted)
        used = {variable for term in terms for variable in term.variables}
        return replace(
            self,
            predictors=tuple(each for each in self.predictors if each.name in used),
            terms=terms,
        )

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "predictors": [predictor.to_dict() for predictor in self.predictors],
            "terms": [[factor.to_dict() for factor in term.factors] for term in self.terms],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Design:
        """Inverse of `to_dict`."""
        return cls(
            predictors=tuple(Predictor.from_dict(each) for each in document["predictors"]),
            terms=tuple(
                Term(tuple(Factor.from_dict(factor) for factor in factors))
                for factors in document["terms"]
            ),
        )
