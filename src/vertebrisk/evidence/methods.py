"""What a paper says of its methods, as answers from short lists, each with its place.

A key is left out where the source does not say. ``"none"`` and ``false`` are answers like
others: the place that they name describes the step and has nothing of the kind.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator

from vertebrisk._types import Timing
from vertebrisk.evidence.printed_tables import Place, Stated
from vertebrisk.protocol.fields import FilledText, Localised, Names, Table


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("the list is empty; leave the key out where the paper does not say")
    if "none" in names and len(names) > 1:
        raise ValueError("'none' stands beside others")
    return names


class _Method(Table):
    """Where the paper says it, and what is to be said beside the print."""

    place: Place
    remark: Localised | None = None


class YesNo(_Method):
    """Whether the paper did it."""

    value: bool


class Purpose(_Method):
    """What the paper set out to make."""

    value: Literal[
        "risk-factors", "development", "external-validation", "development-and-validation"
    ]


class UseAt(_Method):
    """When the paper would have its model or its factors used."""

    value: Timing


class Collection(_Method):
    """How the data came about."""

    value: Literal["prospective", "retrospective", "registry", "trial"]


class OutcomeBy(_Method):
    """By what the outcome was determined."""

    value: Literal["score", "imaging", "examination", "laboratory", "records"]


class OutcomeStandard(_Method):
    """Whose definition of the outcome it is; `own` is one that the paper made and defends."""

    value: Literal["standard", "prespecified", "own", "data-driven"]


class OutcomeUses(_Method):
    """Variables of the file that the outcome's definition uses; an empty list is none."""

    value: Names


class NumberTests(_Method):
    """Tests named for numbers; `t` is a t test of which no more is said."""

    value: Annotated[
        tuple[Literal["t", "student", "welch", "mannwhitney", "anova", "kruskal"], ...],
        AfterValidator(_some),
    ]


class CategoryTests(_Method):
    """Tests named for categories; `chi-square` is one of which no more is said."""

    value: Annotated[
        tuple[
            Literal["chi-square", "pearson", "yates", "likelihood-ratio", "fisher", "trend"], ...
        ],
        AfterValidator(_some),
    ]


class Software(_Method):
    """Programs and their versions, as the paper names them."""

    value: Annotated[tuple[FilledText, ...], AfterValidator(_some)]


class EstimatorOf(_Method):
    """How the coefficients were estimated; `ml` is plain maximum likelihood."""

    value: Literal["ml", "firth", "ridge", "lasso"]


class SelectionOf(_Method):
    """How the predictors of the final model were chosen among the candidates."""

    value: Literal[
        "prespecified",
        "all-candidates",
        "univariable",
        "univariable-stepwise",
        "stepwise",
        "lasso",
    ]


class Nonlinearity(_Method):
    """How numbers went into the model; `checked` is linear after a look, `linear` without."""

    value: Literal["splines", "polynomials", "checked", "linear"]


class MissingValues(_Method):
    """What was done about missing values; `complete` says that there were none."""

    value: Literal[
        "complete", "complete-case", "single-imputation", "multiple-imputation", "indicator"
    ]


class Complexity(_Method):
    """What was done about competing events, or about several vertebrae of one patient."""

    value: Literal["absent", "handled", "ignored"]


class DiscriminationOf(_Method):
    """Measures of discrimination shown; `words` is praise without a number."""

    value: Annotated[tuple[Literal["auc", "c-index", "words", "none"], ...], AfterValidator(_some)]


class CalibrationOf(_Method):
    """Measures of calibration shown; `words` is praise without a number or a figure."""

    value: Annotated[
        tuple[Literal["plot", "slope", "hosmer-lemeshow", "words", "none"], ...],
        AfterValidator(_some),
    ]


class InternalValidation(_Method):
    """How performance was tried on the patients of the development."""

    value: Literal["bootstrap", "cross-validation", "split", "none"]


class PaperMethods(Table):
    """What the paper says of its methods.

    `candidates` counts parameters, not variables, where the paper prints it. `test_numbers`
    and `test_categories` are the tests that the methods name. `prevalence_corrected` is of
    sampled controls, `incomplete_excluded` says that patients without whole data or
    follow-up were left out, and `procedure_repeated` that the choice of predictors was part
    of the internal validation.
    """

    purpose: Purpose | None = None
    use_at: UseAt | None = None
    collection: Collection | None = None
    enrolled: Stated | None = None
    incomplete_excluded: YesNo | None = None
    prevalence_corrected: YesNo | None = None
    predictors_alike: YesNo | None = None
    predictors_blinded: YesNo | None = None
    predictors_precede: YesNo | None = None
    outcome_by: OutcomeBy | None = None
    outcome_standard: OutcomeStandard | None = None
    outcome_uses: OutcomeUses | None = None
    outcome_alike: YesNo | None = None
    outcome_blinded: YesNo | None = None
    test_numbers: NumberTests | None = None
    test_categories: CategoryTests | None = None
    alpha: Stated | None = None
    software: Software | None = None
    estimator: EstimatorOf | None = None
    candidates: Stated | None = None
    selection: SelectionOf | None = None
    nonlinearity: Nonlinearity | None = None
    missing: MissingValues | None = None
    competing_risks: Complexity | None = None
    clustering: Complexity | None = None
    discrimination: DiscriminationOf | None = None
    calibration: CalibrationOf | None = None
    internal_validation: InternalValidation | None = None
    procedure_repeated: YesNo | None = None
    optimism_corrected: YesNo | None = None
    external_validation: YesNo | None = None
