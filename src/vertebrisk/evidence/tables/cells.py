"""What stands in one cell: numbers in one of the shapes that papers print, or nothing.

Only the shape is read here; whether ``23.92 (3.61)`` is a mean with its SD or a count with
its percentage is decided by the row.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal

from vertebrisk.errors import DataError
from vertebrisk.evidence.printed import Printed, plain

Form = Literal[
    "number", "plus minus", "bracket", "interval", "number and interval", "slash",
    "slash and bracket",
]  # fmt: skip

_NUMBER = r"(?:[<>]=?\s*)?[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?"
_PERCENT = r"\s*%?"
_SHARE = rf"({_NUMBER})(\s*%)?"
_BETWEEN = r"\s*(?:-|~|to|至|,|;)\s*"
_TOLD = r"(?:\d+\s*%\s*)?(?:ci\s*[:=,]?\s*)?"
_OPEN, _CLOSE = r"[(\[{]\s*", r"\s*[)\]}]"
_PAIR = rf"({_NUMBER}){_PERCENT}{_BETWEEN}({_NUMBER}){_PERCENT}"
_SHAPES: tuple[tuple[Form, re.Pattern[str]], ...] = (
    ("number", re.compile(_SHARE)),
    ("plus minus", re.compile(
        rf"({_NUMBER})\s*(?:±|\+/-|\+-)\s*({_NUMBER})(?:\s*{_OPEN}{_PAIR}{_CLOSE})?"
    )),
    ("bracket", re.compile(rf"{_SHARE}\s*{_OPEN}{_SHARE}{_CLOSE}(\s*%)?")),
    ("bracket", re.compile(rf"{_SHARE}\s*,\s*({_NUMBER})(\s*%)")),
    ("number and interval", re.compile(
        rf"({_NUMBER})\s*[,;]?\s*{_OPEN}{_TOLD}{_PAIR}{_CLOSE}"
    )),
    ("number and interval", re.compile(rf"({_NUMBER})\s*[,;]?\s+{_TOLD}{_PAIR}")),
    ("interval", re.compile(rf"{_OPEN}{_TOLD}{_PAIR}{_CLOSE}")),
    ("interval", re.compile(rf"{_TOLD}{_PAIR}")),
    ("slash", re.compile(r"\d+(?:\.\d+)?(?:\s*/\s*\d+(?:\.\d+)?)+")),
    ("slash and bracket", re.compile(rf"(\d+)\s*/\s*(\d+)\s*{_OPEN}({_NUMBER}){_PERCENT}{_CLOSE}")),
)  # fmt: skip
_TAG = re.compile(r"</?(?:b|i|em|strong|sub|sup|u|span|p|td|th)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_EMPHASIS = re.compile(r"\*\*(?=\S)(.*?)(?<=\S)\*\*")
_BRACKETS = str.maketrans("（）［］", "()[]")
_MATHS = re.compile(r"\$([^$]*)\$")
_EMPTY = re.compile(r"(?:-+|/|\.+|n/?[adrs]|n\.[adrs]\.|nan|none|null|未报告|not reported)?", re.I)
_REFERENCE = re.compile(
    r"(?P<one>[01](?:\.0*)?)?\s*[(\[]?\s*"
    r"(?:ref(?:erence|erent|er)?\.?(?:\s+(?:group|category|level))?|参照|参考|对照)"
    r"(?:组|值|水平)?\s*[)\]]?",
    re.IGNORECASE,
)
BULLET = re.compile(r"[-–—•·●○◦▪*]\s+(?=[^\W\d_])")
_LONGEST = 8
_MARKS = re.compile(r"(?:\s*(?:[*†‡§¶#&^]|\[[a-z]\]|\([a-h]\)|(?<=[\d)\]%])\s?[a-h](?![a-z\d])))+$")
_INNER_MARKS = re.compile(r"(?<=\d)[*†‡§]+(?=\s*[(\[±])")
_LEADING_MARKS = re.compile(r"^[*†‡§¶#&^]+\s*(?=[<>=\d.+-])")


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one cell. `percent` is the place of one with a percent sign, or None."""

    form: Form
    values: tuple[Printed, ...]
    percent: int | None = None
    mark: str = ""


