"""What a fractional polynomial whose powers are to be found asks of the rest of a protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vertebrisk.design.terms import WrittenTerm
from vertebrisk.protocol.documents import Analysis
from vertebrisk.protocol.missing import Missing
from vertebrisk.protocol.sampling import Sampling


def fractional_problems(
    analysis: Analysis,
    terms: Sequence[WrittenTerm],
    written: Mapping[str, object],
    missing: Missing | None,
    sampling: Sampling | None,
) -> list[str]:
    """Analyses in which no powers are found; `written` is [analysis] as in the file."""
    asked = [each.name for term in terms for each in term.factors if each.kind == "fp"]
    if not asked:
        if "shape_alpha" in written:
            return [
                "shape_alpha in [analysis] is the level at which shapes of fp(x) are tested, and "
                "there is no such term; leave it out."
            ]
        return []
    select = analysis.select
    named = asked[0]
    refused = (
        (analysis.model == "fine-gray", 'model = "fine-gray"'),
        (analysis.penalised, f'estimator = "{analysis.estimator}"'),
        (missing is not None and missing.method == "imputation", "imputation in [missing]"),
        (sampling is not None and sampling.set is not None, "matched sets in [sampling]"),
        (select.method in ("univariable", "lasso", "stability"), f'select = "{select.method}"'),
        (
            select.method == "backward" and select.criterion != "p",
            f"backward elimination by {select.criterion.upper()}",
        ),
        (select.approximate, "approximate backward elimination"),
    )
    return [
        f"{named} in [analysis] leaves its powers to the data, which is not possible with {what}. "
        f"Write known powers, such as powers({named[3:].rstrip(')').split(',')[0]}, -1), or a "
        "spline."
        for wrong, what in refused
        if wrong
    ]
