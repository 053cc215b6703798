"""New predictors beside those of a model: read, and joined to its design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.build import VariableInfo, build_design, needed_columns
from vertebrisk.design.design import Design
from vertebrisk.design.terms import WrittenTerm, parse_terms
from vertebrisk.errors import ArgumentError
from vertebrisk.models.preparing import check_predictors


def extending_terms(design: Design, extension: Sequence[str]) -> tuple[WrittenTerm, ...]:
    """The terms that extend a model, parsed.

    Raises
    ------
    ArgumentError
        What is no list of texts, or a term that reads a predictor of the model.
    ExpressionError
        A term is not in the grammar.
    """
    if isinstance(extension, str) or not all(isinstance(each, str) for each in extension):
        raise ArgumentError(
            f"extension is {extension!r}; a list of terms is needed, such as "
            "['t_score', 'rcs(ct_value, 4)']."
        )
    if not extension:
        return ()
    terms = parse_terms(tuple(extension))
    names = dict.fromkeys(name for term in terms for name in term.variables)
    known = [name for name in names if name in design.variables]
    if known:
        raise ArgumentError(
            f"extension reads {listed(known)}, which the model has already; name new predictors "
            "only. A revision gives those of the model new coefficients."
        )
    return terms


def lacking(frame: pl.DataFrame, terms: Sequence[WrittenTerm]) -> BoolArray:
    """Rows without a value of a new predictor.

    Raises
    ------
    DataError
        A column is missing, holds dates, or holds nothing.
    """
    names = list(dict.fromkeys(name for term in terms for name in term.variables))
    needed_columns(frame, names)
    check_predictors(frame, names)
    without = np.zeros(frame.height, np.bool_)
    for name in names:
        column = frame[name]
        without |= column.is_null().to_numpy()
        if column.dtype.is_float():
            without |= ~column.is_finite().fill_null(value=False).to_numpy()
    return without


def extended(
    design: Design,
    frame: pl.DataFrame,
    terms: Sequence[WrittenTerm],
    info: Mapping[str, VariableInfo] | None,
) -> tuple[Design, dict[str, FloatArray], FloatArray]:
    """The design with the new terms, codes of the new predictors, and their columns, shape (n, q).

    Levels, knots and ranges of the new predictors are those of `frame`, whose rows are complete.
    """
    if not terms:
        return design, {}, np.empty((frame.height, 0))
    new, codes = build_design(frame, terms, info)
    joined = Design((*design.predictors, *new.predictors), (*design.terms, *new.terms))
    return joined, codes, new.matrix(codes)
