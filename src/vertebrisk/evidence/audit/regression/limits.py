"""What no number of a regression row can be, whatever the others are; and the joint test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from scipy.special import chdtrc

from vertebrisk.evidence.audit.regression.numbers import LIMITS, Fields, RowNumbers
from vertebrisk.evidence.audit.values import Check, Failure, Severity
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.wald import FIELDS
from vertebrisk.text.messages import joined, say

_LEAST = {"std_error": 0.0, "wald": 0.0, "ratio": 0.0, "conf_low": 0.0, "conf_high": 0.0}
_LOOK = say("Look the number up in the analysis that the table was made from.")


def checks(row: RowNumbers) -> Iterator[Check]:
    """Numbers that are impossible in themselves, limits out of order, and a factor's test."""
    yield from _impossible(row)
    yield from _ordered(row)
    if row.factor_df and row.has("wald", "p_value"):
        yield _joint_test(row)


def _impossible(row: RowNumbers) -> Iterator[Check]:
    for field in FIELDS:
        number: Printed | None = getattr(row.row, field)
        if number is None:
            continue
        low, high = number.interval
        wrong = ""
        if field in _LEAST and high <= _LEAST[field] and number.number < 0:
            wrong = say("cannot be negative")
        if field == "p_value" and (low > 1 or high < 0):
            wrong = say("a probability lies between 0 and 1")
        if wrong:
            yield _failed(
                row,
                "possible-number",
                (field,),
                say(
                    "{label} {number}: {wrong}.", label=row.label(field), number=number, wrong=wrong
                ),
                "impossible",
                "detail" if field in ("wald", "p_value") else "conclusion",
            )


def _ordered(row: RowNumbers) -> Iterator[Check]:
    """Lower limit, ratio (or estimate) and upper limit stand in this order."""
    for middle, low, high in (("ratio", *LIMITS[:2]), ("estimate", *LIMITS[2:])):
        names = tuple(name for name in (low, middle, high) if row.has(name))
        if len(names) < 2:
            continue
        wrong = [
            (one, other)
            for one, other in pairwise(names)
            if _ends(row.printed[one])[0] > _ends(row.printed[other])[1]
        ]
        if not wrong:
            yield Check(
                id="limits-in-order",
                about=row.name,
                place=row.model.place,
                quantities=row.quantities(names),
                verdict="consistent",
                message=say("The limits enclose what they are limits of."),
            )
            continue
        one, other = wrong[0]
        message = say(
            "{shown} is greater than {shown_2}.", shown=row.shown(one), shown_2=row.shown(other)
        )
        if not row.has(middle) or len(wrong) == 2:
            message = joined([message, say("The limits are reversed.")], " ")
        yield _failed(row, "limits-in-order", names, message, "impossible", "conclusion")


def _ends(number: Printed) -> tuple[float, float]:
    """All that a print may stand for, rounded or cut off."""
    one, other = number.interval, number.cut_off
    return min(one[0], other[0]), max(one[1], other[1])


def _joint_test(row: RowNumbers) -> Check:
    """P of a factor's Wald statistic, by chi-square with a degree of freedom a level."""
    wald, p_value = row.printed["wald"], row.printed["p_value"]
    low, high = wald.cut_off
    ends = [float(chdtrc(row.factor_df, max(end, 0.0))) for end in (high, low)]
    seen = p_value.cut_off
    message = say(
        "Wald {wald} on {factor_df} degrees of freedom has P {ends:.4g} to {ends_2:.4g}.",
        wald=wald,
        factor_df=row.factor_df,
        ends=ends[0],
        ends_2=ends[1],
    )
    fields: Fields = ("wald", "p_value")
    if ends[0] <= seen[1] and seen[0] <= ends[1]:
        return Check(
            id="p-of-joint-test",
            about=say("{name}, all levels", name=row.name),
            place=row.model.place,
            quantities=row.quantities(fields),
            verdict="consistent",
            message=message,
            recomputed=say("{ends:.4g} to {ends_2:.4g}", ends=ends[0], ends_2=ends[1]),
            interval=(ends[0], ends[1]),
        )
    across = (ends[0] < 0.05) != (p_value.value < 0.05)
    return _failed(
        row,
        "p-of-joint-test",
        fields,
        joined([message, say("The P printed is {p_value}.", p_value=p_value)], " "),
        "irreconcilable",
        "conclusion" if across else "detail",
        (ends[0], ends[1]),
    )


def _failed(
    row: RowNumbers,
    identity: str,
    fields: Fields,
    message: str,
    failure: Failure,
    severity: Severity,
    interval: tuple[float, float] | None = None,
) -> Check:
    printed = {name: getattr(row.row, name) for name in fields}
    whole = RowNumbers(row.model, row.row, printed, row.scale, row.factor_df)
    return Check(
        id=identity,
        about=row.name,
        place=row.model.place,
        quantities=whole.quantities(fields),
        verdict="inconsistent",
        message=message,
        recomputed=""
        if interval is None
        else say(
            "{interval:.4g} to {interval_2:.4g}", interval=interval[0], interval_2=interval[1]
        ),
        interval=interval,
        severity=severity,
        failure=failure,
        changes=say("The row cannot be quoted as it stands."),
        resolve=_LOOK,
    )
