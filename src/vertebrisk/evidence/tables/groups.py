"""The groups of a comparison: name, size, and whether their patients have the outcome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from vertebrisk.evidence.audit.subject import Group
from vertebrisk.evidence.printed import Printed, plain
from vertebrisk.evidence.tables.heading_words import name_and_size
from vertebrisk.evidence.tables.headings import Heading

_NEGATED = re.compile(
    r"\b(?:non|no|not|without|absence|absent|free|never|un\w+)\b|\bnon-?\s?\w|\bun(?=satisf|event|affect)"
    r"|-free\b|\bnegative\b|未|无|非|没有|阴性",
    re.IGNORECASE,
)
_EVENT = re.compile(
    r"pain(?!\s*-?\s*(?:free|relief))|leak|extravas|refractur|fracture|recollapse|collapse|event|"
    r"complicat|embol|kyphosis|nonunion|infection|death|died|mortal|recurren|\bcases?\b|\bpoor\b|"
    r"dissatisf|unsatisf|failure|\bfailed\b|positive|痛|渗漏|再骨折|骨折组|塌陷|并发症|病例组|"
    r"不良|不满意|发生组|死亡|复发",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"control|\bgood\b|satisfactory|success|relief|relieved|surviv|对照|满意|良好|缓解|正常",
    re.IGNORECASE,
)
_OBSERVED = re.compile(r"observation|study group|观察组|研究组", re.IGNORECASE)
_RISK = re.compile(
    r"risk factor|predict|nomogram|regression|residual|leakage|refracture|危险因素|影响因素|回归|"
    r"残余|残留|渗漏|再骨折",
    re.IGNORECASE,
)
_BY_OUTCOME = re.compile(
    r"by outcome|outcome groups?|(?:by|with and without|according to) (?:\w+ ){0,3}"
    r"(?:pain|leakage|refracture|event)|按结局|结局分组",
    re.IGNORECASE,
)
_SAMPLE = re.compile(
    r"training|validation|development|\btest(?:ing)? (?:set|cohort)|训练|验证", re.I
)


def groups_of(headings: Sequence[Heading], place: str, context: str) -> tuple[Group, ...]:
    """The groups that the headings name, in their order.

    `context` is what stands about the table: its title, its notes, other tables. Whether a
    group has the event is said only where the words leave no doubt.
    """
    groups: list[Group] = []
    for heading in headings:
        name, size = name_and_size(heading.text)
        whole = name or f"group {len(groups) + 1}"
        groups.append(
            Group(
                name=whole,
                place=place,
                n=Printed.parse(size) if size is not None else None,
                total=heading.role == "total",
            )
        )
    spans = {heading.over for heading in headings if heading.over}
    return _with_events(groups, " ".join(spans), context)


def _with_events(groups: Sequence[Group], span: str, context: str) -> tuple[Group, ...]:
    compared = [group for group in groups if not group.total]
    if len(compared) != 2 or any(_SAMPLE.search(group.name) for group in compared):
        return tuple(groups)
    first, second = (_says(group.name, span, context) for group in compared)
    if first is None and second is not None:
        first = not second if _plain_opposite(compared[0].name) else None
    elif second is None and first is not None:
        second = not first if _plain_opposite(compared[1].name) else None
    if first is None or second is None or first == second:
        return tuple(groups)
    told = {compared[0].name: first, compared[1].name: second}
    return tuple(
        group if group.total else replace(group, event=told[group.name]) for group in groups
    )


def _says(name: str, span: str, context: str) -> bool | None:
    """True for a group with the event, False for one without, None where the name is silent."""
    bare = plain(name).lower()
    if bare in ("yes", "是", "有", "no", "否", "无") and (
        _EVENT.search(span) or _BY_OUTCOME.search(context)
    ):
        return bare in ("yes", "是", "有")
    event = _EVENT.search(bare)
    if event is not None:
        if re.search(r"dissatisf|unsatisf|不满意|不良", bare):
            return True
        return _NEGATED.search(bare) is None
    if _OTHERS.search(bare):
        return False
    if _OBSERVED.search(bare) and _RISK.search(context):
        return True
    explained = _explained(bare, context)
    return None if explained is None else _says(explained, "", "")


def _plain_opposite(name: str) -> bool:
    """True for a name that says no more than "the others"."""
    return _OTHERS.search(plain(name)) is not None or _NEGATED.search(plain(name)) is not None


def _explained(name: str, context: str) -> str | None:
    """What the words say of a letter: ``Group R: residual pain``, ``residual pain (group R)``."""
    letters = re.fullmatch(r"(?:group\s*)?([a-z]{1,3}\d?)(?:\s*group|组)?", name)
    if letters is None:
        return None
    named = rf"(?:group\s+{letters[1]}|\b{letters[1]}(?:\s+group|组))"
    behind = re.search(rf"{named}\s*[:=,]\s*([^;,.]+)", plain(context), re.IGNORECASE)
    before = re.search(
        rf"((?:[\w-]+\s+){{1,4}})[(\[]\s*(?:{named}|{letters[1]})\s*[)\],]",
        plain(context),
        re.IGNORECASE,
    )
    found = behind or before
    return found[1].lower() if found is not None else None
