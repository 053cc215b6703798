"""What an imputation is refused for before anything is drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vertebrisk._checks import listed
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.design import Design
from vertebrisk.design.formulas import Formula, SurvivalFormula
from vertebrisk.errors import ArgumentError, FitError

TOLD_APART = 10  # known rows beyond the columns; with fewer, dependence may be chance
NUMBERS = 10  # distinct values from which on a column is a measurement
DEPENDENT = 1e-9  # residual variance of a column given the others, relative


def check_auxiliary(formula: Formula | SurvivalFormula, auxiliary: Sequence[str]) -> None:
    """No auxiliary variable decides the outcome.

    The imputation knows the outcome already, and must not where a model is tested.
    """
    if isinstance(formula, Formula):
        deciding = set(formula.outcome.names)
    else:
        deciding = {*formula.times, *formula.event.names}
    wrong = [name for name in auxiliary if name in deciding]
    if wrong:
        raise ArgumentError(
            f"{listed([repr(name) for name in wrong])} decides the outcome, which the imputation "
            "knows already; take it out of the auxiliary variables."
        )


def refuse_dependent_where_known(design: Design, matrix: FloatArray, known: BoolArray) -> None:
    """No measurement is a combination of others in the patients of whom all is known.

    What is drawn for the others hides it: their values are near the combination, not on it.
    """
    wide = [j for j, values in enumerate(matrix[known].T) if np.unique(values).size > NUMBERS]
    if int(known.sum()) < len(wide) + TOLD_APART:
        return
    centred = matrix[known][:, wide] - matrix[known][:, wide].mean(axis=0)
    sized = centred / np.sqrt((centred**2).sum(axis=0))
    guilty = []
    for place in range(1, len(wide)):
        before, own = sized[:, :place], sized[:, place]
        rest = own - before @ np.linalg.lstsq(before, own, rcond=None)[0]
        if float(rest @ rest) < DEPENDENT:
            guilty.append(design.columns[wide[place]].term)
    if guilty:
        several = len(set(guilty)) > 1
        raise FitError(
            f"Where all is known, {listed(list(dict.fromkeys(guilty)))} "
            f"{'are exact combinations' if several else 'is an exact combination'} of the "
            "predictors before, so their effects cannot be told apart; leave "
            f"{'them' if several else 'it'} out, or name {'them' if several else 'it'} among the "
            "auxiliary variables only."
        )
