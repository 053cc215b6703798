"""Which terms leave a model without a finite maximum-likelihood estimate?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._checks import listed
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.kernels.finite import step_proves_overlap
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch, proves_overlap
from vertebrisk.kernels.patterns import Patterns, find_patterns
from vertebrisk.kernels.separation import (
    overlaps,
    separated_alone,
    separated_along,
    sparse_direction,
)
from vertebrisk.kernels.survival.cox import CoxFits, fit_cox_batch, proves_finite
from vertebrisk.kernels.survival.monotone import is_monotone, monotone_alone, sparse_monotone
from vertebrisk.text.messages import joined, say
from vertebrisk.text.plurals import agreeing

if TYPE_CHECKING:
    from vertebrisk.kernels.survival.times import SurvivalTimes

SHARE = 1e-6  # of the greatest movement, below which a column has no part in it


@dataclass(frozen=True, slots=True)
class Separation:
    """What separates the outcomes.

    Attributes
    ----------
    complete : bool
        True where every patient is separated, False where some overlap (quasi-complete).
    alone : tuple of str
        Terms, or their levels, each of which separates by itself.
    together : tuple of str
        Terms or levels that separate only in combination.
    """

    complete: bool
    alone: tuple[str, ...]
    together: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Who separates, as the beginning of a sentence."""
        parts = []
        if self.alone:
            parts.append(
                say(
                    "{names} {separate}",
                    names=listed(list(self.alone)),
                    separate=agreeing(len(self.alone), "separates", "separate"),
                )
            )
        if self.together:
            parts.append(say("{names} together separate", names=listed(list(self.together))))
        return joined(parts, ", and ")


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A column that a name belongs to; `level` is empty for numbers."""

    term: str
    level: str
    values: FloatArray

    @property
    def name(self) -> str:
        """As findings and errors call it."""
        return f"{self.term} = {self.level}" if self.level else self.term


def candidates_of(design: Design, matrix: FloatArray) -> tuple[Candidate, ...]:
    """Columns of the terms; of a category every level, the reference too."""
    found: list[Candidate] = []
    for term in design.terms:
        part = matrix[:, design.slices[term.name]]
        factor = term.factors[0]
        if len(term.factors) > 1 or factor.kind != "categorical":
            found += [Candidate(term.name, "", column) for column in part.T]
            continue
        reference = 1.0 - part.sum(axis=1)
        columns = [reference, *part.T]
        found += [
            Candidate(term.name, level, column)
            for level, column in zip(factor.levels, columns, strict=True)
        ]
    return tuple(found)


def find_separation(
    design: Design,
    matrix: FloatArray,
    event: FloatArray,
    fits: LogisticFits | None = None,
    patterns: Patterns | None = None,
    near: LogisticFits | None = None,
) -> Separation | None:
    """What separates the outcomes, or None where a finite estimate exists.

    Parameters
    ----------
    design : Design
    matrix : array, shape (n, columns)
        Its columns, without intercept.
    event : array, shape (n,)
        1 for the event.
    fits : LogisticFits, optional
        Their model by maximum likelihood, where it is at hand.
    patterns : Patterns, optional
        Their distinct rows, where they are at hand.
    near : LogisticFits, optional
        Their model by a likelihood whose maximum is near.
    """
    if matrix.shape[1] == 0 or (fits is not None and fits.proved):
        return None
    patterns = patterns or find_patterns(matrix)
    total, events = patterns.count(np.ones((1, event.size)), event)
    side = np.where(events[0] == total[0], 1, np.where(events[0] == 0, -1, 0)).astype(np.int64)
    rows = np.column_stack([np.ones(patterns.rows.shape[0]), patterns.rows])
    share = events[0] / total[0]
    if near is not None:
        columns, eta = near.scaling.apply(rows), rows @ near.beta[0]
        if step_proves_overlap(columns, eta, share, total[0]):
            return None
    fits = fits or fit_logistic_batch(rows, share, total)
    if proves_overlap(fits, rows) or overlaps(rows, side):
        return None
    candidates = candidates_of(design, patterns.rows)
    left = np.ones(side.size, dtype=np.bool_)
    alone: list[Candidate] = []
    together: list[Candidate] = []
    while _both(side[left]) and not overlaps(rows[left], side[left]):
        own, gone = _alone(candidates, side, left)
        if own and not together:
            alone += own
        else:
            used, gone = _together(candidates, side, left)
            together += used
        if not gone.any():
            break
        left &= ~gone
    complete = not _both(side[left])
    return Separation(complete, _named(alone, candidates), _named(together, candidates))


def _both(side: IntArray) -> bool:
    """True where both outcomes occur."""
    return bool((side >= 0).any() and (side <= 0).any())


def _alone(
    candidates: tuple[Candidate, ...], side: IntArray, left: BoolArray
) -> tuple[list[Candidate], BoolArray]:
    """Candidates that separate by themselves, and the rows that they do."""
    found = []
    gone = np.zeros(side.size, dtype=np.bool_)
    for each in candidates:
        rows = np.zeros(side.size, dtype=np.bool_)
        rows[left] = separated_alone(each.values[left], side[left])
        if each.level and not (rows & (each.values == 1.0)).any():
            continue  # the other levels are those that separate
        if rows.any():
            found.append(each)
            gone |= rows
    return found, gone


def _together(
    candidates: tuple[Candidate, ...], side: IntArray, left: BoolArray
) -> tuple[list[Candidate], BoolArray]:
    """Candidates that separate in combination, and the rows that they do."""
    values = np.column_stack([each.values[left] for each in candidates])
    direction = sparse_direction(values, side[left])
    gone = np.zeros(side.size, dtype=np.bool_)
    gone[left] = separated_along(values, direction, side[left])

    def enough(some: Sequence[Candidate]) -> bool:
        own = np.column_stack([np.ones(int(left.sum())), *(each.values[left] for each in some)])
        return not overlaps(own, side[left])

    return _needed(candidates, direction, enough), gone


def _needed(
    candidates: Sequence[Candidate],
    direction: FloatArray,
    enough: Callable[[Sequence[Candidate]], bool],
) -> list[Candidate]:
    """Candidates that a direction moves along, less those without which the others are enough."""
    largest = np.abs(direction).max(initial=0.0)
    order = np.argsort(np.abs(direction))
    kept = [int(index) for index in order if abs(direction[index]) > SHARE * largest]
    for index in list(kept):
        rest = [other for other in kept if other != index]
        if rest and enough([candidates[other] for other in rest]):
            kept = rest
    return [candidates[index] for index in sorted(kept)]


def _named(found: list[Candidate], candidates: tuple[Candidate, ...]) -> tuple[str, ...]:
    """Names once each; a term of which every level was found goes by its own name."""
    whole: Mapping[str, set[str]] = {
        each.term: {other.level for other in candidates if other.term == each.term}
        for each in found
    }
    own = {term: {each.level for each in found if each.term == term} for term in whole}
    names = [each.term if own[each.term] == whole[each.term] else each.name for each in found]
    return tuple(dict.fromkeys(names))


def find_monotone(
    design: Design, matrix: FloatArray, times: SurvivalTimes, fits: CoxFits | None = None
) -> Separation | None:
    """What makes a partial likelihood monotone, or None where a finite estimate exists.

    `fits` is the model by maximum likelihood, where it is at hand.

    A level is named where none of its patients who are at risk ever has the event. `complete`
    is False: what separates is a matter of each risk set.
    """
    fits = fits or fit_cox_batch(matrix, times)
    if proves_finite(fits, matrix) or not is_monotone(matrix, times):
        return None
    candidates = candidates_of(design, matrix)
    signs = [monotone_alone(each.values, times) for each in candidates]
    alone = [
        each
        for each, sign in zip(candidates, signs, strict=True)
        if sign < 0 or (sign > 0 and not each.level)
    ]
    if alone:
        return Separation(False, _named(alone, candidates))
    direction = sparse_monotone(np.column_stack([each.values for each in candidates]), times)

    def enough(some: Sequence[Candidate]) -> bool:
        return is_monotone(np.column_stack([each.values for each in some]), times)

    return Separation(False, (), _named(_needed(candidates, direction, enough), candidates))
