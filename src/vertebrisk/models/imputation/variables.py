"""Which variables are imputed, how, and their values as numbers and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice, listed, nearest
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.design import level_text
from vertebrisk.design.rules import Expression
from vertebrisk.errors import ArgumentError, DataError, ExpressionError
from vertebrisk.kernels.imputation import chained
from vertebrisk.text.plurals import counted, in_rows

ImputationMethod = Literal["pmm", "linear", "logistic", "polytomous", "ordered", "passive"]

MOST_LEVELS = 20
FEWEST_KNOWN = 10
_CATEGORICAL = ("logistic", "polytomous", "ordered")


@dataclass(frozen=True, slots=True)
class ImputedVariable:
    """One variable of the imputation.

    Attributes
    ----------
    name : str
    method : {"pmm", "linear", "logistic", "polytomous", "ordered", "passive"}
        How its missing values are drawn; also said where none is missing.
    levels : tuple of str
        Of a categorical variable, in order; empty for a number.
    n_missing : int
    expression : str
        What a passive variable is computed from.
    """

    name: str
    method: ImputationMethod
    levels: tuple[str, ...]
    n_missing: int
    expression: str = ""


def plan_variables(
    frame: pl.DataFrame,
    names: Sequence[str],
    methods: Mapping[str, str],
    passive: Mapping[str, str],
    info: Mapping[str, VariableInfo],
) -> tuple[ImputedVariable, ...]:
    """How each variable is imputed: as asked, else by what it holds.

    Numbers by predictive mean matching, two levels by logistic regression, more by
    polytomous regression. Numbers stay numbers, however few their values are.

    Raises
    ------
    ArgumentError
        A method is unknown, or cannot impute what the column holds.
    DataError
        A column has too few known values, too many levels, or dates.
    """
    for name in [*methods, *passive]:
        if name not in names:
            raise ArgumentError(
                f"There is no variable '{name}' in the imputation; its variables are "
                f"{listed(names)}.{nearest(name, names)}"
            )
    return tuple(
        _planned(frame[name], methods.get(name), passive.get(name, ""), info.get(name))
        for name in names
    )


def check_told(
    frame: pl.DataFrame, names: Sequence[str], event: BoolArray, *, followed: bool
) -> None:
    """Refuse a variable that is known of nobody with the event, or of nobody without it.

    Nothing in the data then says how the two go together, and an imputation would say that
    they do not. Of patients who are followed up those without the event need no value, since
    who has it later stands for them.

    Raises
    ------
    DataError
    """
    for name in names:
        known = frame[name].is_not_null().to_numpy()
        for whom, part in (("with", event), ("without", ~event)):
            if known.all() or (known & part).any() or (followed and whom == "without"):
                continue
            raise DataError(
                f"'{name}' is missing in every patient {whom} the event, so nothing tells how it "
                "goes with the outcome, and imputed values would say that it does not. Leave it "
                "out."
            )


def _planned(
    column: pl.Series, asked: str | None, expression: str, info: VariableInfo | None
) -> ImputedVariable:
    name, missing = column.name, column.null_count()
    if expression:
        if asked not in (None, "passive"):
            raise ArgumentError(f"'{name}' is computed from others, so it takes no method.")
        return ImputedVariable(name, "passive", (), missing, expression)
    if asked is not None:
        check_choice(asked, f"the method of '{name}'", ImputationMethod)
    if asked == "passive":
        raise ArgumentError(f"'{name}' is passive; say in 'passive' what it is computed from.")
    if column.dtype.is_temporal():
        raise DataError(f"'{name}' holds dates or times; derive a number from it.")
    known = len(column) - missing
    if missing and known < FEWEST_KNOWN:
        raise DataError(
            f"'{name}' is known of {counted(known, 'patient')} only; {FEWEST_KNOWN} are needed to "
            "impute it. Leave it out."
        )
    levels = _levels(column, asked, info)
    return ImputedVariable(name, _method(name, asked, levels), levels, missing)


def _levels(column: pl.Series, asked: str | None, info: VariableInfo | None) -> tuple[str, ...]:
    if column.dtype.is_numeric() and asked not in _CATEGORICAL:
        return ()
    if info is not None and info.levels:
        known = info.levels
    elif isinstance(column.dtype, pl.Enum):
        known = tuple(str(each) for each in column.dtype.categories)
    else:
        known = tuple(level_text(each) for each in column.drop_nulls().unique().sort().to_list())
    present = {level_text(each) for each in column.drop_nulls().unique().to_list()}
    levels = tuple(level for level in known if level in present)
    if len(levels) > MOST_LEVELS:
        raise DataError(
            f"'{column.name}' has {len(levels)} levels, too many to impute from; group them, leave "
            "the column out, or, where it is a number, make it one and impute it by pmm or linear."
        )
    return levels


def _method(name: str, asked: str | None, levels: Sequence[str]) -> ImputationMethod:
    if asked is None:
        if not levels:
            return "pmm"
        return "logistic" if len(levels) <= 2 else "polytomous"
    if asked in ("pmm", "linear") and levels:
        raise ArgumentError(
            f"'{name}' holds levels ({listed(levels)}); the method '{asked}' is for numbers. "
            f"Allowed are {', '.join(_CATEGORICAL)}."
        )
    if asked == "logistic" and len(levels) > 2:
        raise ArgumentError(
            f"'{name}' has {len(levels)} levels; 'logistic' is for two. Use polytomous or ordered."
        )
    return cast(ImputationMethod, asked)


def as_codes(frame: pl.DataFrame, variables: Sequence[ImputedVariable]) -> FloatArray:
    """Values as numbers, levels as codes from 0, NaN where missing; shape (n, variables)."""
    columns = [_codes(frame[each.name], each) for each in variables]
    return np.column_stack(columns) if columns else np.empty((frame.height, 0))


def _codes(column: pl.Series, variable: ImputedVariable) -> FloatArray:
    if not variable.levels:
        values = column.cast(pl.Float64).to_numpy()
        if np.isinf(values).any():
            rows = [int(row) + 1 for row in np.flatnonzero(np.isinf(values))]
            raise DataError(
                f"'{column.name}' is infinite in {in_rows(rows)}; correct these values, or "
                "make them missing."
            )
        return np.asarray(values, dtype=np.float64)
    place = {level: float(code) for code, level in enumerate(variable.levels)}
    known: dict[object, float] = {None: np.nan}
    for each in column.unique().drop_nulls().to_list():
        known[each] = place.get(level_text(each), np.nan)
    return np.array([known.get(each, np.nan) for each in column.to_list()], dtype=np.float64)


def from_codes(codes: FloatArray, variable: ImputedVariable, like: pl.Series) -> pl.Series:
    """Values of one variable as a column of the type of `like`."""
    if not variable.levels:
        whole = like.dtype.is_integer() and bool(np.all(codes == np.round(codes)))
        return pl.Series(like.name, codes).cast(like.dtype if whole else pl.Float64)
    texts = pl.Series(like.name, [variable.levels[int(code)] for code in codes], dtype=pl.String)
    if like.dtype == pl.Boolean:
        return pl.Series(like.name, texts == "true")
    return texts.cast(like.dtype)


def kernel_variables(
    variables: Sequence[ImputedVariable], frame: pl.DataFrame
) -> tuple[chained.Variable, ...]:
    """The same for the kernel, which knows columns by their place."""
    place = {each.name: position for position, each in enumerate(variables)}
    found = tuple(_kernel(each, variables, place, frame) for each in variables)
    try:
        chained.computing_order(found)
    except ValueError:
        passive = [f"'{each.name}'" for each in variables if each.method == "passive"]
        raise ExpressionError(
            f"What is computed from others ({listed(passive)}) goes round in a circle, so nothing "
            "tells its values; compute it from variables that are known or imputed."
        ) from None
    return found


def _kernel(
    variable: ImputedVariable,
    variables: Sequence[ImputedVariable],
    place: Mapping[str, int],
    frame: pl.DataFrame,
) -> chained.Variable:
    if variable.method == "passive":
        rule = Expression.parse(variable.expression)
        for name in rule.names:
            if name not in place:
                raise ExpressionError(
                    f"'{variable.name}' is computed from '{name}', which is not in the "
                    "imputation; name it among the auxiliary variables."
                )
        sources = tuple(place[name] for name in rule.names)
        used = [variables[each] for each in sources]
        like = frame.select(each.name for each in used)
        compute = _Computed(variable, rule, tuple(used), sources, like)
        return chained.Variable(0, "passive", compute, sources)
    if variable.method == "logistic":
        return chained.Variable(2, "polytomous")
    return chained.Variable(len(variable.levels), cast(chained.Method, variable.method))


@dataclass(frozen=True, slots=True, eq=False)
class _Computed:
    """A passive variable from the codes of its sources."""

    own: ImputedVariable
    rule: Expression
    variables: tuple[ImputedVariable, ...]
    sources: tuple[int, ...]
    like: pl.DataFrame

    def __call__(self, values: FloatArray) -> FloatArray:
        columns = [
            from_codes(values[:, :, place].ravel(), variable, self.like[variable.name])
            for place, variable in zip(self.sources, self.variables, strict=True)
        ]
        found = self.rule.values(pl.DataFrame(columns)).cast(pl.Float64).to_numpy()
        if not np.isfinite(found).all():
            row = int(np.flatnonzero(~np.isfinite(found))[0])
            read = ", ".join(
                f"{each.name} = {each[row]:.4g}"
                if each.dtype.is_float()
                else f"{each.name} = {each[row]}"
                for each in columns
            )
            raise DataError(
                f"'{self.own.name}' is computed as {self.own.expression}, which has no value at "
                f"{read}. Impute these by pmm, whose values are observed ones, correct them, or "
                f"impute '{self.own.name}' by itself."
            )
        return np.asarray(found, dtype=np.float64).reshape(values.shape[:2])


def gaps(codes: FloatArray) -> BoolArray:
    """Where a value is missing."""
    return np.asarray(np.isnan(codes))
