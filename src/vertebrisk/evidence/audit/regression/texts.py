"""What is said of a regression row: formulas that hold, and numbers that are off."""

from __future__ import annotations

from vertebrisk.evidence.audit.regression.methods import Judged
from vertebrisk.evidence.audit.regression.numbers import LIMITS, Identity, RowNumbers
from vertebrisk.evidence.audit.regression.votes import Culprit
from vertebrisk.evidence.audit.values import Check, Failure, Repair, Severity
from vertebrisk.evidence.printed_tables import CONSTANT
from vertebrisk.evidence.wald import FIELDS

_SIGNIFICANT = 0.05


def consistent_check(row: RowNumbers, judged: Judged) -> Check:
    """A formula that holds, or of which nothing can be said."""
    identity = judged.identity
    made = row.recomputed(identity.target, identity.others)
    message = formula(row, identity)
    if made is not None:
        message += f", which is {ends(made)}; {row.shown(identity.target)} is printed."
    if judged.verdict == "not checkable":
        message = f"{formula(row, identity)}: {judged.note}."
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
        "ratio-of-coefficient": f"{row.label('ratio')} is exp(B)",
        "wald-of-coefficient": f"Wald is the square of {_log(row, b)} over SE",
        "z-of-coefficient": f"z is {_log(row, b)} over SE",
        "wald-of-z": "Wald is the square of z",
        "p-of-wald": "P is that of the Wald statistic on one degree of freedom",
        "p-of-z": "P is that of z",
        "p-of-coefficient": f"P is that of {_log(row, b)} over SE",
        "p-of-interval": "P is that of the coefficient and error that the interval implies",
        "interval-of-coefficient": f"the {row.label(identity.target)} is "
        f"{_log(row, b)} {'-' if identity.target.endswith('low') else '+'} "
        f"{row.scale.quantile:.2f} SE{', exponentiated' if identity.target in LIMITS[:2] else ''}",
        "interval-symmetry": f"{row.label(identity.target)} is the middle of its limits",
    }[identity.id]


def ends(interval: tuple[float, float]) -> str:
    """An interval with as many digits as tell its ends apart."""
    low, high = interval
    for digits in range(3, 9):
        texts = f"{low:#.{digits}g}", f"{high:#.{digits}g}"
        if texts[0] != texts[1] or low == high:
            break
    return texts[0] if texts[0] == texts[1] else f"{texts[0]} to {texts[1]}"


def _log(row: RowNumbers, b: str) -> str:
    return b if row.coefficient == "estimate" else f"ln {b}"


def _message(row: RowNumbers, culprit: Culprit, repair: Repair | None, *, turned: bool) -> str:
    if turned:
        b, ratio = row.printed["estimate"], row.printed["ratio"]
        return (
            f"B {b} is {'below' if b.number < 0 else 'above'} 0, but {row.label('ratio')} {ratio} "
            f"is {'above' if ratio.number > 1 else 'below'} 1. Everything agrees once one of the "
            "two is read as of the inverse coding."
        )
    said = []
    for each in culprit.failed:
        identity = each.identity
        made = row.recomputed(identity.target, identity.others)
        told = "no number can be" if made is None else f"{ends(made)} is recomputed"
        said.append(f"{formula(row, identity)}: {told}, {row.printed[identity.target]} is printed")
    sentences = f"{'; '.join(said)}."
    sentences = sentences[0].upper() + sentences[1:]
    if repair is not None:
        sentences += (
            f" The other numbers of the row agree on {row.label(repair.field)} {repair.repaired}; "
            f"{repair.printed} is off."
        )
    elif len(culprit.fields) > 1:
        names = " or ".join(row.label(field) for field in culprit.fields)
        sentences += f" Either {names} is off; the row does not say which."
    return sentences


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
    who = "the constant" if row.row.term == CONSTANT else row.name
    if turned:
        return f"Used as printed, {who} moves the risk of a patient in the wrong direction."
    if severity == "risk":
        return f"A risk computed with {who} as printed is wrong."
    if severity == "conclusion":
        return f"The size or the significance of {who} is not what the row says elsewhere."
    return "Neither the coefficient nor its significance changes."


def _resolve(row: RowNumbers, culprit: Culprit, repair: Repair | None, *, turned: bool) -> str:
    if turned:
        return (
            "Find out which level is the reference: in the table of the groups, in the text, or "
            "from the authors."
        )
    if repair is not None:
        return f"Read {row.label(repair.field)} as {repair.repaired}, or ask the authors."
    return "Ask the authors for the row as their program printed it."
