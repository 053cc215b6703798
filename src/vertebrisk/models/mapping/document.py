"""A mapping as a file says it: which column is which input, and what its values are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from vertebrisk._checks import listed, nearest
from vertebrisk.design.design import level_text
from vertebrisk.design.rules import Expression
from vertebrisk.errors import ArgumentError
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol.fields import PLACEHOLDER
from vertebrisk.protocol.toml_files import read_toml

MOST_BYTES = 1_000_000
KEYS = ("column", "levels", "factor", "offset", "missing")

MappingSource: TypeAlias = "str | Path | Mapping[str, Any]"


@dataclass(frozen=True, slots=True)
class MappedInput:
    """How one input of a model stands in a file.

    Attributes
    ----------
    name : str
        The input, as the model names it.
    column : str
        The column that holds it.
    levels : mapping of str to str
        From a value of that column, as text, to the model's level, or to a number.
    factor, offset : float
        The model's number is that of the file times `factor`, plus `offset`.
    missing : tuple of str
        Values that mean missing, as texts.
    """

    name: str
    column: str
    levels: Mapping[str, str] = field(default_factory=dict)
    factor: float = 1.0
    offset: float = 0.0
    missing: tuple[str, ...] = ()

    @property
    def converts(self) -> bool:
        """True where numbers are converted."""
        return self.factor != 1.0 or self.offset != 0.0


def read_mapping(source: MappingSource | None, model: RiskModel) -> tuple[MappedInput, ...]:
    """A mapping from a TOML file, or from what one holds.

    ``[variables.NAME]`` for an input of the model, each key optional: ``column``; ``levels``,
    a table from values of the file to levels of the model; ``factor`` and ``offset`` of a
    number; ``missing``, a list.

    Raises
    ------
    DataError
        The file cannot be read.
    ArgumentError
        It is no mapping, or not one of this model.
    """
    if source is None:
        return ()
    where, document = "mapping", source
    if isinstance(source, str | Path):
        document, text = read_toml(Path(source), "The mapping", MOST_BYTES, ArgumentError)
        where = Path(source).name
        _refuse_marked(where, text)
    if not isinstance(document, Mapping) or set(document) - {"variables"}:
        strange = "" if not isinstance(document, Mapping) else f", not '{_strange(document)}'"
        raise ArgumentError(f"{where}: a mapping has tables [variables.NAME]{strange}.")
    variables = document.get("variables", {})
    if not isinstance(variables, Mapping):
        raise ArgumentError(f"{where}: 'variables' is no table; write [variables.NAME].")
    return tuple(_mapped(where, str(name), each, model) for name, each in variables.items())


def inputs_of(model: RiskModel) -> tuple[str, ...]:
    """Columns that a model may read: its inputs, strata, and what derived ones are made of."""
    names = [*model.design.variables, *model.strata]
    for predictor in model.design.predictors:
        if predictor.derive:
            names += Expression.parse(predictor.derive).names
    return tuple(dict.fromkeys(names))


def _refuse_marked(where: str, text: str) -> None:
    lines = [
        str(number)
        for number, line in enumerate(text.splitlines(), start=1)
        if PLACEHOLDER in line.split("#")[0]
    ]
    if lines:
        noun = "line" if len(lines) == 1 else "lines"
        raise ArgumentError(
            f"{where}: {noun} {listed(lines)} still marked {PLACEHOLDER}. Fill in what you know, "
            "and delete the rest."
        )


def _strange(document: Mapping[str, Any]) -> str:
    return next(str(key) for key in document if key != "variables")


def _mapped(where: str, name: str, table: Any, model: RiskModel) -> MappedInput:
    place = f"{where}: [variables.{name}]"
    known = inputs_of(model)
    if name not in known:
        raise ArgumentError(
            f"{place} is no input of the model; it has {listed(known, 40)}.{nearest(name, known)}"
        )
    if not isinstance(table, Mapping):
        raise ArgumentError(f"{place} is no table.")
    for key in table:
        if key not in KEYS:
            raise ArgumentError(
                f"{place}: there is no '{key}'; the keys are {listed(KEYS)}."
                f"{nearest(str(key), KEYS)}"
            )
    column = table.get("column", name)
    if not isinstance(column, str) or not column:
        raise ArgumentError(f"{place}: column is {column!r}; the name of a column is needed.")
    levels = _levels(place, name, table.get("levels", {}), model)
    factor, offset = (_number(place, key, table, at) for key, at in (("factor", 1), ("offset", 0)))
    found = MappedInput(name, column, levels, factor, offset, _missing(place, table))
    if found.factor == 0.0:
        raise ArgumentError(f"{place}: factor is 0, which makes every number the same.")
    if found.converts and (levels or _known_levels(model, name)):
        raise ArgumentError(
            f"{place}: factor and offset convert numbers, and this input has levels; give levels."
        )
    return found


def _known_levels(model: RiskModel, name: str) -> tuple[str, ...]:
    if name not in model.design.variables:
        return ()
    return model.design.predictor(name).levels


def _levels(place: str, name: str, table: Any, model: RiskModel) -> dict[str, str]:
    if not isinstance(table, Mapping):
        raise ArgumentError(f'{place}: levels is no table; write {{ "theirs" = "the model\'s" }}.')
    levels = {str(key): level_text(value) for key, value in table.items()}
    known = _known_levels(model, name)
    number = name in model.design.variables and not known
    for key, level in levels.items():
        if known and level not in known:
            raise ArgumentError(
                f"{place}: '{key}' becomes '{level}', which is no level of the model; it has "
                f"{listed(known)}.{nearest(level, known)}"
            )
        if number and not _is_number(level):
            raise ArgumentError(f"{place}: '{key}' becomes '{level}', and this input is a number.")
    return levels


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _number(place: str, key: str, table: Mapping[str, Any], default: float) -> float:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ArgumentError(f"{place}: {key} is {value!r}; a finite number is needed.")
    return float(value)


def _missing(place: str, table: Mapping[str, Any]) -> tuple[str, ...]:
    values = table.get("missing", ())
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ArgumentError(f"{place}: missing is {values!r}; a list is needed, such as [9, 99].")
    return tuple(level_text(value) for value in values)
