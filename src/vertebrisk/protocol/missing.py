"""`[missing]`: what is done with patients of whom a candidate predictor is not known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Literal

from pydantic import Field

from vertebrisk.protocol.checks import deciding_names, undescribed
from vertebrisk.protocol.documents import Analysis, Study, Variable
from vertebrisk.protocol.fields import Names, Table
from vertebrisk.protocol.outcome import StudyOutcome
from vertebrisk.protocol.sampling import Sampling

RESAMPLES = 200
_OPTIONS = ("imputations", "iterations", "auxiliary", "methods")
_POOLED = ("prespecified", "univariable", "backward")

DrawnBy = Literal["pmm", "linear", "logistic", "polytomous", "ordered"]


class Missing(Table):
    """Complete cases, or multiple imputation by chained equations.

    `imputations` tables are completed in `iterations` rounds each. `auxiliary` variables take
    part in the imputation, not in the model; those that are computed from others (`derive`)
    stay what they are computed from. `methods` says by variable how its values are drawn,
    where not by what it holds. A validation has 200 resamples then, unless it says otherwise.

    `at_bedside` says what the model does with a new patient's missing input: it asks for it, or
    averages over what patients like that one had. By default it averages where missing values
    are imputed, and asks elsewhere.
    """

    method: Literal["complete-cases", "imputation"] = "complete-cases"
    imputations: Annotated[int, Field(ge=2, le=1000)] = 20
    iterations: Annotated[int, Field(ge=1, le=1000)] = 10
    auxiliary: Names = ()
    methods: dict[str, DrawnBy] = Field(default_factory=dict)
    at_bedside: Literal["ask", "average"] | None = None

    @property
    def averages(self) -> bool:
        """True where the model averages over a new patient's missing inputs."""
        return self.at_bedside == "average" or (self.at_bedside is None and self.imputes)

    @property
    def imputes(self) -> bool:
        """True where missing values are imputed."""
        return self.method == "imputation"


def missing_problems(
    missing: Missing,
    analysis: Analysis,
    described: Collection[str],
    variables: Mapping[str, Variable],
    study: Study | None,
    outcome: StudyOutcome | None,
    sampling: Sampling | None,
) -> list[str]:
    """Options without their method, strangers, and analyses that imputations do not have."""
    if missing.at_bedside == "average" and sampling is not None and sampling.by_matching:
        return [
            'at_bedside = "average" in [missing] averages risks, and a model of matched controls '
            "has none; take it out."
        ]
    if not missing.imputes:
        return [
            f"'{key}' in [missing] belongs to method = \"imputation\"; this one is "
            f'"{missing.method}".'
            for key in _OPTIONS
            if key in missing.model_fields_set
        ]
    problems = []
    for key, names in (("auxiliary", missing.auxiliary), ("methods", tuple(missing.methods))):
        strangers = [name for name in names if name not in described]
        problems += undescribed(strangers, key, described, "missing")
    problems += [
        f"'{name}' decides the outcome, which the imputation knows already; take it out of "
        "'auxiliary' in [missing]."
        for name in missing.auxiliary
        if name in deciding_names(outcome)
    ]
    problems += [
        f"'{name}' in [missing.methods] holds levels ({', '.join(variables[name].ordered_levels)})"
        f'; "{method}" is for numbers.'
        for name, method in missing.methods.items()
        if name in variables and variables[name].ordered_levels and method in ("pmm", "linear")
    ]
    return problems + _impossible(analysis, study, sampling)


def _impossible(analysis: Analysis, study: Study | None, sampling: Sampling | None) -> list[str]:
    imputing = 'method = "imputation" in [missing]'
    select = analysis.select
    refused = (
        (
            analysis.model == "fine-gray",
            f'{imputing} goes with model = "logistic" or "cox", and this one is "fine-gray"; write '
            'model = "cox" for cause-specific hazards, or take [missing] out.',
        ),
        (
            analysis.penalised,
            f'{imputing} goes with estimator = "ml", "firth" or "auto"; this one is '
            f'"{analysis.estimator}".',
        ),
        (
            analysis.beside is not None,
            f"{imputing} has no logistic model beside the Cox model; take 'beside' out of "
            "[analysis].",
        ),
        (
            analysis.shrinkage is not None,
            f"{imputing} knows no 'shrinkage' in [analysis]; leave one of them out.",
        ),
        (
            select.method not in _POOLED,
            f'{imputing} has no select = "{select.method}"; allowed are {", ".join(_POOLED)}.',
        ),
        (
            select.criterion != "p" or select.test != "lr",
            f"{imputing} chooses predictors by the P values of pooled tests; take 'criterion' "
            "and 'test' out of 'select' in [analysis].",
        ),
        (
            select.approximate,
            f"{imputing} refits the model at each step of a backward elimination; take "
            "'approximate' out of 'select' in [analysis].",
        ),
        (
            analysis.intervals == "profile" and analysis.estimator != "firth",
            f"{imputing} has intervals by Rubin's rules, and by profiles where Firth's estimator "
            'is used; take intervals = "profile" out of [analysis].',
        ),
        (
            study is not None and study.unit == "vertebra",
            f'{imputing} takes rows for independent patients; this study has unit = "vertebra".',
        ),
        (
            sampling is not None,
            f"{imputing} is not joined with [sampling]; leave one of them out.",
        ),
    )
    return [line for wrong, line in refused if wrong]
