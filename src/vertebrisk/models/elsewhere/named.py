"""A model of named coefficients, as statsmodels and lifelines keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vertebrisk._types import FloatArray
from vertebrisk.design.terms import WrittenTerm, parse_terms
from vertebrisk.errors import ModelError
from vertebrisk.models.elsewhere.foreign import INTERCEPT, Key
from vertebrisk.models.elsewhere.names import read_name
from vertebrisk.models.elsewhere.patients import KnownPatients
from vertebrisk.models.elsewhere.table import INTERCEPTS


@dataclass(frozen=True, slots=True, eq=False)
class NamedCoefficients:
    """Terms, coefficients and levels read from names; `keys` in the order of the names."""

    keys: tuple[Key, ...]
    terms: tuple[WrittenTerm, ...]
    estimates: Mapping[Key, float]
    intercept: float | None
    levels: Mapping[str, tuple[str, ...]]


def read_names(
    names: Sequence[str],
    values: FloatArray,
    known: KnownPatients,
    levels: Mapping[str, Sequence[str]] | None,
) -> NamedCoefficients:
    """What coefficients of these names are of.

    Raises
    ------
    ModelError
        For a term that no portable model has, or a variable whose reference is not known.
    """
    columns = () if known.frame is None else known.frame.columns
    keys: list[Key] = []
    estimates: dict[Key, float] = {}
    seen: dict[str, list[str]] = {}
    terms: dict[str, WrittenTerm] = {}
    intercept = None
    for name, value in zip(names, values, strict=True):
        if name in INTERCEPTS:
            intercept = float(value)
            keys.append(INTERCEPT)
            continue
        column = read_name(name, columns)
        (term,) = parse_terms((column.term,))
        terms.setdefault(term.name, term)
        for variable, level in column.categories:
            seen.setdefault(variable, []).append(level)
        keys.append((term.name, column.level))
        estimates[keys[-1]] = float(value)
    return NamedCoefficients(
        tuple(keys),
        tuple(terms.values()),
        estimates,
        intercept,
        {name: _levels(name, each, known, levels or {}) for name, each in seen.items()},
    )


def _levels(
    name: str,
    seen: Sequence[str],
    known: KnownPatients,
    given: Mapping[str, Sequence[str]],
) -> tuple[str, ...]:
    """All levels of a variable, the reference first."""
    if name in given:
        return tuple(str(level) for level in given[name])
    named = tuple(dict.fromkeys(seen))
    references = [level for level in known.levels(name) if level not in named]
    if len(references) != 1:
        raise ModelError(
            f"Which level of '{name}' is the reference cannot be told; give "
            f"levels={{'{name}': (...)}}, the reference first."
        )
    return (references[0], *named)
