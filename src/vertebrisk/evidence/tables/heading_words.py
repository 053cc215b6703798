"""The words that head columns, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from vertebrisk.evidence.printed import plain

Role = Literal[
    "label", "level", "group", "total", "statistic", "test", "df", "p_value", "missing",
    "estimate", "std_error", "wald", "z", "t", "chi2", "beta", "ratio", "ratio_conf",
    "estimate_conf", "conf", "conf_low", "conf_high", "estimate_ci", "estimate_low",
    "estimate_high", "estimate_se", "other", "unknown",
]  # fmt: skip

_SIGN = r"(?:[tzfuh]|χ2|x2|chi[- ]?(?:squared?|2)|fisher(?:'?s)?(?: exact)?)(?:\s*值)?"
# A heading is one of these, whole; the first that fits counts.
_NAMES: dict[Role, tuple[str, ...]] = {
    "p_value": (
        r"p", r"(?:adjusted |two-sided )?p[- ]?val(?:ue)?s?(?:\s*\(.*\))?", r"p\.value",
        r"p\s*值", r".*p值", r"p\s*\(.*\)", r"sig\.?(?:\s*\(.*\))?", r"signif\w*", r"显著性",
        r"p\s*>\s*\|?[zt]\|?",
        r"pr\s*\(\s*>\s*(?:\|[zt]\||chi-?sq)\s*\)", r"adjusted p", r"asymp\. sig\..*",
    ),
    "std_error": (
        r"s\.?\s?e\.?", r"s\.?\s?e\.?\s*\(\s*(?:[bβ]|coef)\s*\)", r"std\.?\s*err(?:or)?\.?",
        r"robust\s*s\.?\s?e\.?", r"std\.error",
        r"standard\s*errors?", r"标准误差?", r"s\.?\s?e\.? of .*", r"s\.?e\.?\s*值", r"s\.?\s?x",
    ),
    "wald": (r"wald(?:\s*(?:χ2|x2|chi[- ]?squared?|values?|statistics?|test|值|\(.*\)))*",),
    "z": (r"z", r"wald\s*z", r"z[- ]?(?:value|score|stat\w*|值)"),
    "t": (r"t", r"t[- ]?(?:value|stat\w*|值)"),
    "chi2": (
        r"(?:χ2|x2)\s*(?:值|values?|statistics?|tests?)?",
        r"chi[- ]?(?:square|squared|2)d?(?: value| statistic)?", r"卡方值?",
    ),
    "df": (r"d\.?\s?f\.?", r"degrees? of freedom", r"自由度", r"ν"),
    "beta": (r"standardi[sz]ed (?:coefficients?|beta|b|β).*", r"标准化.*系数.*"),
    "estimate_se": (
        r"(?:b|β|beta|coef\w*\.?|estimate|regression coefficient)\s*[(±/]\s*(?:s\.?\s?e\.?|"
        r"standard error)\s*\)?", r"β\s*±\s*s\.?e\.?",
    ),
    "estimate": (
        r"b", r"β", r"beta", r"[bβ]?\s*coef\w*\.?", r"coefficients?\s*\(?[bβ]?\)?", r"estimates?",
        r"(?:partial )?(?:logistic )?regression\s*co\S*(?:\s*\(?[bβ]\)?)?", r"系数", r"[bβ]\s*值",
        r"(?:偏|非标准化|部分)?回归系数.*", r"(?:log|ln)\s?-?\(?(?:or|hr)\)?",
        r"log[- ](?:odds(?: ratio)?|hazard ratio)", r"unstandardi[sz]ed (?:coefficients?|b|β).*",
        r"[bβ]\s*\(?(?:coefficients?|系数)\)?",
    ),
    "missing": (r"(?:n |no\. |number )?missing.*", r"缺失.*"),
    "test": (r"(?:statistical )?tests?(?: used)?", r"method", r"检验(?:方法)?", r"统计方法"),
    "statistic": (
        r"(?:test )?statistics?(?: values?)?", r"统计(?:量.*|值)", r"检验(?:统计量|值)", r"[fuh]",
        r"[fuh][- ]?(?:value|值)", r"fisher.*",
        rf"{_SIGN}(?:\s*(?:/|,|or|或|\()\s*{_SIGN}\)?)+(?:\s*(?:values?|值))?",
    ),
    "total": (
        r"(?:overall|total|all|entire|whole|合计|总计|总体|全部|总)(?:\s*(?:patients?|subjects?|cohort|"
        r"population|sample|cases|participants|患者|人群|例数))*",
    ),
    "label": (
        r"variables?", r"parameters?", r".*characteristics?", r"(?:risk |influencing )?factors?",
        r"items?", r"index(?:es)?", r"indicators?", r"predictors?", r"covariates?", r"terms?",
        r"features?", r"变量", r"项目", r"因素", r"指标", r"特征", r"资料", r"参数", r"影响因素",
        r"临床资料",
        r"自变量",
    ),
    "level": (
        r"levels?", r"categor(?:y|ies)", r"class(?:es)?", r"coding", r"分类", r"分组", r"水平",
        r"组别",
        r"类别", r"赋值",
    ),
    "other": (
        r"smd", r"standardi[sz]ed (?:mean )?difference", r"asd", r"vif", r"tolerance",
        r"events?(?:\s*/\s*n)?", r"n", r"n\s*\(?%\)?", r"points?", r"score", r"aic",
        r"effect size.*",
        r"exp\s*\(\s*-\s*coef\s*\)",
        r"cohen.*", r"事件.*", r"例数", r"no\. of .*", r"selected", r"标准化差.*", r"lr p.*",
        r"入选", r"选入",
    ),
}  # fmt: skip
_COMPILED = tuple((role, re.compile("|".join(names))) for role, names in _NAMES.items())
RATIO = re.compile(
    r"(?:adjusted|crude|unadjusted|multivari\w+|univari\w+|adj\.?|[acum])?\s*"
    r"(?:\b[acum]?(?:or|hr|rr|shr|ohr)s?(?![a-z\d])|exp\s*\(\s*(?:b|β|coef\w*)\s*\)|e\^?b\b|"
    r"odds[- ]ratios?|hazards?[- ]ratios?|(?:relative|rate|risk)[- ](?:risk|ratio)s?|"
    r"比值比|优势比|风险比|危险比|相对危险度)"
)
INTERVAL = re.compile(r"\bc\.?\s?i\.?\b|ci\b|confidence|conf\.|\bic\b|置信|可信|\bcls?\b")
OF_ESTIMATE = re.compile(
    r"(?:ci\b|confidence|置信|可信|区间).*(?:\bfor\b|\bof\b|[(,])\s*(?:b|β|coef\w*|estimate)\b|"
    r"(?:b|β)\s*的|(?:\bb|β|coefficient) \(?9\d\s*%\s*ci"
)
LOWER = re.compile(r"\b(?:lower|low|ll|lcl|min|l)\b|下限|\b2\.5\s?%|^5\s?%$|\b0?\.5\s?%")
UPPER = re.compile(r"\b(?:upper|up|high|ul|ucl|max|u)\b|上限|\b97\.5\s?%|^95\s?%$|\b99\.5\s?%")
LIMITS = re.compile(
    r"(?:lower|upper)(?: limit| bound| ci)?|[lu]cl|[lu]l|(?:0?\.5|2\.5|5|95|97\.5|99\.5)\s?%|"
    r"[上下]限|(?:lower|upper) 0?\.9[059]"
)
_R_LIMIT = re.compile(r"(?:lower|upper) 0?\.9[059]")
LEVEL = re.compile(r"(\d{2}(?:\.\d)?)\s*%")

_MOST_WORDS = 6
_INTERVAL_HEAD = re.compile(
    r"(?:(?:or|hr|b|exp\(b\)) )?\(?9\d(?:\.\d)? ?% ?(?:ci|confidence intervals?)\)?"
    r"(?: (?:for|of) (?:or|hr|b|exp\(b\)))?|ci|\(?95% c\.i\.\)?"
)
_SIZES = (
    re.compile(
        r"[(\[]?\s*\bn\s*[=:]?\s*(\d[\d,]*)\s*(?:[(\[]\s*[\d.]+\s*%\s*[)\]])?\s*[)\]]?", re.I
    ),
    re.compile(r"[(\[]?\s*(\d+)\s*例\s*[)\]]?"),
    re.compile(r"[(\[]\s*(\d+)\s*(?:patients|cases)?\s*[)\]]\s*$", re.I),
)  # fmt: skip


def bare(text: str) -> str:
    """A heading in small letters, with plain signs and single spaces."""
    lower = plain(text).lower().replace("×", "x")
    return " ".join(lower.split()).strip(" :*")


def named(text: str) -> Role | None:
    """What a bare heading says that its column holds; None for words of its own."""
    return next((role for role, names in _COMPILED if names.fullmatch(text.strip(" :"))), None)


def name_and_size(text: str) -> tuple[str, str | None]:
    """Name and size in a heading such as ``Residual pain group (n = 37)``."""
    bare = plain(text)
    for pattern in _SIZES:
        match = pattern.search(bare)
        if match is not None:
            name = f"{bare[: match.start()]} {bare[match.end() :]}"
            return " ".join(name.split()).strip(" ,;:"), match[1].replace(",", "")
    return " ".join(text.split()), None


def words_of_column(words: Sequence[str], place: int, *, apart: bool = False) -> int:
    """How many words from here on name one column; 0 where they name none.

    ``OR 95% CI`` names one, unless ratio and interval are said to stand apart.
    """
    for size in range(min(_MOST_WORDS, len(words) - place), 0, -1):
        text = bare(" ".join(words[place : place + size]))
        role = named(text)
        if role is not None and role not in ("label", "level"):
            return size
        match = RATIO.match(text)
        if apart and match is not None and "(" not in text and INTERVAL.search(text):
            continue
        if any(each.fullmatch(text) for each in (RATIO, _INTERVAL_HEAD, _R_LIMIT)):
            return size
        rest = text[match.end() :].strip(" (),") if match is not None else ""
        if rest and not RATIO.match(rest) and _INTERVAL_HEAD.fullmatch(rest):
            return size
        if rest in ("value", "值"):
            return size
    return 0


def columns_named(text: str) -> list[str]:
    """The headings of which a text is made up, one after the other; empty if it is not."""
    words, columns = text.split(), []
    while words:
        size = words_of_column(words, 0)
        if not size:
            return []
        columns.append(" ".join(words[:size]))
        words = words[size:]
    return columns
