"""Findings: predictors that say the same as others, and numbers cut into groups."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl

from vertebrisk.design.design import Design
from vertebrisk.findings import Finding
from vertebrisk.text.messages import joined, say
from vertebrisk.text.plurals import agreeing

INFLATION_LIMIT = 10.0


def inflated(vif: pl.DataFrame, design: Design) -> list[Finding]:
    """Terms whose standard errors are blown up by the others.

    Variables with an interaction or several terms are left out: they repeat one another by
    construction, and that does no harm.
    """
    uses = Counter(name for term in design.terms for name in term.variables)
    plain = [term.name for term in design.terms if all(uses[name] == 1 for name in term.variables)]
    high = vif.filter(pl.col("gvif_scaled") ** 2 > INFLATION_LIMIT, pl.col("term").is_in(plain))
    terms = high["term"].to_list()
    if not terms:
        return []
    return [
        Finding(
            code="collinearity",
            severity="warning",
            message=say(
                "The variance of {terms} is inflated more than {inflation_limit:g} times by "
                "the other predictors.",
                terms=joined(terms),
                inflation_limit=INFLATION_LIMIT,
            ),
            remedy=say("Keep one of the predictors that say the same, or combine them."),
        )
    ]


_CUT = re.compile(
    r"^\s*(<|>|≤|≥|＜|＞)=?\s*-?\d"  # < 60
    r"|^\D{0,3}\d{2,}(\.\d+)?\s*(-|–|—|~|～|to|至)\s*\d{2,}(\.\d+)?\b"  # 60-70
    r"|\b(under|over|below|above|older|younger|less|more|greater)\b.*\d"
    r"|\d.*\b(and|or)\s+(over|above|older|more|less|younger|below)\b"
    r"|\d\s*岁?\s*(及|或)?(以上|以下)",
    re.IGNORECASE,
)


def dichotomised(levels: Mapping[str, Sequence[str]], derived: Mapping[str, str]) -> list[Finding]:
    """Categories that look like a number cut into groups, and cuts that are derived.

    `levels` holds the labels of each categorical candidate, `derived` the source of each
    derived one.
    """
    cut = [name for name, labels in levels.items() if any(_CUT.search(label) for label in labels)]
    cut += [name for name, source in derived.items() if re.search(r"[<>]", source)]
    cut = list(dict.fromkeys(cut))
    if not cut:
        return []
    return [
        Finding(
            code="dichotomised-predictor",
            severity="warning",
            message=say(
                "{variables} {are} cut into groups.",
                variables=joined(cut),
                are=agreeing(len(cut), "is a number", "are numbers"),
            ),
            remedy=say("Enter the measured value, with a spline where the effect may bend."),
            explanation=say(
                "Cutting loses information and invents a step at the cut-point (Royston et "
                "al. 2006, doi:10.1002/sim.2331)."
            ),
        )
    ]
