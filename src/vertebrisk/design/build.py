"""A design built from data: levels, knots, tick marks and reference values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import polars as pl

from vertebrisk._checks import listed, nearest
from vertebrisk._types import FloatArray
from vertebrisk.design import powers as fractional
from vertebrisk.design import splines
from vertebrisk.design.codings import Coding
from vertebrisk.design.design import Design, Predictor, level_text
from vertebrisk.design.factors import Factor, Term
from vertebrisk.design.terms import WrittenFactor, WrittenTerm, check_fractional
from vertebrisk.design.translating import Translations
from vertebrisk.engines.threads import side_by_side
from vertebrisk.errors import DataError, ExpressionError, FitError
from vertebrisk.kernels.pretty import pretty
from vertebrisk.kernels.summaries import summary
from vertebrisk.text.plurals import agreeing, counted

TICK_COUNT = 10
LIMITS = np.array([0.01, 0.99])  # quantiles between which a number is usual
MAX_LEVELS = 50
MANY = 50_000  # patients from which on variables are looked at by several threads


@dataclass(frozen=True, slots=True)
class VariableInfo:
    """What a codebook adds to a column: words, codes, and the order of levels."""

    label: str = ""
    unit: str = ""
    levels: tuple[str, ...] = ()
    level_labels: tuple[str, ...] = ()
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

    def of(self, name: str, levels: tuple[str, ...] = ()) -> dict[str, Any]:
        """The fields of a `Predictor` of these levels; words of levels are in their order."""
        return {each.name: getattr(self, each.name) for each in fields(self)} | {
            "name": name,
            "label": self.label or name,
            "levels": levels,
            "level_labels": self._labels(self.level_labels, levels),
            "level_codings": {
                level: each for level, each in self.level_codings.items() if level in levels
            },
            "translations": {
                language: {
                    key: self._labels(text, levels) if isinstance(text, tuple) else text
                    for key, text in texts.items()
                }
                for language, texts in self.translations.items()
            },
        }

    def _labels(self, labels: tuple[str, ...], levels: tuple[str, ...]) -> tuple[str, ...]:
        known = dict(zip(self.levels, labels, strict=False))
        return tuple(known.get(level, level) for level in levels)


def build_design(
    frame: pl.DataFrame,
    terms: Sequence[WrittenTerm],
    info: Mapping[str, VariableInfo] | None = None,
) -> tuple[Design, dict[str, FloatArray]]:
    """Design for the given terms, and the codes of the frame's rows.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows without missing values in the variables of `terms`.
    terms : sequence of WrittenTerm
        As parsed from a formula or listed in a protocol.
    info : mapping, optional
        Labels, units and level orders by variable.

    Returns
    -------
    Design and mapping of variable to codes, shape (n,).

    Raises
    ------
    DataError
        A column is missing, or text has too many levels to be a predictor.
    FitError
        A transformation cannot be applied to the values.
    """
    info = info or {}
    check_fractional(terms)
    written = {factor.variable: factor for term in reversed(terms) for factor in term.factors}
    categorical = {
        factor.variable: factor
        for term in terms
        for factor in term.factors
        if factor.kind == "categorical"
    }
    order = dict.fromkeys(factor.variable for term in terms for factor in term.factors)

    def learnt(name: str) -> tuple[Predictor, FloatArray]:
        factor = categorical.get(name, written[name])
        return _predictor(frame, factor, info.get(name, VariableInfo()))

    names = list(order)
    each = side_by_side(learnt, names) if frame.height >= MANY else map(learnt, names)
    found = dict(zip(names, each, strict=True))
    predictors = {name: predictor for name, (predictor, _) in found.items()}
    codes = {name: own for name, (_, own) in found.items()}
    built = tuple(
        Term(
            tuple(
                factor_of(each, predictors[each.variable], codes[each.variable])
                for each in term.factors
            )
        )
        for term in terms
    )
    return with_marks(Design(tuple(predictors.values()), built)), codes


def with_marks(design: Design) -> Design:
    """The design with tick marks at which every term is a number."""
    factors = [factor for term in design.terms for factor in term.factors]
    marked = tuple(_marks_in_domain(each, factors) for each in design.predictors)
    return replace(design, predictors=marked)


def _marks_in_domain(predictor: Predictor, factors: Sequence[Factor]) -> Predictor:
    """Tick marks at which every transformation of the predictor is a number.

    Round marks may reach below the data, where a logarithm has no value; the lowest then
    is the 1st percentile, cut to two digits.
    """
    own = [factor for factor in factors if factor.variable == predictor.name]
    if predictor.categorical or not predictor.ticks:
        return predictor
    marks = np.asarray(predictor.ticks)
    if any(factor.kind == "fp" for factor in own):
        return predictor
    usable = np.all([np.isfinite(each.columns(marks)).all(axis=1) for each in own], axis=0)
    if usable.all() or predictor.limits is None:
        return predictor
    kept = marks[usable]
    low = float(f"{predictor.limits[0]:.2g}")
    extra = [low] if low > 0 and (kept.size == 0 or low < kept.min()) else []
    return replace(predictor, ticks=(*extra, *(float(mark) for mark in kept)))


def needed_columns(frame: pl.DataFrame, names: Sequence[str]) -> None:
    """Raise DataError for the first name that the frame does not have."""
    for name in names:
        if name not in frame.columns:
            raise DataError(
                f"There is no column '{name}'; the columns are "
                f"{listed(frame.columns)}.{nearest(name, frame.columns)}"
            )


def _predictor(
    frame: pl.DataFrame, factor: WrittenFactor, info: VariableInfo
) -> tuple[Predictor, FloatArray]:
    needed_columns(frame, [factor.variable])
    column = frame[factor.variable]
    numeric = column.dtype.is_numeric() or column.dtype == pl.Null
    if factor.kind == "categorical" or (not numeric and factor.kind == "plain"):
        return _categorical(column, factor, info)
    if not numeric:
        raise ExpressionError(
            f"'{factor.name}' needs numbers, but '{factor.variable}' holds {_contents(column)}."
        )
    return _numeric(column, info)


def _contents(column: pl.Series) -> str:
    if column.dtype.is_temporal():
        return "dates or times"
    return "true and false" if column.dtype == pl.Boolean else "labels"


def _categorical(
    column: pl.Series, factor: WrittenFactor, info: VariableInfo
) -> tuple[Predictor, FloatArray]:
    texts = [level_text(value) for value in column.to_list()]
    counts = Counter(texts)
    if isinstance(column.dtype, pl.Enum):
        order = [str(each) for each in column.dtype.categories]
    elif column.dtype.is_numeric():
        order = [level_text(value) for value in sorted(column.unique().to_list())]
    else:
        order = sorted(counts)
    predictor = categorical_predictor(column.name, order, counts, factor, info)
    position = {level: float(index) for index, level in enumerate(predictor.levels)}
    return predictor, np.array([position[text] for text in texts], dtype=np.float64)


def categorical_predictor(
    name: str,
    order: Sequence[str],
    counts: Mapping[str, int],
    factor: WrittenFactor,
    info: VariableInfo,
) -> Predictor:
    """A category of the levels that occur.

    Parameters
    ----------
    name : str
    order : sequence of str
        Levels in their order, where the codebook gives none.
    counts : mapping of str to int
        Patients by level.
    factor : WrittenFactor
        Which may name the reference.
    info : VariableInfo
    """
    levels = [level for level in info.levels or order if counts.get(level)]
    if len(levels) > MAX_LEVELS:
        raise DataError(
            f"'{name}' has {len(levels)} different texts, too many for a predictor; "
            "group them, or leave the column out."
        )
    if factor.reference is not None:
        if factor.reference not in levels:
            raise ExpressionError(
                f"'{factor.reference}' is not a level of '{name}'; its levels are "
                f"{listed(levels)}.{nearest(factor.reference, levels)}"
            )
        levels = [factor.reference, *(each for each in levels if each != factor.reference)]
    return Predictor(
        discrete=True,
        adjust_to=max(levels, key=lambda level: counts[level], default=""),
        **info.of(name, tuple(levels)),
    )


def _numeric(column: pl.Series, info: VariableInfo) -> tuple[Predictor, FloatArray]:
    values = column.cast(pl.Float64).to_numpy()
    check_finite(column.name, int(values.size - np.count_nonzero(np.isfinite(values))))
    return numeric_predictor(info.of(column.name), values), np.asarray(values, dtype=np.float64)


def check_finite(name: str, wrong: int) -> None:
    """Refuse a column of which so many values are missing or infinite."""
    if wrong:
        raise DataError(
            f"'{name}' has {counted(wrong, 'missing or infinite value')}; correct "
            f"{agreeing(wrong, 'it', 'them')}, or leave {agreeing(wrong, 'it', 'them')} empty."
        )


def numeric_predictor(words: Mapping[str, Any], values: FloatArray) -> Predictor:
    """A number with marks, limits and median of patients; `words` are `VariableInfo.of`."""
    found = summary(values, LIMITS, TICK_COUNT)
    low, high = found.quantiles
    return summarised_predictor(words, found.distinct, (low, high), found.median)


def summarised_predictor(
    words: Mapping[str, Any], distinct: FloatArray, limits: tuple[float, float], median: float
) -> Predictor:
    """A number with marks; of `distinct` values in order all, or more than are marked."""
    discrete = distinct.size <= TICK_COUNT
    ticks = distinct if discrete else pretty(distinct[0], distinct[-1], TICK_COUNT)
    return Predictor(
        ticks=tuple(float(tick) for tick in ticks),
        discrete=discrete,
        limits=(float(limits[0]), float(limits[1])),
        adjust_to=median,
        **words,
    )


def ranged_predictor(
    words: Mapping[str, Any], low: float, high: float, *, whole: bool = False, decimals: int = 1
) -> Predictor:
    """A number of which nothing but a usual range is known; `words` are `VariableInfo.of`."""
    few = whole and high - low < TICK_COUNT
    ticks = np.arange(np.ceil(low), np.floor(high) + 1) if few else pretty(low, high, TICK_COUNT)
    return Predictor(
        ticks=tuple(float(tick) for tick in ticks),
        discrete=few,
        limits=(low, high),
        adjust_to=float(round((low + high) / 2, 0 if whole else decimals)),
        **words,
    )


def factor_of(written: WrittenFactor, predictor: Predictor, values: FloatArray) -> Factor:
    """A transformation with what it learns from the values of its variable."""
    if predictor.categorical:
        if written.kind not in ("plain", "categorical"):
            raise ExpressionError(
                f"'{written.name}' needs a number, but '{predictor.name}' is a category."
            )
        return Factor(predictor.name, "categorical", levels=predictor.levels)
    if written.kind == "rcs":
        positions = splines.knots(values, written.knot_count, f"'{predictor.name}'")
        return Factor(predictor.name, "rcs", knots=tuple(float(knot) for knot in positions))
    if written.kind in ("powers", "fp"):
        return _fractional(written, values)
    if written.kind == "log" and values.min() <= 0:
        raise FitError(f"log({predictor.name}) needs values above 0; the smallest is not.")
    if written.kind == "sqrt" and values.min() < 0:
        raise FitError(f"sqrt({predictor.name}) needs values of 0 or more; the smallest is not.")
    if written.kind == "power" and written.exponent < 0 and (values == 0).any():
        raise FitError(f"{written.name} is infinite at 0, which occurs among the values.")
    if written.kind == "power" and not float(written.exponent).is_integer() and values.min() < 0:
        raise FitError(f"{written.name} needs values of 0 or more; the smallest is not.")
    return Factor(predictor.name, written.kind, exponent=written.exponent)


def _fractional(written: WrittenFactor, values: FloatArray) -> Factor:
    """A fractional polynomial with shift and scale, of known powers or of powers to be found."""
    name, distinct = written.variable, np.unique(values).size
    fewest = fractional.FEWEST_VALUES[written.degree] if written.kind == "fp" else 2
    if distinct < fewest:
        lower = f", or fp({name}, 1)" if written.degree == 2 and distinct >= 4 else ""
        raise FitError(
            f"{written.name} needs at least {fewest} distinct values, and '{name}' has {distinct}; "
            f"enter it as it is, or as C({name}){lower}."
        )
    shift, scale = fractional.shift_and_scale(values)
    shift = shift if written.shift is None else written.shift
    scale = scale if written.scale is None else written.scale
    if values.min() + shift <= 0:
        raise FitError(
            f"{written.name} needs values above {-shift:g}, and the smallest of '{name}' is "
            f"{values.min():g}; leave the shift out, or choose a greater one."
        )
    factor = Factor(
        name, written.kind, powers=written.powers, shift=shift, scale=scale, degree=written.degree
    )
    if written.kind == "powers" and not np.isfinite(factor.columns(values)).all():
        raise FitError(f"{written.name} goes beyond the range of numbers; divide '{name}' by more.")
    return factor
