"""Options of the analysis that do not go with matched sets."""

from __future__ import annotations

from collections.abc import Mapping

from vertebrisk.errors import ExpressionError
from vertebrisk.protocol.checks import deciding_names
from vertebrisk.protocol.documents import Analysis, Variable
from vertebrisk.protocol.missing import Missing
from vertebrisk.protocol.outcome import StudyOutcome
from vertebrisk.protocol.sampling import Sampling
from vertebrisk.protocol.terms import names_of_term
from vertebrisk.protocol.validating import ValidationPlan

_SELECTIONS = ("prespecified", "univariable", "backward")
_ESTIMATORS = ("ml", "firth", "auto")
_BY = "'set' in [sampling] makes the analysis conditional"


def matching_problems(
    sampling: Sampling | None,
    analysis: Analysis,
    validation: ValidationPlan | None,
    missing: Missing | None,
    variables: Mapping[str, Variable],
    outcome: StudyOutcome | None,
) -> list[str]:
    """What of a protocol asks for more than matched sets can tell."""
    if sampling is None or sampling.set is None:
        return []
    problems = _other_uses(sampling.set, analysis, variables, outcome)
    refused = (
        (
            analysis.model != "logistic",
            f'{_BY}, which belongs to model = "logistic"; this one is "{analysis.model}".',
        ),
        (
            analysis.estimator not in _ESTIMATORS,
            f'{_BY}, which has no estimator = "{analysis.estimator}"; allowed are '
            f"{', '.join(_ESTIMATORS)}.",
        ),
        (
            analysis.mean_risk is not None,
            f"{_BY}, which has no mean risk; take 'mean_risk' out of [analysis].",
        ),
        (
            analysis.shrinkage is not None,
            f"{_BY}, which knows no 'shrinkage'; take it out of [analysis].",
        ),
        (
            analysis.intervals == "profile" and analysis.estimator == "ml",
            f'{_BY}, with Wald intervals; take intervals = "profile" out of [analysis].',
        ),
        (
            analysis.select.method not in _SELECTIONS,
            f'{_BY}, which has no select = "{analysis.select.method}"; allowed are '
            f"{', '.join(_SELECTIONS)}.",
        ),
        (
            analysis.select.approximate,
            f"{_BY}, and its backward elimination refits the model at each step; take "
            "'approximate' out of 'select' in [analysis].",
        ),
        (
            analysis.select.test != "lr",
            f"{_BY}, which screens candidates by the conditional likelihood-ratio test; take "
            "test = \"comparison\" out of 'select' in [analysis].",
        ),
        (
            bool(_own_tests(analysis, variables)),
            f"{_BY}, and the groups are compared by the conditional score test; take the tests of "
            f"{', '.join(_own_tests(analysis, variables))} out: they take cases and controls for "
            "independent.",
        ),
        (
            validation is not None and bool(validation.thresholds),
            f"{_BY}, which gives no risk that 'thresholds' in [validation] could be compared with; "
            "take them out.",
        ),
        (
            missing is not None and missing.imputes,
            f'{_BY}, which is not joined with method = "imputation" in [missing]; leave one of '
            "them out.",
        ),
    )
    return problems + [line for wrong, line in refused if wrong]


def _own_tests(analysis: Analysis, variables: Mapping[str, Variable]) -> list[str]:
    """Where the protocol asks for tests of independent groups."""
    tests = (analysis.tests.numeric, analysis.tests.categorical)
    return (["[analysis]"] if any(tests) else []) + [
        f"[variables.{name}]"
        for name in analysis.compare
        if name in variables and variables[name].test is not None
    ]


def _other_uses(
    name: str,
    analysis: Analysis,
    variables: Mapping[str, Variable],
    outcome: StudyOutcome | None,
) -> list[str]:
    """The column of sets cannot be the outcome, compared, or a candidate."""
    if name in deciding_names(outcome):
        return [f"'{name}' decides the outcome, so it cannot be the 'set' of [sampling]."]
    explicit = analysis.candidates if analysis.candidates != ("compare",) else ()
    used = {each for text in explicit for each in _names(text, variables)}
    if name in used or name in analysis.compare:
        return [
            f"'{name}' is the 'set' of [sampling], so it can be neither compared nor a candidate."
        ]
    return []


def _names(text: str, variables: Mapping[str, Variable]) -> tuple[str, ...]:
    try:
        return names_of_term(text, variables)
    except ExpressionError:
        return ()
