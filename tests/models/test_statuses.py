"""Which value means the event is stated, never guessed."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.models.statuses import code_status, no_competing_event

LABELS = pl.Series("ended", ["leakage", "death", "in follow-up", None, "leakage"])


def test_labels_codes_and_booleans_are_read() -> None:
    assert code_status(LABELS, "leakage", "death").tolist() == [1, 2, 0, 0, 1]
    codes = pl.Series("status", [0.0, 1.0, 2.0])
    assert code_status(codes, 1, 2).tolist() == [0, 1, 2]
    assert code_status(codes, "2", 1, censored=0).tolist() == [0, 2, 1]
    enum = pl.Series("e", ["b", "a"], dtype=pl.Enum(["a", "b", "c"]))
    assert code_status(enum, "b", "c").tolist() == [1, 0]
    assert code_status(pl.Series("s", [0, 1, 2, 3]), 1, [2, 3]).tolist() == [0, 1, 2, 2]


def test_nobody_censored_and_nobody_competing_are_allowed() -> None:
    assert code_status(pl.Series("s", [1, 2, 1]), 1, 2).tolist() == [1, 2, 1]
    status = code_status(pl.Series("s", [0, 1, 1]), 1, 2)
    assert [each.code for each in no_competing_event(status, "leakage")] == ["no-competing-event"]
    assert no_competing_event(code_status(LABELS, "leakage", "death"), "leakage") == []


@pytest.mark.parametrize(
    ("column", "arguments", "error", "message"),
    [
        (LABELS, ("death", "death"), ArgumentError, "'death' is given as event and as competing"),
        (LABELS, ("leakage", "death", ["death"]), ArgumentError, "as competing and as censored"),
        (LABELS, ("leakage", []), ArgumentError, "competing names no value"),
        (LABELS, ("Leakage", "death"), DataError, "never holds 'Leakage'.*Did you mean 'leakage'"),
        (
            LABELS,
            ("leakage", "deth"),
            DataError,
            "holds 'death', 'in follow-up', of which.*'death'",
        ),
        (LABELS, ("leakage", "death", "lost"), DataError, "holds 'in follow-up', of which nothing"),
        (pl.Series("s", [0, 1, 2, 3]), (1, 2), DataError, "'s' holds '0', '3', of which nothing"),
        (pl.Series("s", [None, None]), (1, 2), DataError, "status 's' has no value in any row"),
        (pl.Series("s", [True, False]), (1, 2), DataError, "never holds '1'.*'false', 'true'"),
    ],
)
def test_what_is_not_stated_is_refused(
    column: pl.Series, arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        code_status(column, *arguments)
