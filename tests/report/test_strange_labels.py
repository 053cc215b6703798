"""Labels come out of the prose as they were written, however they look."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.example import example_result

from vertebrisk._types import Language
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.narrative import cited, narrate
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.numbering import build_tables

STRANGE = (
    "Height {loss} in {0} of {}",
    "50% of {outcome} <b>\\textbf{T}</b> & $x_1^2$",
    "Cleft [@wilson1927x] [1] %s %(name)d",
    "ارتفاع الفقرة",
    "L" * 300,
)


def relabelled(label: str, language: Language) -> StudyResult:
    """The example with this label for a predictor, wherever it has one."""
    result = example_result()
    old = "Cement distribution"
    design = result.candidates
    predictors = tuple(
        replace(each, label=label) if each.label == old else each for each in design.predictors
    )
    compared = tuple(
        replace(each, label=label) if each.label == old else each
        for each in result.comparison.variables
    )

    def rows(found: tuple[RegressionRow, ...]) -> tuple[RegressionRow, ...]:
        return tuple(replace(row, label=label) if row.label == old else row for row in found)

    return replace(
        result,
        facts=replace(result.facts, language=language, outcome_label=label, event_rule=label),
        candidates=replace(design, predictors=predictors),
        comparison=replace(result.comparison, variables=compared),
        multivariable=rows(result.multivariable),
        univariable=rows(result.univariable),
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("label", STRANGE, ids=["braces", "markup", "marks", "arabic", "long"])
def test_a_label_stays_what_it_is(label: str, language: Language) -> None:
    result = relabelled(label, language)
    told = narrate(result, build_tables(result))
    for section in (
        "participants",
        "comparison",
        "univariable",
        "multivariable",
        "statistical_methods",
        "plain_summary",
    ):
        text = " ".join(told[section])
        assert label in text or label[:1].lower() + label[1:] in text, section
    assert len(cited(result, build_tables(result))) == 7
