"""What is said of a regression row: formulas that hold, and numbers that are off."""

from __future__ import annotations

from vertebrisk.evidence.audit.groups.judging import upper
from vertebrisk.evidence.audit.regression.methods import Judged
from vertebrisk.evidence.audit.regression.numbers import LIMITS, Identity, RowNumbers
from vertebrisk.evidence.audit.regression.votes import Culprit
from vertebrisk.evidence.audit.values import Check, Failure, Repair, Severity
from vertebrisk.evidence.printed_tables import CONSTANT
from vertebrisk.evidence.wald import FIELDS
from vertebrisk.text.messages import joined, say

_SIGNIFICANT = 0.05


def consistent_check(row: RowNumbers, judged: Judged) -> Check:
    """A formula that holds, or of which nothing can be said."""
    identity = judged.identity
    made = row.recomputed(identity.target, identity.others)
    message = formula(row, identity)
    if made is not None:
        message = say(
            "{formula}, which is {ends}; {shown} is printed.",
            formula=message,
            ends=ends(made),
            shown=row.shown(identity.target),
        )
    if judged.verdict == "not checkable":
        message = say("{formula}: {note}.", formula=formula(row, identity), note=judged.note)
    return Check(
        id=identity.id,
        about=row.name,
        place=row.model.place,
        quantities=row.quantities(identity.fields),
        verdict=judged.verdict,
        message=message,
        recomputed="" if made is None else ends(made),
        interval=made,
        notes=(judged.note,) if judged.note and judged.verdict == "consistent" else (),
    )


def failed_check(row: RowNumbers, culprit: Culprit) -> Check:
    """One number that is off (or one of several), with every formula that says so."""
    first = culprit.failed[0].identity
    fields = tuple(
        name for name in FIELDS if any(name in each.identity.fields for each in culprit.failed)
    )
    repair = _repair(row, culprit)
    turned = any(each.turned for each in culprit.failed)
    made = culprit.allowed or row.recomputed(first.target, first.others)
    return Check(
        id="sign-of-coefficient" if turned else first.id,
        about=row.name,
        place=row.model.place,
        quantities=row.quantities(fields),
        verdict="inconsistent",
        message=_message(row, culprit, repair, turned=turned),
        recomputed="" if made is None else ends(made),
        interval=made,
        severity=_severity(row, culprit, turned=turned),
        failure=_failure(culprit, repair, turned=turned),
        changes=_changes(row, culprit, turned=turned),
        resolve=_resolve(row, culprit, repair, turned=turned),
        repair=repair,
    )


def formula(row: RowNumbers, identity: Identity) -> str:
    """The formula in words."""
    b = row.label(row.coefficient)
    return {
        "ratio-of-coefficient": say("{label} is exp(B)", label=row.label("ratio")),
        "wald-of-coefficient": say("Wald is the square of {log} over SE", log=_log(row, b)),
        "z-of-coefficient": say("z is {log} over SE", log=_log(row, b)),
        "wald-of-z": say("Wald is the square of z"),
        "p-of-wald": say("P is that of the Wald statistic on one degree of freedom"),
        "p-of-z": say("P is that of z"),
        "p-of-coefficient": say("P is that of {log} over SE", log=_log(row, b)),
        "p-of-interval": say("P is that of the coefficient and error that the interval implies"),
        "interval-of-coefficient": say(
            "the {label} is {log} {value} {quantile:.2f} SE{value_2}",
            label=row.label(identity.target),
            log=_log(row, b),
            value="-" if identity.target.endswith("low") else "+",
            quantile=row.scale.quantile,
            value_2=say(", exponentiated") if identity.target in LIMITS[:2] else "",
        ),
        "interval-symmetry": say(
            "{label} is the middle of its limits", label=row.label(identity.target)
        ),
    }[identity.id]


def ends(interval: tuple[float, float]) -> str:
    """An interval with as many digits as tell its ends apart."""
    low, high = interval
    for digits in range(3, 9):
        texts = f"{low:#.{digits}g}", f"{high:#.{digits}g}"
        if texts[0] != texts[1] or low == high:
            break
    return (
        texts[0]
        if texts[0] == texts[1]
        else say("{texts} to {texts_2}", texts=texts[0], texts_2=texts[1])
    )


def _log(row: RowNumbers, b: str) -> str:
    return b if row.coefficient == "estimate" else say("ln {b}", b=b)


