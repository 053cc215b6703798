"""A fitted design: everything needed to turn a patient into a row of numbers.

Knots, levels and reference levels are fixed when the design is built and never
looked up again, so prediction, nomogram and calculator need nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from typing import Any

import numpy as np

from vertebrisk._types import FloatArray, Json
from vertebrisk.design import powers as fractional
from vertebrisk.design import splines
from vertebrisk.design.codings import Coding, codings_of
from vertebrisk.design.filling import column_by_column, row_by_row
from vertebrisk.design.syntax import quoted
from vertebrisk.design.terms import FactorKind, factor_name
from vertebrisk.design.translating import Translations, read_translations, translations_json
from vertebrisk.errors import FitError, ModelError

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
class Factor:
    """One transformation of one variable, with what it learnt from the data.

    `powers`, `shift` and `scale` are those of a fractional polynomial; with the kind "fp" its
    powers are not known yet, `degree` is the greatest, and it has no columns.
    """

    variable: str
    kind: FactorKind
    knots: tuple[float, ...] = ()
    exponent: float = 1.0
    levels: tuple[str, ...] = ()
    powers: tuple[float, ...] = ()
    shift: float = 0.0
    scale: float = 1.0
    degree: int = 0

    @property
    def name(self) -> str:
        """The factor as it appears in tables."""
        return self._written(self.variable)

    @property
    def source(self) -> str:
        """The factor as a formula writes it."""
        written = self._written(quoted(self.variable))
        if self.kind != "powers":
            return written
        return f"{written[:-1]}, shift={self.shift!r}, scale={self.scale!r})"

    def _written(self, variable: str) -> str:
        return factor_name(
            self.kind, variable, len(self.knots), self.exponent, self.powers, self.degree
        )

    @property
    def column_levels(self) -> tuple[str, ...]:
        """What tells the columns apart: levels, powers, or age, age', age'' of a spline."""
        if self.kind == "categorical":
            return self.levels[1:]
        if self.kind == "powers":
            return fractional.column_names(self.variable, self.powers, self.shift, self.scale)
        if self.kind == "rcs":
            return tuple(self.variable + "'" * order for order in range(len(self.knots) - 1))
        return ("",)

    def columns(self, values: FloatArray) -> FloatArray:
        """Columns of the design, shape (n, number of columns); NaN where the value is."""
        match self.kind:
            case "categorical":
                codes = np.arange(1, len(self.levels))
                indicators: FloatArray = np.equal(values[:, None], codes).astype(np.float64)
                indicators[np.isnan(values)] = np.nan
                return indicators
            case "rcs":
                return splines.basis(values, np.asarray(self.knots))
            case "powers":
                return fractional.basis(values, self.powers, self.shift, self.scale)
            case "fp":
                raise FitError(
                    f"The powers of {self.name} are found by fit_logistic and fit_cox, without a "
                    "penalty, imputation or matched sets; elsewhere write known ones, such as "
                    f"powers({quoted(self.variable)}, -1)."
                )
            case "log":
                return np.log(np.where(values > 0, values, np.nan))[:, None]
            case "sqrt":
                return np.sqrt(np.where(values >= 0, values, np.nan))[:, None]
            case "power":
                with np.errstate(divide="ignore", invalid="ignore"):
                    powered = values**self.exponent
                return np.where(np.isfinite(powered), powered, np.nan)[:, None]
            case _:
                return np.asarray(values[:, None])

    def to_dict(self) -> Json:
        """JSON form."""
        document: Json = {
            "variable": self.variable,
            "kind": self.kind,
            "knots": list(self.knots),
            "exponent": self.exponent,
            "levels": list(self.levels),
        }
        if self.kind == "powers":
            document |= {"powers": list(self.powers), "shift": self.shift, "scale": self.scale}
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Factor:
        """Inverse of `to_dict`."""
        kind = document["kind"]
        if kind not in ("plain", "categorical", "rcs", "log", "sqrt", "power", "powers"):
            raise ModelError(
                f"A model term has the kind '{kind}', which this version does not know."
            )
        return cls(
            variable=str(document["variable"]),
            kind=kind,
            knots=tuple(float(knot) for knot in document["knots"]),
            exponent=float(document["exponent"]),
            levels=tuple(str(level) for level in document["levels"]),
            powers=tuple(sorted(float(power) for power in document.get("powers", ()))),
            shift=float(document.get("shift", 0.0)),
            scale=float(document.get("scale", 1.0)),
        )


@dataclass(frozen=True, slots=True)
class Term:
    """A factor, or an interaction of factors."""

    factors: tuple[Factor, ...]

    @property
    def name(self) -> str:
        """The term as it appears in coefficient tables."""
        return ":".join(factor.name for factor in self.factors)

    @property
    def source(self) -> str:
        """The term as a formula writes it."""
        return ":".join(factor.source for factor in self.factors)

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables that the term reads."""
        return tuple(dict.fromkeys(factor.variable for factor in self.factors))

    @property
    def named_by_columns(self) -> bool:
        """True where the columns say all that the name does: a fractional polynomial alone."""
        return len(self.factors) == 1 and self.factors[0].kind == "powers"

    @property
    def column_levels(self) -> tuple[str, ...]:
        """Level of each column; parts of an interaction joined by ':'."""
        return reduce(
            lambda left, right: tuple(
                f"{a}:{b}" if a and b else a or b for b in right for a in left
            ),
            (factor.column_levels for factor in self.factors),
        )

    def columns(self, values: Mapping[str, FloatArray]) -> FloatArray:
        """Columns of the term, the first factor varying fastest, as in R."""

        def cross(left: FloatArray, right: FloatArray) -> FloatArray:
            product = left[:, None, :] * right[:, :, None]
            return product.reshape(left.shape[0], left.shape[1] * right.shape[1])

        return reduce(cross, (factor.columns(values[factor.variable]) for factor in self.factors))


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

    def matrix(self, codes: Mapping[str, FloatArray], *, by_column: bool = False) -> FloatArray:
        """Design matrix, shape (n, columns), without intercept; NaN rows cannot be scored.

        In memory row after row, or `by_column` one column after the other.
        """
        size = len(next(iter(codes.values()))) if codes else 0
        if not self.terms:
            return np.empty((size, 0))
        slices = self.slices
        parts = [(slices[term.name], partial(term.columns, codes)) for term in self.terms]
        if by_column:
            return column_by_column(parts, np.empty((len(self.columns), size)).T)
        return row_by_row(parts, np.empty((size, len(self.columns))))

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
