"""What a penalised estimate becomes: the terms it keeps, its penalty, what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.design import Design
from vertebrisk.findings import Finding
from vertebrisk.models.development import Development
from vertebrisk.models.penalised.likelihoods import Tuned
from vertebrisk.models.penalised.objections import (
    constant_candidates,
    merged_levels,
    penalty_at_an_end,
    shrunken,
    unstable_shrinkage,
)
from vertebrisk.models.penalised.penalty import Shrinkage
from vertebrisk.models.penalised.tuning import Tuning
from vertebrisk.text.messages import say


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """The part of a penalised fit that logistic and Cox models share.

    Attributes
    ----------
    design : Design
        Terms with any coefficient that is not zero.
    beta : array
        Their coefficients.
    chosen : bool array
        Which candidate terms these are.
    penalty : float
    tuning : Tuning
    findings : tuple of Finding
    """

    design: Design
    beta: FloatArray
    chosen: BoolArray
    penalty: float
    tuning: Tuning
    findings: tuple[Finding, ...]


def made_of(
    development: Development,
    slopes: FloatArray,
    tuned: Tuned,
    shrinkage: Shrinkage,
    n_events: int,
    size: int,
    separation: Finding | None = None,
) -> Made:
    """From the coefficients of all candidates, and the path that they lie on.

    `separation` is what separates the patients. `n_events` counts the events, or the fewer of
    events and non-events; `size` as in `Tuning`.
    """
    design = development.design
    chosen = np.ones(len(design.terms), dtype=np.bool_)
    if shrinkage.chooses:
        chosen = development.terms_of((slopes != 0.0)[None])[0]
    final = design.keep(term.name for term, use in zip(design.terms, chosen, strict=True) if use)
    beta = slopes[development.term_columns(chosen)]
    tuning = Tuning.of(design, development.matrix.std(axis=0), tuned, shrinkage, size)
    asked = shrinkage.penalty
    penalty = asked.value
    if penalty is None:
        assert tuning.step is not None
        penalty = float(tuning.penalty[tuning.step])
    how = _found(tuning, shrinkage)
    findings = [shrunken(shrinkage, penalty, len(design.terms), len(final.terms), how)]
    if tuning.step is not None:
        findings += unstable_shrinkage(n_events, by_folds=shrinkage.cross_validates)
        findings += penalty_at_an_end(
            tuning.step,
            tuning.penalty.size,
            free=0.0 in asked.factors.values(),
            separated=separation is not None,
        )
    if separation is not None:
        findings.append(separation)
    findings += merged_levels(final, [bool(value) for value in beta != 0.0])
    constant = ~tuned.paths.use[0, -slopes.size :]
    empty = [name for name, part in design.slices.items() if part.start == part.stop]
    same = [column.term for column, one in zip(design.columns, constant, strict=True) if one]
    findings += constant_candidates([*empty, *same])
    return Made(final, beta, chosen, penalty, tuning, tuple(findings))


def _found(tuning: Tuning, shrinkage: Shrinkage) -> str:
    if tuning.step is None:
        return say("given")
    if tuning.criteria is not None:
        return {"aic": "AIC", "bic": "BIC", "aic_c": say("corrected AIC")}[shrinkage.penalty.rule]
    best = say("largest AUC") if tuning.measure == "auc" else say("least deviance")
    if shrinkage.penalty.rule != "min":
        best = say("within one standard error of the {best}", best=best)
    return say("{folds}-fold cross-validation, {best}", folds=tuning.folds, best=best)
