"""`[validation]`: how the model is validated on the study's own patients, and decided by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated

from pydantic import Field, model_validator

from vertebrisk._types import CorrectedInterval, ValidationMethod
from vertebrisk.errors import ExpressionError
from vertebrisk.protocol.checks import deciding_names, undescribed
from vertebrisk.protocol.documents import Analysis, Variable
from vertebrisk.protocol.fields import Range, Table
from vertebrisk.protocol.missing import Missing
from vertebrisk.protocol.outcome import StudyOutcome, TimeToEventOutcome
from vertebrisk.protocol.sampling import Sampling
from vertebrisk.protocol.terms import names_of_term

DEFAULT_METHOD: ValidationMethod = "optimism-bootstrap"
LEAVING_OUT: tuple[ValidationMethod, ...] = ("cross-validation", "leave-one-out")
OF_LEFT_OUT: tuple[ValidationMethod, ...] = ("632", "632+")


class Split(Table):
    """A split by time: later are the patients with `since` or more in the variable `by`."""

    by: str
    since: float


class ValidationPlan(Table):
    """How the model is validated, and the thresholds at which decisions are taken.

    `method` is Harrell's optimism bootstrap unless it is stated; `resamples` belongs to the
    bootstraps, `folds` and `repeats` to the cross-validation. `instability` is False where the
    report does without the stability of the predictions. `interval` says how the limits of a
    bootstrap are found, by percentiles unless it is stated. `centre` names the variable whose
    values are left out one by one, each tried with a model of the others; `split` tries a model
    of the earlier patients on the later ones.
    """

    method: ValidationMethod = DEFAULT_METHOD
    resamples: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    folds: Annotated[int, Field(ge=2)] | None = None
    repeats: Annotated[int, Field(ge=1, le=10_000)] | None = None
    seed: Annotated[int, Field(ge=0)]
    interval: CorrectedInterval | None = None
    centre: str | None = None
    split: Split | None = None
    thresholds: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = ()
    threshold_range: Range = (0.02, 0.5)
    instability: bool = True

    @model_validator(mode="after")
    def _of_the_method(self) -> ValidationPlan:
        crossed = self.method == "cross-validation"
        folded = [key for key in ("folds", "repeats") if getattr(self, key) is not None]
        if folded and not crossed:
            raise ValueError(
                f"'{folded[0]}' belongs to method = \"cross-validation\"; this one is "
                f'"{self.method}"'
            )
        if self.leaves_out and "resamples" in self.model_fields_set:
            instead = "write 'folds' and 'repeats'" if crossed else "take it out"
            raise ValueError(
                f"'resamples' belongs to a bootstrap; this method is \"{self.method}\": {instead}"
            )
        if self.leaves_out and self.interval is not None:
            raise ValueError(
                f"'interval' belongs to a bootstrap; this method is \"{self.method}\", which gives "
                "none: take it out"
            )
        return self

    @model_validator(mode="after")
    def _within_unit(self) -> ValidationPlan:
        low, high = self.threshold_range
        repeated = [cut for at, cut in enumerate(self.thresholds) if cut in self.thresholds[:at]]
        if repeated:
            raise ValueError(f"the threshold {repeated[0]:g} stands there twice")
        if not (low > 0 and high < 1):
            raise ValueError("threshold_range holds risks, so both limits lie between 0 and 1")
        outside = [cut for cut in self.thresholds if not low <= cut <= high]
        if outside:
            raise ValueError(
                f"the threshold {outside[0]:g} lies outside threshold_range [{low:g}, {high:g}]"
            )
        return self

    @property
    def leaves_out(self) -> bool:
        """True where every patient is left out in turn, and nothing is drawn with replacement."""
        return self.method in LEAVING_OUT


def validation_problems(
    validation: ValidationPlan,
    analysis: Analysis,
    sampling: Sampling | None,
) -> list[str]:
    """What the analysis has against the method of validation."""
    if validation.method == DEFAULT_METHOD:
        return []
    asked = f'method = "{validation.method}" in [validation]'
    refused = (
        (
            sampling is not None and not sampling.by_matching and validation.method in OF_LEFT_OUT,
            f"{asked} does not go with [sampling]: the controls whom a resample leaves out are of "
            f'another share than the cases; write "{DEFAULT_METHOD}" or "cross-validation".',
        ),
        (
            analysis.shrinkage == "bootstrap",
            f'{asked} does not go with shrinkage = "bootstrap" in [analysis], whose factor is '
            'the slope that the optimism bootstrap expects; write shrinkage = "heuristic".',
        ),
    )
    return [line for wrong, line in refused if wrong]


def group_problems(
    validation: ValidationPlan,
    analysis: Analysis,
    described: Collection[str],
    variables: Mapping[str, Variable],
    missing: Missing | None,
    sampling: Sampling | None,
    outcome: StudyOutcome | None,
) -> list[str]:
    """What speaks against leaving out centres one by one, and against a split by time."""
    named = {"centre": validation.centre}
    if validation.split is not None:
        named["split"] = validation.split.by
    problems: list[str] = []
    for key, name in named.items():
        if name is not None:
            problems += _group_problems(
                key, name, analysis, described, variables, missing, sampling, outcome
            )
    by = named.get("split")
    if by is not None and by in variables and variables[by].ordered_levels:
        problems.append(
            f"'{by}' is the 'by' of 'split' in [validation] and has levels; a number is needed, "
            "such as the year of treatment."
        )
    return problems


def _group_problems(
    key: str,
    name: str,
    analysis: Analysis,
    described: Collection[str],
    variables: Mapping[str, Variable],
    missing: Missing | None,
    sampling: Sampling | None,
    outcome: StudyOutcome | None,
) -> list[str]:
    if name not in described:
        return undescribed([name], key, described, "validation")
    asked = f"'{key}' in [validation]"
    explicit = analysis.candidates != ("compare",)
    texts = analysis.candidates if explicit else analysis.compare
    known = {name for text in texts for name in _names(text, variables)} | {*analysis.strata}
    late = isinstance(outcome, TimeToEventOutcome) and outcome.entry is not None
    refused = (
        (
            name in known,
            f"'{name}' is the '{key}' of [validation], so it can be neither a candidate nor a "
            "stratum: a model that knows it cannot be tried where it is another. List "
            "'candidates' without it.",
        ),
        (
            name in deciding_names(outcome),
            f"'{name}' decides the outcome, so it cannot be the '{key}' of [validation].",
        ),
        (
            missing is not None and missing.imputes,
            f'{asked} does not go with method = "imputation" in [missing]; leave one of them out.',
        ),
        (
            sampling is not None,
            f"{asked} needs a cohort: with [sampling] the prevalence of a part of the patients is "
            "not known.",
        ),
        (
            late,
            f"{asked} does not go with 'entry' in [outcome]: how many have the event by a "
            "horizon is not that of those who came late.",
        ),
        (
            analysis.shrinkage is not None,
            f"{asked} does not go with 'shrinkage' in [analysis]: the model that is tried would "
            "not be shrunken. Leave one of them out.",
        ),
    )
    return [line for wrong, line in refused if wrong]


def _names(text: str, variables: Mapping[str, Variable]) -> tuple[str, ...]:
    try:
        return names_of_term(text, variables)
    except ExpressionError:
        return ()