def shown(text: str) -> str:
    """A cell as a reader sees it: no markup, single spaces."""
    text = _BREAK.sub(" ", html.unescape(text)) if "&" in text or "<" in text else text
    text = _TAG.sub("", text) if "<" in text else text
    text = _EMPHASIS.sub(r"\1", text).translate(_BRACKETS)
    if "$" in text:
        text = _MATHS.sub(lambda match: _formula(match[1]), text)
    return " ".join(text.replace("\\_", "_").replace("\\*", "*").split())


def _formula(text: str) -> str:
    for name, sign in (("\\chi", "χ"), ("\\beta", "β"), ("\\pm", "±"), ("\\leq", "≤"),
                       ("\\geq", "≥"), ("\\le", "≤"), ("\\ge", "≥"), ("\\sim", "~"),
                       ("\\%", "%")):  # fmt: skip
        text = text.replace(name, sign)
    return re.sub(r"[\\{}^]", "", text).strip()


def is_empty(text: str) -> bool:
    """True for a cell that says that there is no number."""
    return _EMPTY.fullmatch(plain(text)) is not None


def reference(text: str) -> str | None:
    """What a cell of a reference row prints before its word: ``"1"``, ``""``; None elsewhere."""
    match = _REFERENCE.fullmatch(plain(text))
    return None if match is None else match["one"] or ""


def numbers(text: str) -> Numbers | None:
    """The numbers of a cell, or None where they have none of the known shapes."""
    bare = _INNER_MARKS.sub("", _LEADING_MARKS.sub("", plain(text)))
    found = _MARKS.search(bare)
    for cut, mark in (
        ((bare, ""), (bare[: found.start()], found[0].strip())) if found else ((bare, ""),)
    ):
        read = _of_shape(cut.strip(), mark.strip("[]() "))
        if read is not None:
            return read
    return None


def _of_shape(text: str, mark: str) -> Numbers | None:
    for form, shape in _SHAPES:
        match = shape.fullmatch(text.lower())
        if match is None:
            continue
        parts = text.split("/") if form == "slash" else [part for part in match.groups() if part]
        values = [part for part in parts if "%" not in part]
        percent = next((k - 1 for k, part in enumerate(parts) if "%" in part), None)
        try:
            return Numbers(form, tuple(Printed.parse(part) for part in values), percent, mark)
        except DataError:
            return None
    return None


def is_value(text: str) -> bool:
    """True for a cell that holds numbers or marks a reference: what no heading is."""
    return numbers(text) is not None or reference(text) is not None


_P = re.compile(r"^p\s*(?:-?\s*value)?\s*(?=[<>=])=?\s*", re.IGNORECASE)
_STATISTIC = re.compile(
    r"^(?P<name>wald\s*)?(?P<sign>χ2|x2|chi2|chi-squared?|t|z|f|u|h|w)\s*(?:\(.*?\))?\s*=\s*",
    re.IGNORECASE,
)


def p_value(text: str) -> Printed | None:
    """A P as papers print it: ``P=0.000``, ``P < .05``, ``<0.001*``, ``0.026a``."""
    read = numbers(_P.sub("", plain(text)).lstrip("= "))
    return read.values[0] if read is not None and read.form == "number" else None


def statistic(text: str) -> tuple[Printed | None, str]:
    """A test statistic with the letter that names it, such as ``t=-1.088``."""
    bare = plain(text)
    match = _STATISTIC.match(bare)
    sign = match["sign"].lower() if match is not None else ""
    read = numbers(bare[match.end() :] if match is not None else bare)
    return (read.values[0] if read is not None and read.form == "number" else None), sign


def mark_of(text: str) -> str:
    """The footnote sign behind the number of a cell, or an empty text."""
    read = numbers(_P.sub("", plain(text)))
    return "" if read is None else read.mark


def values_of(text: str, most: int | None = None) -> list[str]:
    """The values that a text ends with, divided by single spaces, from left to right.

    At most so many are taken; what stands before them is no part of the answer.
    """
    words = text.split()
    found: list[str] = []
    while words and (most is None or len(found) < most):
        size = next(
            (
                k
                for k in range(min(_LONGEST, len(words)), 0, -1)
                if _is_one_value(" ".join(words[-k:]))
            ),
            0,
        )
        if size == 0:
            break
        found.insert(0, " ".join(words[-size:]))
        words = words[:-size]
    return found


def _is_one_value(text: str) -> bool:
    """True for one cell: two numbers side by side are none unless brackets or signs bind them."""
    if is_empty(text):
        return True
    read = numbers(text)
    if read is None:
        return reference(text) is not None or p_value(text) is not None
    return read.form != "number and interval" or "(" in text or "[" in text
