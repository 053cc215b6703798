"""How follow-up ended: values of a column as event, competing event or censoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl

from vertebrisk._checks import listed, nearest
from vertebrisk._types import IntArray
from vertebrisk.design.design import level_text
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say

Value: TypeAlias = str | int | float | bool
Values: TypeAlias = Value | Sequence[Value]
CENSORED, EVENT, COMPETING = 0, 1, 2
_ROLES = {CENSORED: "censored", EVENT: "event", COMPETING: "competing"}


def code_status(
    column: pl.Series, event: Values, competing: Values, censored: Values | None = None
) -> IntArray:
    """0 censored, 1 the event, 2 the competing event, as the caller states and nothing else.

    Parameters
    ----------
    column : polars Series, shape (n,)
        How each follow-up ended: labels, codes or booleans; null stays to the caller.
    event, competing : value or sequence of values
        Which values mean the event, and which the competing event.
    censored : value or sequence of values, optional
        Which mean neither. When it is not given, one value may be left over, and means it.

    Returns
    -------
    int array, shape (n,)
        Rows that are null get 0.

    Raises
    ------
    ArgumentError
        When one value has two roles, or a role has none.
    DataError
        When the event is not in the column, or a value of the column has no role.
    """
    roles = _roles(event, competing, censored)
    if column.null_count() == len(column):
        raise DataError(f"The status '{column.name}' has no value in any row.")
    present = [level_text(value) for value in column.unique().drop_nulls().sort().to_list()]
    wanted = [value for value, role in roles.items() if role == EVENT]
    if not set(wanted) & set(present):
        raise DataError(
            f"Column '{column.name}' never holds {_quoted(wanted)}, which was given as the event; "
            f"it holds {_quoted(present)}.{nearest(wanted[0], present)}"
        )
    rest = [value for value in present if value not in roles]
    if len(rest) > (censored is None):
        raise DataError(
            f"Column '{column.name}' holds {_quoted(rest)}, of which nothing was said; give each "
            "as event, competing or censored, such as censored="
            f"{[rest[0]]!r}.{_nearest_absent(roles, present, rest)}"
        )
    codes = {value: roles.get(value, CENSORED) for value in present}
    values = column.to_list()
    return np.array(
        [CENSORED if value is None else codes[level_text(value)] for value in values],
        dtype=np.int64,
    )


@dataclass(frozen=True, slots=True)
class StatusRule:
    """The event of a status column; see `code_status`."""

    column: str
    event: Values
    competing: Values
    censored: Values | None

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (self.column,)

    def rule(self, frame: pl.DataFrame) -> pl.Series:
        """True where the event occurred; all false where the column cannot be read so."""
        try:
            codes = code_status(frame[self.column], self.event, self.competing, self.censored)
        except DataError:
            codes = np.zeros(frame.height, dtype=np.int64)
        return pl.Series(codes == EVENT)


def no_competing_event(status: IntArray, competing: str) -> list[Finding]:
    """A Fine-Gray model in which nobody has the competing event."""
    if (status == COMPETING).any():
        return []
    return [
        Finding(
            code="no-competing-event",
            severity="warning",
            message=say(
                "No patient has the competing event '{competing}', so the Fine-Gray model is "
                "a Cox model with Breslow's ties.",
                competing=competing,
            ),
            remedy=say(
                "Check the values given as competing against those in the data; if nobody "
                "had it, fit a Cox model."
            ),
        )
    ]


def _roles(event: Values, competing: Values, censored: Values | None) -> dict[str, int]:
    roles: dict[str, int] = {}
    given = {EVENT: event, COMPETING: competing, CENSORED: () if censored is None else censored}
    for role, values in given.items():
        texts = [level_text(value) for value in several(values)]
        if not texts and role != CENSORED:
            raise ArgumentError(f"{_ROLES[role]} names no value of the status column.")
        for text in texts:
            if roles.setdefault(text, role) != role:
                raise ArgumentError(
                    f"'{text}' is given as {_ROLES[roles[text]]} and as {_ROLES[role]}; a value "
                    "of the status column has one meaning."
                )
    return roles


def several(values: Values) -> Sequence[Value]:
    """One value, or several, as a sequence."""
    return [values] if isinstance(values, str | int | float | bool | np.generic) else values


def _quoted(values: Sequence[str]) -> str:
    return listed([f"'{value}'" for value in values])


def _nearest_absent(roles: dict[str, int], present: list[str], rest: list[str]) -> str:
    """A clause when a value that was given, but is not there, resembles one that is."""
    for value in roles:
        if value not in present:
            return nearest(value, rest)
    return ""
