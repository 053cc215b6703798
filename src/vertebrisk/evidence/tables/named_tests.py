"""Names of tests, as columns, letters and footnotes give them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vertebrisk.evidence.printed import plain

_NAMES = (
    ("fisher", r"fisher"),
    ("yates", r"yates|continuity"),
    ("likelihood-ratio", r"likelihood"),
    ("trend", r"trend|linear-by-linear|mantel"),
    ("welch", r"welch|unequal variance"),
    ("mannwhitney", r"mann|wilcoxon|rank[- ]sum|秩和"),
    ("kruskal", r"kruskal"),
    ("anova", r"anova|analysis of variance|方差分析"),
    ("mcnemar", r"mcnemar"),
    ("student", r"\bstudent"),
    ("t", r"\bt[- ]?test|\bt\s*检验"),
    ("chi-square", r"chi|χ2|x2|pearson|卡方"),
    ("log-rank", r"log-?\s?rank"),
)  # fmt: skip
_SIGNS = {
    "t": "t", "χ2": "chi-square", "x2": "chi-square", "chi2": "chi-square",
    "z": "mannwhitney",
    "u": "mannwhitney", "f": "anova", "h": "kruskal", "w": "mannwhitney",
}  # fmt: skip


def named_test(text: str) -> str:
    """The test that a text names, in our word for it, or an empty text."""
    lower = plain(text).lower()
    return next((name for name, pattern in _NAMES if re.search(pattern, lower)), "")


def sign_test(text: str, *, counts: bool | None = None) -> str:
    """The test that a letter stands for, as in ``t``; empty for ``t/χ2`` and for other texts.

    With `counts`, only a test of counts (or of anything else) is taken.
    """
    bare = re.sub(r"\s*(?:values?|值|statistic)$", "", plain(text).lower().strip())
    found = _SIGNS.get(bare, "")
    return found if counts is None or counts == (found == "chi-square") else ""


def mark_test(mark: str, notes: Sequence[str]) -> str:
    """The test that a footnote explains a sign with: ``a: Fisher's exact test``."""
    if not mark:
        return ""
    for note in notes:
        for part in re.split(r"[;.；。]\s*", note):
            match = re.match(rf"\s*\[?{re.escape(mark)}\]?[\s:,.)]\s*(.*)", part)
            if match is not None and named_test(match[1]):
                return named_test(match[1])
    return ""
