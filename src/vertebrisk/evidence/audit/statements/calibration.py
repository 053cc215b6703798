"""The Hosmer-Lemeshow test of a model, against its own statistic."""

from __future__ import annotations

from collections.abc import Iterator

from scipy.special import chdtrc

from vertebrisk.evidence.audit.values import Check, Quantity
from vertebrisk.evidence.printed_tables import Statistic
from vertebrisk.text.messages import say

_MOST_DF = 18
_USUAL_DF = 8
_WHOLE = 1e-9


def quantity_of(row: Statistic) -> Quantity:
    """A number in the text, by its label."""
    name = row.label.text("en") if row.label is not None else row.name
    return Quantity(name, row.value.text, row.place)


def hosmer_lemeshow(rows: list[Statistic]) -> Iterator[Check]:
    """P of the test by chi-square, on the printed degrees of freedom or any usual ones."""
    found = {each.name: each for each in rows}
    statistic, p_value = found.get("hosmer_lemeshow"), found.get("hosmer_lemeshow_p")
    if statistic is None or p_value is None:
        return
    stated = found.get("hosmer_lemeshow_df")
    degrees = [round(stated.value.value)] if stated is not None else list(range(1, _MOST_DF + 1))
    fitting = [df for df in degrees if _gives(df, statistic, p_value)]
    quantities = tuple(
        quantity_of(each) for each in (statistic, p_value, stated) if each is not None
    )
    usual = degrees[0] if stated is not None else _USUAL_DF
    ends = [float(chdtrc(usual, max(end, 0.0))) for end in statistic.value.interval[::-1]]
    low, high = (f"{end:.4g}" for end in ends)
    made = say(
        "Chi-square {value} on {usual} degrees of freedom has P {ends}.",
        value=statistic.value,
        usual=usual,
        ends=say("{low} to {high}", low=low, high=high) if ends[1] > ends[0] else low,
    )
    notes: tuple[str, ...] = ()
    if fitting and usual not in fitting:
        notes = (say("The P printed goes with {fitting} degrees of freedom.", fitting=fitting[0]),)
    yield Check(
        id="hosmer-lemeshow",
        about=say("Hosmer-Lemeshow test"),
        place=p_value.place,
        quantities=quantities,
        verdict="consistent" if fitting else "inconsistent",
        message=made,
        recomputed=say("{ends:.4g} to {ends_2:.4g}", ends=ends[0], ends_2=ends[1]),
        interval=(ends[0], ends[1]),
        severity="none" if fitting else "conclusion",
        failure="" if fitting else "irreconcilable",
        changes="" if fitting else say("The test says nothing of calibration either way."),
        resolve="" if fitting else say("Ask for the calibration slope and intercept instead."),
        notes=notes,
    )


def _gives(df: int, statistic: Statistic, p_value: Statistic) -> bool:
    low, high = (float(chdtrc(df, max(end, 0.0))) for end in statistic.value.cut_off[::-1])
    seen = p_value.value.cut_off
    return low <= seen[1] + _WHOLE and seen[0] <= high + _WHOLE
