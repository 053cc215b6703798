"""How much, and in what way, coefficients are held back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Literal, cast, get_args

from vertebrisk._checks import check_choice, check_positive_int, check_seed, listed
from vertebrisk._types import Estimator, FloatArray, PenalisedEstimator
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.penalised.path import Mixture

PenaltyRule = Literal["min", "1se", "aic_c", "aic", "bic"]
CRITERIA = ("aic_c", "aic", "bic")
PenaltyMeasure = Literal["deviance", "auc"]
PENALISED: tuple[str, ...] = get_args(PenalisedEstimator)
MIX = {"ridge": 0.0, "lasso": 1.0}
EVEN = 0.5  # mix of an elastic net that names none
FEWEST_FOLDS = 3


@dataclass(frozen=True, slots=True)
class Penalty:
    """How much coefficients are held back: by a given amount, or by cross-validation.

    Attributes
    ----------
    value : float or None
        glmnet's lambda; None lets cross-validation find it, in every resample of a
        validation anew.
    mix : float or None
        Share of the absolute values in an elastic net, glmnet's alpha: above 0, below 1.
        Lasso is 1 and ridge 0.
    rule : {"min", "1se", "aic_c", "aic", "bic"}
        The penalty of the best cross-validated mean, or the largest one within a standard
        error of it; for ridge also that of the best criterion, as ``rms::pentrace``, without
        any cross-validation.
    folds : int
        Of the cross-validation; 3 or more.
    seed : int
        By which patients are dealt into folds.
    measure : {"deviance", "auc"}
        What the cross-validation goes by. A Cox model has the deviance of the partial
        likelihood only.
    factors : mapping of candidate to number
        What the penalty of a candidate is multiplied by, 1 where nothing is said; 0 is never
        penalised, so that a predictor known beforehand stays. A candidate is named as its
        term (``rcs(age, 4)``, ``age:sex``) or by its variable. As glmnet's ``penalty.factor``:
        rescaled to a mean of 1 over all columns, so that `value` keeps its meaning. All
        columns of a term share its factor; a penalty above 0 still acts on each level of a
        category by itself, as in glmnet, and may leave some of them out.
    """

    value: float | None = None
    mix: float | None = None
    rule: PenaltyRule = "min"
    folds: int = 10
    seed: int = 1
    measure: PenaltyMeasure = "deviance"
    factors: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.value is not None and not _above_zero(self.value):
            raise ArgumentError(
                f"The penalty is {self.value!r}; it is glmnet's lambda, a number above 0. Leave it "
                "out to have it found by cross-validation; for no penalty use estimator='ml'."
            )
        if self.mix is not None and not (_above_zero(self.mix) and self.mix < 1.0):
            raise ArgumentError(
                f"mix is {self.mix!r}; an elastic net has a mix between 0 (ridge) and 1 (lasso)."
            )
        check_choice(self.rule, "rule", PenaltyRule)
        check_choice(self.measure, "measure", PenaltyMeasure)
        check_positive_int(self.folds, "folds")
        check_seed(self.seed)
        if self.folds < FEWEST_FOLDS:
            raise ArgumentError(f"folds is {self.folds}; {FEWEST_FOLDS} or more are needed.")
        for name, factor in self.factors.items():
            if isinstance(factor, bool) or (factor != 0 and not _above_zero(factor)):
                raise ArgumentError(
                    f"The penalty factor of '{name}' is {factor!r}; it is 0 (never penalised) or a "
                    "number above 0. To leave a candidate out, take it from the formula."
                )


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """An estimator with its penalty; `mix` is 0 for ridge and 1 for the lasso.

    Attributes
    ----------
    estimator : {"ridge", "lasso", "elastic_net"}
    penalty : Penalty
    mix : float
    """

    estimator: PenalisedEstimator
    penalty: Penalty
    mix: float

    def mixture(self, factors: FloatArray | None = None) -> Mixture:
        """As the kernels know it; `factors` as `column_factors` gives them."""
        return Mixture(self.mix, factors)

    @property
    def cross_validates(self) -> bool:
        """True where the penalty is found by cross-validation."""
        return self.penalty.value is None and self.penalty.rule not in CRITERIA

    @property
    def chooses(self) -> bool:
        """True where coefficients may be exactly zero."""
        return self.mix > 0.0


def asked_shrinkage(
    estimator: Estimator, penalty: float | Penalty | None, mix: float | None = None
) -> Shrinkage | None:
    """The penalty that a caller asks for, checked against the estimator; None without one."""
    if estimator not in PENALISED:
        if penalty is not None or mix is not None:
            raise ArgumentError(
                f"penalty and mix belong to {listed(PENALISED)}, and the estimator is "
                f"'{estimator}'; leave them out, or choose another estimator."
            )
        return None
    asked = penalty if isinstance(penalty, Penalty) else Penalty(value=penalty)
    asked = asked if mix is None else replace(asked, mix=mix)
    if estimator != "elastic_net" and asked.mix is not None:
        raise ArgumentError(
            f"mix is that of an elastic net, and the estimator is '{estimator}'; leave mix out, or "
            "use estimator='elastic_net'."
        )
    if asked.rule in CRITERIA and estimator != "ridge":
        raise ArgumentError(
            f"rule is '{asked.rule}', which counts effective degrees of freedom, and the estimator "
            f"is '{estimator}'; use estimator='ridge', or rule 'min' or '1se'."
        )
    own = EVEN if asked.mix is None else float(asked.mix)
    return Shrinkage(cast(PenalisedEstimator, estimator), asked, MIX.get(estimator, own))


def selecting_penalty(penalty: float | Penalty | None) -> Penalty:
    """The penalty of a lasso that chooses predictors."""
    asked = penalty if isinstance(penalty, Penalty) else Penalty(value=penalty)
    if asked.mix is not None or asked.rule in CRITERIA:
        raise ArgumentError(
            "Selection is by the lasso, which has no mix and finds its penalty by "
            "cross-validation; leave mix out, and use rule 'min' or '1se'."
        )
    return asked


def _above_zero(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return math.isfinite(value) and float(value) > 0.0
