"""What the name of a coefficient in patsy or formulaic says: ``C(grade)[T.high]:age``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vertebrisk.design.syntax import quoted
from vertebrisk.errors import ModelError

_LEVEL = re.compile(r"(?P<variable>.+?)\[(?P<marker>T\.)?(?P<level>.*)\]")
_CATEGORY = re.compile(r"C\(\s*(?P<name>[^,()]+?)\s*(,.*)?\)")
_FUNCTION = re.compile(r"(np\.|numpy\.)?(?P<function>log|sqrt)\(\s*(?P<name>[^()]+?)\s*\)")
_POWER = re.compile(
    r"(I\(\s*(?P<name>[^()*]+?)\s*\*\*\s*(?P<exponent>-?[\d.]+)\s*\)"
    r"|\{?\s*(?P<bare>[^(){}*]+?)\s*\*\*\s*(?P<other>-?[\d.]+)\s*\}?)"
)


@dataclass(frozen=True, slots=True)
class NamedColumn:
    """A coefficient's place: the term as a formula writes it, and the level.

    `categories` are the variables that have levels, with the level of this column.
    """

    term: str
    level: str
    categories: tuple[tuple[str, str], ...]


def read_name(name: str, columns: Sequence[str] = ()) -> NamedColumn:
    """The term and level that a coefficient of this name belongs to.

    Parameters
    ----------
    name : str
        As patsy and formulaic write it.
    columns : sequence of str
        Columns of the data: a name that is one of them is that column, whatever it holds.

    Raises
    ------
    ModelError
        For a term that a portable model does not have, such as ``bs(age, df=4)[0]``.
    """
    if name in columns:
        return NamedColumn(quoted(name), "", ())
    terms, levels, categories = [], [], []
    for part in _parts(name):
        term, level, category = _read_part(part.strip(), name)
        terms.append(term)
        levels.append(level)
        categories += category
    return NamedColumn(
        ":".join(terms), ":".join(each for each in levels if each), tuple(categories)
    )


def _read_part(part: str, whole: str) -> tuple[str, str, list[tuple[str, str]]]:
    levelled = _LEVEL.fullmatch(part)
    if levelled is not None:
        variable = levelled["variable"]
        category = _CATEGORY.fullmatch(variable)
        if category is not None:
            variable = category["name"]
        if not _plain(variable):
            raise _unknown(whole)
        if levelled["marker"] is None:
            raise ModelError(
                f"The coefficient '{whole}' is of another coding than treatment contrasts, which "
                "measure every level against a reference; fit the model with those."
            )
        return quoted(variable), levelled["level"], [(variable, levelled["level"])]
    function = _FUNCTION.fullmatch(part)
    if function is not None and _plain(function["name"]):
        return f"{function['function']}({quoted(function['name'])})", "", []
    power = _POWER.fullmatch(part)
    if power is not None:
        variable = power["name"] or power["bare"]
        exponent = power["exponent"] or power["other"]
        if _plain(variable):
            return f"{quoted(variable)}**{exponent}", "", []
    if not _plain(part):
        raise _unknown(whole)
    return quoted(part), "", []


def _parts(name: str) -> list[str]:
    """Factors of an interaction: ':' outside brackets."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(name):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == ":" and depth == 0:
            parts.append(name[start:place])
            start = place + 1
    return [*parts, name[start:]]


def _plain(name: str) -> bool:
    return not set(name) & set("()[]{}*")


def _unknown(name: str) -> ModelError:
    return ModelError(
        f"The coefficient '{name}' is of a term that a portable model does not have; it has "
        "numbers, levels, log, sqrt, powers and their interactions. Splines go by from_table with "
        "their knots, or from_r."
    )
