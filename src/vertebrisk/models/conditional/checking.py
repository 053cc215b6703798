"""What a conditional model asks of its sets before anything is estimated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vertebrisk._checks import listed
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.errors import FitError
from vertebrisk.findings import Finding
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.development import Selection
from vertebrisk.models.preparing import dependent_terms
from vertebrisk.models.separation import Separation, find_monotone
from vertebrisk.text.messages import say

ROUNDING = 1e-12  # spread inside a set, relative to the column's, that is none


def by_first_row(groups: IntArray) -> IntArray:
    """Codes of the sets from 0, in the order of their first rows."""
    _, first, place = np.unique(groups, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[place])


def less_set_means(values: FloatArray, groups: IntArray) -> FloatArray:
    """Values less the mean of their set, shape (n, k); `groups` are codes."""
    _, place = np.unique(groups, return_inverse=True)
    count = np.bincount(place)
    means = np.column_stack(
        [np.bincount(place, weights=column) / count for column in values.T]
        or [np.empty((count.size, 0))]
    )
    return np.asarray(values - means[place])


def same_in_sets(design: Design, matrix: FloatArray, groups: IntArray) -> list[str]:
    """Terms of which every column has one value in each set."""
    spread = np.abs(less_set_means(matrix, groups)).max(axis=0, initial=0.0)
    scale = np.abs(matrix).max(axis=0, initial=0.0)
    still = spread <= ROUNDING * np.maximum(scale, 1e-300)
    return [name for name, part in design.slices.items() if still[part].all()]


def check_inside(
    design: Design, matrix: FloatArray, groups: IntArray, sets: str, selection: Selection
) -> None:
    """Refuse candidates that members of a set cannot differ in, or that say the same there."""
    still = same_in_sets(design, matrix, groups)
    if still:
        raise FitError(
            f"{listed(still)} has one value inside every set of '{sets}': what the sets were "
            "matched on has no estimate. Leave it out; its interactions can stay."
        )
    if selection.chooses:
        return
    repeated = dependent_terms(design, less_set_means(matrix, groups))
    if repeated:
        raise FitError(
            f"Inside the sets of '{sets}', {listed(repeated)} is an exact combination of the "
            "predictors before it, so their effects cannot be told apart; leave it out."
        )


def find_separated(
    design: Design, matrix: FloatArray, event: FloatArray, groups: IntArray
) -> Separation | None:
    """What separates cases from controls inside the sets; None where an estimate is finite.

    A direction separates where no control of any set lies above a case of it, and some lie
    below: each case is compared with the controls of its set, as an event with those at risk.

    Parameters
    ----------
    design : Design
    matrix : array, shape (n, columns)
    event : array, shape (n,)
        1 for a case.
    groups : int array, shape (n,)
        Code of each row's set.
    """
    if matrix.shape[1] == 0:
        return None
    rows, case, own = _compared(event > 0.5, groups)
    times = SurvivalTimes(np.ones(rows.size), case, None, own)
    found = find_monotone(design, matrix[rows], times)
    return None if found is None else _by_term(found, design)


def _by_term(found: Separation, design: Design) -> Separation:
    """Of two levels that mirror each other in every set the term is named."""
    plain = {
        f"{term.name} = {level}": term.name
        for term in design.terms
        for level in term.factors[0].levels
        if len(term.factors) == 1 and len(term.factors[0].levels) == 2
    }
    alone = dict.fromkeys(plain.get(name, name) for name in found.alone)
    together = dict.fromkeys(plain.get(name, name) for name in found.together)
    return replace(found, alone=tuple(alone), together=tuple(together))


def _compared(case: BoolArray, groups: IntArray) -> tuple[IntArray, BoolArray, IntArray]:
    """Each case with the controls of its set: rows, which is the case, and whose comparison."""
    order = np.argsort(groups, kind="stable")
    first = np.searchsorted(groups[order], np.arange(int(groups.max()) + 2))
    rows: list[IntArray] = []
    marks: list[BoolArray] = []
    own: list[IntArray] = []
    for code in range(first.size - 1):
        members = order[first[code] : first[code + 1]]
        controls = members[~case[members]]
        for each in members[case[members]]:
            own.append(np.full(controls.size + 1, len(own)))
            rows.append(np.concatenate([[each], controls]))
            marks.append(np.arange(controls.size + 1) == 0)
    return np.concatenate(rows), np.concatenate(marks), np.concatenate(own)


def refusal(separation: Separation, sets: str) -> str:
    """Why no estimate exists, in one line."""
    return (
        f"No finite estimate exists: {separation.text} cases from controls inside every set of "
        f"'{sets}', where the cases have the highest, or the lowest, values. Merge levels, leave "
        "the predictor out, or, with one case a set, use Firth's penalised likelihood (estimator "
        "'firth', or 'auto')."
    )


def separated_sets(separation: Separation, sets: str) -> Finding:
    """Cases are separated from controls inside the sets, and Firth's estimator was used."""
    return Finding(
        code="separation",
        severity="warning",
        message=say(
            "{text} cases from controls inside every set of '{sets}', so no finite "
            "maximum-likelihood estimate exists; the model was estimated by Firth's "
            "penalised likelihood.",
            text=separation.text,
            sets=sets,
        ),
        remedy=say(
            "Read the profile intervals: the data say that an effect is large, not how large."
        ),
        explanation=say(
            "Firth's penalty keeps estimates finite and removes their first-order bias "
            "(Heinze and Puhr 2010, doi:10.1002/sim.3794)."
        ),
    )
