"""A column headed Wald holds the square of z, as SPSS prints it, or z itself, as rms does."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_tables import Coefficient, PaperModel
from vertebrisk.evidence.wald import FIELDS, Scale, region_of, says_something


def with_z(model: PaperModel) -> PaperModel:
    """The table with its Wald column as z, where only that goes with its other numbers."""
    if not holds_z(model):
        return model
    rows = tuple(
        row
        if row.wald is None or row.z is not None
        else row.model_copy(update={"z": _signed(row, row.wald), "wald": None})
        for row in model.coefficient
    )
    return model.model_copy(update={"coefficient": rows})


def holds_z(model: PaperModel) -> bool:
    """True if no row's Wald statistic is a square and one or more are z."""
    votes = [vote for row in model.coefficient for vote in _votes(row)]
    return bool(votes) and all(votes)


def _votes(row: Coefficient) -> Iterator[bool]:
    """True for a row that only z suits, False for one that the square suits, nothing for both."""
    if row.wald is None or row.z is not None:
        return
    if row.wald.number < 0:
        yield True
        return
    printed = {
        name: number
        for name in FIELDS
        if (number := getattr(row, name)) is not None and says_something(name, number)
    }
    coefficient = "estimate" if "estimate" in printed else "ratio"
    others = [coefficient, "std_error"]
    if not all(name in printed for name in others):
        others = ["p_value"]
    if not all(name in printed for name in others):
        return
    as_z = printed | {"z": _signed(row, row.wald)}
    square = not region_of(printed, [*others, "wald"], Scale(per=row.per), truncated=True).empty
    z = not region_of(as_z, [*others, "z"], Scale(per=row.per), truncated=True).empty
    if square != z:
        yield z


def _signed(row: Coefficient, number: Printed) -> Printed:
    """Z with the sign of the coefficient, which some tables leave out."""
    negative = (row.estimate is not None and row.estimate.number < 0) or (
        row.estimate is None and row.ratio is not None and row.ratio.number < 1
    )
    if negative and number.number > 0:
        return Printed(number.text, number.bound, -number.number)
    return number