def _message(row: RowNumbers, culprit: Culprit, repair: Repair | None, *, turned: bool) -> str:
    if turned:
        b, ratio = row.printed["estimate"], row.printed["ratio"]
        return say(
            "B {b} is {value} 0, but {label} {ratio} is {value_2} 1. Everything "
            "agrees once one of the two is read as of the inverse coding.",
            b=b,
            value=say("below") if b.number < 0 else say("above"),
            label=row.label("ratio"),
            ratio=ratio,
            value_2=say("above") if ratio.number > 1 else say("below"),
        )
    said = []
    for each in culprit.failed:
        identity = each.identity
        made = row.recomputed(identity.target, identity.others)
        told = (
            say("no number can be")
            if made is None
            else say("{ends} is recomputed", ends=ends(made))
        )
        said.append(
            say(
                "{formula}: {told}, {printed} is printed",
                formula=formula(row, identity),
                told=told,
                printed=row.printed[identity.target],
            )
        )
    sentences: list[str] = [upper(say("{told}.", told=joined(said, "; ")))]
    if repair is not None:
        sentences.append(
            say(
                "The other numbers of the row agree on {label} {repaired}; {printed} is off.",
                label=row.label(repair.field),
                repaired=repair.repaired,
                printed=repair.printed,
            )
        )
    elif len(culprit.fields) > 1:
        names = joined([row.label(field) for field in culprit.fields], " or ")
        sentences.append(say("Either {names} is off; the row does not say which.", names=names))
    return joined(sentences, " ")


def _repair(row: RowNumbers, culprit: Culprit) -> Repair | None:
    field = culprit.outvoted
    if not field or culprit.allowed is None:
        return None
    low, high = culprit.allowed
    printed = row.printed[field]
    decimals = printed.decimals
    repaired = f"{(low + high) / 2:.{decimals}f}"
    if high - low > 2 * printed.half:
        repaired = ends((low, high))
    if field == "p_value" and high < 0.0005:
        repaired = "<0.001"
    return Repair(
        row.model.id, row.row.term, row.row.level, field, printed.text, repaired, low, high
    )


def _severity(row: RowNumbers, culprit: Culprit, *, turned: bool) -> Severity:
    fields = set(culprit.fields)
    if turned or "estimate" in fields or ("ratio" in fields and not row.has("estimate")):
        return "risk"
    if "ratio" in fields:
        return "conclusion"
    if fields & {"p_value", *LIMITS} and _crosses(row, culprit):
        return "conclusion"
    return "detail"


def _crosses(row: RowNumbers, culprit: Culprit) -> bool:
    """True if the number off lies on the other side of significance from what the rest says."""
    if culprit.allowed is None:
        return "p_value" in culprit.fields
    low, high = culprit.allowed
    for field in culprit.fields:
        value = row.printed[field].value
        edge = _SIGNIFICANT if field == "p_value" else float(field in LIMITS[:2])
        if field in ("p_value", *LIMITS) and (value < edge) != ((low + high) / 2 < edge):
            return True
    return False


def _failure(culprit: Culprit, repair: Repair | None, *, turned: bool) -> Failure:
    if turned:
        return "wording"
    return "one number" if repair is not None else "irreconcilable"


def _changes(row: RowNumbers, culprit: Culprit, *, turned: bool) -> str:
    severity = _severity(row, culprit, turned=turned)
    who = say("the constant") if row.row.term == CONSTANT else row.name
    if turned:
        return say(
            "Used as printed, {who} moves the risk of a patient in the wrong direction.", who=who
        )
    if severity == "risk":
        return say("A risk computed with {who} as printed is wrong.", who=who)
    if severity == "conclusion":
        return say(
            "The size or the significance of {who} is not what the row says elsewhere.", who=who
        )
    return say("Neither the coefficient nor its significance changes.")


def _resolve(row: RowNumbers, culprit: Culprit, repair: Repair | None, *, turned: bool) -> str:
    if turned:
        return say(
            "Find out which level is the reference: in the table of the groups, in "
            "the text, or from the authors."
        )
    if repair is not None:
        return say(
            "Read {label} as {repaired}, or ask the authors.",
            label=row.label(repair.field),
            repaired=repair.repaired,
        )
    return say("Ask the authors for the row as their program printed it.")
