"""What the first cell of a row names: a variable, a level of it, its unit, how it is printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vertebrisk.evidence.printed import plain
from vertebrisk.evidence.tables.units import is_per

_YES_NO = (
    "yes|no|male|female|men|women|present|absent|positive|negative|with|without|left|right|"
    "是|否|有|无|男|女|阳性|阴性|男性|女性"
)
_LEVEL_WORD = re.compile(rf"(?:{_YES_NO})", re.IGNORECASE)
_CODED = re.compile(r"\s*(?:[=:]\s*)?[01]\s*[=:]\s*|\s*[=:]\s*[01]\b")
_PRINTS = re.compile(
    r"[,，]?\s*[(\[]?\s*(?:n\s*/\s*n\s*[(\[]?\s*%?\s*[)\]]?|n\s*[(\[/,]?\s*%?\s*[)\]]?|no\.?\s*\(?%\)?|%|例\s*[(\[]?\s*%\s*[)\]]?|cases?|"
    r"number\s*\(%\)|mean\s*(?:±|\+/-|\()\s*s\.?[de]\.?m?\)?|m\s*±\s*sd?|x̄?\s*±\s*s|"
    r"median\s*[(\[,]?\s*(?:iqr|q1\s*[,-]\s*q3|q1,q3|p25\s*[,-]\s*p75|range|interquartile range|"
    r"min\s*[-,]\s*max)?\s*[)\]]?|"
    r"mean|continuous)\s*[)\]]?\s*$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r".*\d.*|.*[%/°·].*|y(?:(?:ea)?rs?)?|months?|weeks?|days?|hours?|h|min(?:utes?)?|s|sec(?:onds?)?|"
    r"[cmkμ]?m|[mμ]?l|[kmμ]?g|hu|deg(?:rees?)?|scores?|points?|.*scores?|units?|sd|times?|ratio|"
    r"continuous|mean|median|n|cases?|岁|年|月|天|分|毫升|例|度|次|个|分钟|小时|毫米|厘米|个月",
    re.IGNORECASE,
)
_TAIL = re.compile(r"^(?P<name>.*\S)\s*[(\[](?P<inside>[^()\[\]]*)[)\]]\s*$")
_VERSUS = re.compile(r"\s*\b(?:vs?\.?|versus|compared (?:with|to))\s*(?=\S)|\s*对比\s*", re.I)
_REFERENCE = re.compile(
    r"\s*[(\[,:]\s*(?:ref(?:erence|erent|er)?\.?(?: group| category| level)?|参照|参考|"
    r"对照)\s*[)\]]?\s*$",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"^(?P<name>.*\S)\s*[(\[,:]\s*(?P<parts>[^()\[\],:/]+(?:/[^()\[\],:/]+)+)\s*[)\]]?$"
)
_CONSTANT = re.compile(r"\(?(?:const(?:ant)?|intercept|_cons|常量|常数项?|截距)\)?", re.IGNORECASE)
_MISSING = re.compile(
    r"(?:n |no\. )?(?:missing|unknown|not (?:known|available)|缺失值?|不详)(?:,? n)?(?:\s*\(.*\))?",
    re.I,
)
_SIZE = re.compile(
    r"(?:total )?(?:n|(?:no\.?|number) of (?:patients|cases|subjects)|number|"
    r"(?:patients|cases|subjects)(?:,? \(?n\)?)?|sample size|(?:总)?例数(?:\(n\))?|样本量)",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[*†‡§¶#]+$")


@dataclass(frozen=True, slots=True)
class Label:
    """A variable, and the level of it that the row is about, if it names one."""

    variable: str
    level: str = ""


def bare_label(text: str) -> str:
    """A label without footnote signs and without what it says of the print, as ``n (%)``."""
    told = " ".join(_SIGNS.sub("", text.strip()).split()).rstrip(" :：,，;")
    while (match := _PRINTS.search(told)) is not None and match.start() > 0 and match[0].strip():
        if match[0].lstrip()[:1] not in "(,，[" and not match[0][:1].isspace():
            break
        told = told[: match.start()].rstrip(" ,，:：")
    return told or " ".join(text.split())


def split_label(text: str) -> Label:
    """``IVC (Yes)``, ``Sex: male``, ``Sex, male n (%)``, ``Fracture (old vs. fresh)``.

    What stands in brackets is a level unless it is a unit or an abbreviation.
    """
    told = bare_label(text)
    match = _TAIL.match(told)
    if match is not None and is_level(match["inside"], match["name"]):
        return Label(match["name"].rstrip(" ,:"), _first(match["inside"]))
    for sign in (":", "：", ",", "，", "=", " - "):
        name, found, level = told.rpartition(sign)
        if found and name.strip() and level.strip() and _names_level(level, sign):
            return Label(name.strip(), _first(level))
    return Label(told)


def _names_level(text: str, sign: str) -> bool:
    bare = _first(text)
    if _LEVEL_WORD.fullmatch(bare) or _VERSUS.search(text):
        return True
    return sign in (":", "：", "=") and not _UNIT.fullmatch(bare)


def _first(text: str) -> str:
    """The level that is set against the reference: ``yes`` of ``yes vs. no`` or ``1 = yes``."""
    return _VERSUS.split(_CODED.sub("", text.strip()))[0].strip()


def is_level(inside: str, name: str = "") -> bool:
    """True for a text in brackets that names a level."""
    text = inside.strip()
    if not text or _LEVEL_WORD.fullmatch(text) or _VERSUS.search(text):
        return bool(text)
    if _UNIT.fullmatch(plain(text)) or is_per(text) or _abbreviates(text, name):
        return False
    return re.search(r"[^\W\d_]{2}", text) is not None and "," not in text and "±" not in text


def _abbreviates(text: str, name: str) -> bool:
    letters = re.sub(r"[\W\d_]", "", text)
    if letters.isascii() and letters[:-1].isupper() and " " not in text:
        return True
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", name)).lower()
    return len(letters) > 1 and letters.lower() in (initials, initials[: len(letters)])


def listed_levels(text: str) -> tuple[str, tuple[str, ...]] | None:
    """Variable and levels of ``Sex (male/female)``; None where no levels are listed."""
    told = bare_label(text)
    words = tuple(told.split("/"))
    if len(words) > 1 and all(_LEVEL_WORD.fullmatch(word.strip()) for word in words):
        return told, tuple(word.strip() for word in words)
    match = _LISTED.match(told)
    if match is None:
        return None
    parts = tuple(part.strip() for part in match["parts"].split("/"))
    if any(_is_quantity(part) for part in parts[1:]) and not all(
        part[:1].isdigit() for part in parts
    ):
        return None
    return match["name"].rstrip(" ,:"), parts


def _is_quantity(part: str) -> bool:
    return (
        re.fullmatch(r"(?:[kmμ]?g|m2?|m\^2|n|%|cm2?|mm|ml|dl|l|h|d|min)", plain(part), re.I)
        is not None
    )


def is_reference_label(text: str) -> bool:
    """True for a label that says that its level is the reference."""
    return _REFERENCE.search(text) is not None


def without_reference(text: str) -> str:
    """A label without the word that marks the reference."""
    return _REFERENCE.sub("", text).strip()


def is_constant(text: str) -> bool:
    """True for the row of the constant."""
    return _CONSTANT.fullmatch(text.strip()) is not None


def is_size(text: str) -> bool:
    """True for the row of the sizes of the groups."""
    return _SIZE.fullmatch(text.strip()) is not None


def is_missing(text: str) -> bool:
    """True for a row that counts missing values."""
    return _MISSING.fullmatch(text.strip()) is not None


def looks_like_level(text: str) -> bool:
    """True for a label that is a level by its words: a range, a grade, yes or no."""
    bare = plain(text).strip()
    if _LEVEL_WORD.fullmatch(re.split(r"[\s(,]", bare)[0]):
        return True
    return re.match(
        r"(?:[<>=≤≥~]|\d|[ivx]+\b|grade|stage|type|level|class|group|mild|moderate|severe|none\b|low\b|"
        r"high\b|medium|single|multiple|unilateral|bilateral|other|[tl]\d{1,2}\b|轻|中|重|单|双|其他|"
        r"\S*\(\d+\)$)",
        bare,
        re.IGNORECASE,
    ) is not None  # fmt: skip


def same_name(one: str, other: str) -> bool:
    """True for names that differ in case, brackets and punctuation only."""
    return _key(one) == _key(other) != ""


def _key(name: str) -> str:
    head, comma, tail = plain(name).lower().rpartition(",")
    told = head if comma and _UNIT.fullmatch(tail.strip()) else plain(name).lower()
    return re.sub(r"[\W_]", "", re.sub(r"[(\[].*?[)\]]", "", told))
