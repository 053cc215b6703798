"""Penalties of some candidates' own: more, less, or none, so that known predictors stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vertebrisk._checks import listed, nearest
from vertebrisk._types import FloatArray
from vertebrisk.design.design import Design
from vertebrisk.design.terms import NamedTerm, terms_named
from vertebrisk.errors import ArgumentError

NONE_LEFT = (
    "The penalty factor of every candidate is 0, so nothing is penalised. Give some candidate a "
    "factor above 0, or use estimator='ml'."
)


def term_factors(factors: Mapping[str, float], terms: Sequence[NamedTerm]) -> dict[str, float]:
    """The factor of each term that has one of its own, by the term's name.

    A name in `factors` is a term as written, such as ``rcs(age, 4)`` or ``age:sex``, or a
    variable, which stands for all terms that read it alone.

    Raises
    ------
    ArgumentError
        A name is no candidate, or two names speak of one term.
    """
    found: dict[str, float] = {}
    for name, factor in factors.items():
        own = terms_named(name, terms)
        if not own:
            known = [term.name for term in terms]
            raise ArgumentError(
                f"The penalty factors name '{name}', which is no candidate; candidates are "
                f"{listed(known)}.{nearest(name, known)}"
            )
        twice = [term for term in own if term in found]
        if twice:
            raise ArgumentError(
                f"The penalty factors speak of '{twice[0]}' twice, the second time as '{name}'; "
                "keep one."
            )
        found.update(dict.fromkeys(own, float(factor)))
    return found


def column_factors(factors: Mapping[str, float], design: Design) -> FloatArray | None:
    """The factor of each column, rescaled to a mean of 1 as ``glmnet`` does; None without any.

    All columns of a term have its factor, so a category with factor 0 keeps all its levels.
    As in glmnet it is the mean over the columns: a category of four levels counts three times.

    Raises
    ------
    ArgumentError
        A name is no candidate, or every factor is 0.
    """
    if not factors:
        return None
    known = term_factors(factors, design.terms)
    each = np.array([known.get(column.term, 1.0) for column in design.columns])
    if each.size == 0:
        return None
    if not each.any():
        raise ArgumentError(NONE_LEFT)
    return np.asarray(each * (each.size / each.sum()))


def free_part(
    design: Design, matrix: FloatArray, factors: FloatArray | None
) -> tuple[Design, FloatArray]:
    """Terms that are never penalised, and their columns."""
    free = np.zeros(matrix.shape[1], np.bool_) if factors is None else factors == 0.0
    names = {column.term for column, one in zip(design.columns, free, strict=True) if one}
    return design.keep(names), np.asarray(matrix[:, free])
