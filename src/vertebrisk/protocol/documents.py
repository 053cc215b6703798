"""The tables of a study protocol, as typed and frozen objects.

One class a TOML table. What a single table can know about itself is checked here;
what only the whole protocol can know is checked in `checks`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from vertebrisk._types import (
    DataKind,
    EngineName,
    Estimator,
    Intervals,
    MeanRisk,
    ModelKind,
    PenalisedEstimator,
    SelectionMethod,
    TestName,
    Ties,
    Timing,
)
from vertebrisk.protocol.described import DescribedVariable
from vertebrisk.protocol.fields import (
    PLACEHOLDER,
    FilledText,
    FilledWords,
    Localised,
    Names,
    RuleText,
    Table,
)

TIMINGS: tuple[Timing, ...] = ("preoperative", "intraoperative", "postoperative")


def _identifier(text: str) -> str:
    if text != PLACEHOLDER and re.fullmatch(r"\w[\w.-]{0,63}", text) is None:
        raise ValueError("use up to 64 letters, digits, '_', '-' and '.', such as 'li2021'")
    return text


def _codes(value: Any) -> Any:
    if isinstance(value, dict) and all(isinstance(label, str) for label in value.values()):
        return {str(code): label for code, label in value.items()}
    raise ValueError('a table from code to label is needed, such as { 0 = "No", 1 = "Yes" }')


def _missing_codes(value: Any) -> Any:
    allowed = isinstance(value, tuple) and all(
        isinstance(code, int | float | str) and not isinstance(code, bool) for code in value
    )
    if not allowed:
        raise ValueError('a list of codes is needed, such as [-9, 999] or ["unknown"]')
    return value


def _candidates(value: Any) -> Any:
    if isinstance(value, str) and value != "compare":
        raise ValueError('write "compare", or a list of variables in [...]')
    return (value,) if isinstance(value, str) else value


MissingCodes = Annotated[tuple[str | int | float, ...], BeforeValidator(_missing_codes)]


class Study(Table):
    """What is studied, on which file, and when the model is to be used.

    `data` and `codebook` are paths inside the protocol's folder; `printed` is one, too, or the
    id of a study in the library.
    """

    id: Annotated[str, AfterValidator(_identifier)]
    title: Localised
    design: Literal["cohort", "case-control"] = "cohort"
    data: FilledText
    patient: FilledText | None = None
    unit: Literal["patient", "vertebra"] = "patient"
    use_at: Timing
    codebook: FilledText | None = None
    data_kind: DataKind = "real"
    data_note: Localised | None = None
    printed: FilledText | None = None

    @model_validator(mode="after")
    def _clustered(self) -> Study:
        if self.unit == "vertebra" and self.patient is None:
            raise ValueError(
                "unit is 'vertebra', so 'patient' must name the column that tells patients apart"
            )
        return self


class EligibilityRule(Table):
    """One criterion and the reason printed beside it in the flow diagram."""

    rule: RuleText
    reason: FilledWords


class Eligibility(Table):
    """Criteria in the order in which they are applied, inclusion first.

    An inclusion rule keeps the rows where it is true, an exclusion rule removes them.
    Rows where missing values leave a rule open are removed in a step of their own.
    """

    include: tuple[EligibilityRule, ...] = ()
    exclude: tuple[EligibilityRule, ...] = ()


class ConsistencyRule(Table):
    """What holds of every patient, and why; who breaks it cannot be as entered."""

    rule: RuleText
    reason: FilledWords


class Variable(DescribedVariable):
    """One variable of the codebook. The first of `levels` is the reference.

    `codes` gives the label of each code found in the file; `missing` lists codes that
    stand for a missing value; `derive` computes the variable from others.
    """

    name: FilledText
    derive: RuleText | None = None
    summary: Literal["mean_sd", "median_iqr"] = "mean_sd"
    test: TestName | None = None
    missing: MissingCodes = ()
    codes: Annotated[dict[str, str], BeforeValidator(_codes)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _levels_agree(self) -> Variable:
        labels = tuple(self.codes.values())
        if len(set(labels)) < len(labels):
            raise ValueError("codes gives two codes the same label")
        if self.levels and labels and set(labels) != set(self.levels):
            raise ValueError("levels and the labels of codes are not the same set")
        if self.ordered_levels and self.plausible is not None:
            raise ValueError("plausible limits are for numbers, but the variable has levels")
        return self

    @property
    def ordered_levels(self) -> tuple[str, ...]:
        """Levels with the reference first; without `levels`, in the order of the codes."""
        return self.levels or tuple(self.codes.values())

    @property
    def declared_numeric(self) -> bool:
        """True where the protocol says that the variable is a number."""
        return not self.ordered_levels and any(
            each is not None for each in (self.unit, self.plausible, self.derive)
        )


class PenaltyPlan(Table):
    """How much a penalised estimator holds coefficients back; see `models.penalised.Penalty`.

    Without `value`, glmnet's lambda, it is found by cross-validation in `folds` folds, dealt by
    `seed` (the validation's by default). `mix` is glmnet's alpha of an elastic net. `factors`
    says by candidate what its penalty is multiplied by; 0 is never penalised.
    """

    value: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    mix: Annotated[float, Field(gt=0, lt=1)] | None = None
    rule: Literal["min", "1se", "aic_c", "aic", "bic"] = "min"
    folds: Annotated[int, Field(ge=3, le=1000)] = 10
    seed: Annotated[int, Field(ge=0)] | None = None
    measure: Literal["deviance", "auc"] = "deviance"
    factors: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        default_factory=dict
    )


class StabilityPlan(Table):
    """How stability selection is done; see `models.stability.Stability`.

    The patients are split by `seed`, the validation's by default.
    """

    pairs: Annotated[int, Field(ge=1, le=10_000)] = 50
    pairs_in_resamples: Annotated[int, Field(ge=1, le=10_000)] = 10
    threshold: Annotated[float, Field(gt=0.5, le=1)] = 0.75
    per_half: Annotated[int, Field(ge=1)] | None = None
    expected_false: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    learner: Literal["lasso", "univariable"] = "lasso"
    seed: Annotated[int, Field(ge=0)] | None = None


class Selection(Table):
    """How candidates become predictors; a plain string names the method alone.

    `approximate` spares method = "backward" its refits; `penalty` is that of method = "lasso",
    found by cross-validation where it is not given; `stability` belongs to method = "stability".
    """

    method: SelectionMethod
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    criterion: Literal["p", "aic", "bic"] = "p"
    approximate: bool = False
    test: Literal["lr", "comparison"] = "lr"
    penalty: PenaltyPlan | None = None
    stability: StabilityPlan | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        return {"method": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _options_belong(self) -> Selection:
        if self.criterion != "p" and self.method != "backward":
            raise ValueError(f'criterion = "{self.criterion}" belongs to method = "backward"')
        if self.approximate and self.method != "backward":
            raise ValueError('approximate = true belongs to method = "backward"')
        if self.test == "comparison" and self.method != "univariable":
            raise ValueError('test = "comparison" belongs to method = "univariable"')
        if self.stability is not None and self.method != "stability":
            raise ValueError(
                f'stability belongs to method = "stability"; this one is "{self.method}"'
            )
        if self.penalty is not None and self.method != "lasso":
            raise ValueError(f'penalty belongs to method = "lasso"; this one is "{self.method}"')
        if self.penalty is not None and (
            self.penalty.mix is not None or self.penalty.rule not in ("min", "1se")
        ):
            raise ValueError('the penalty of a selection has no mix, and rule = "min" or "1se"')
        return self


class Tests(Table):
    """Tests used for all variables that name none of their own."""

    __test__ = False

    numeric: TestName | None = None
    categorical: TestName | None = None


class Analysis(Table):
    """Variables compared between the outcome groups, candidates, and the model.

    `candidates` as written may be ``("compare",)``; `Protocol.candidates` resolves it.
    `terms` says how a candidate enters the model, such as ``rcs(age, 4)``. `ties` (Efron's;
    with a penalty Breslow's, as glmnet) and `strata` (variables that have a baseline hazard
    each) are those of a Cox model; `penalty` belongs to ridge, lasso and elastic net,
    `shrinkage` (one factor for all coefficients) to maximum likelihood;
    `mean_risk` says how Firth's mean risk is made the prevalence; `intervals` are by default
    those of the estimator, Wald's or Firth's profiles;
    `shape_alpha` is the level of the tests between the shapes of ``fp(x)``;
    `beside` is a second model of the same events that is reported beside the first;
    `engine` is where the sums run, by default told by the size of the file.
    """

    compare: Names = ()
    candidates: Annotated[Names, BeforeValidator(_candidates)] = ("compare",)
    select: Selection
    model: ModelKind = "logistic"
    estimator: Estimator = "ml"
    mean_risk: MeanRisk | None = None
    penalty: PenaltyPlan | None = None
    shrinkage: Literal["bootstrap", "heuristic"] | None = None
    ties: Ties = "efron"
    strata: Names = ()
    beside: Literal["logistic"] | None = None
    terms: Names = ()
    tests: Tests = Field(default_factory=Tests)
    intervals: Intervals | None = None
    shape_alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    engine: EngineName | None = None

    @model_validator(mode="before")
    @classmethod
    def _ties_of_glmnet(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("estimator") in get_args(PenalisedEstimator):
            return {"ties": "breslow", **value}
        return value

    @property
    def penalised(self) -> bool:
        """True where the estimator has a penalty."""
        return self.estimator in get_args(PenalisedEstimator)
