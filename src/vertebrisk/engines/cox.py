"""Cox regression of patients that come sorted.

A question to the likelihood costs two passes: the first finds what every chunk carries on to
later ones, the second each chunk's share for what is carried into it. Both are sums of chunks,
so memory, disk, threads and workers give the same bits. Newton's method is that of a model in
memory. Where patients are many it begins near the end: at the estimate of some of them, brought
nearer by gradients alone, which cost a fraction of the information.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, Ties
from vertebrisk.engines.columns import HeldColumns, Values
from vertebrisk.engines.engine import Chunk, Engine, LocalEngine
from vertebrisk.engines.points import Passes, Point
from vertebrisk.engines.sorted_patients import Carries, SortedPatients
from vertebrisk.kernels.steps import inverse_information
from vertebrisk.kernels.streamed.centring import Centring, centring, pooled
from vertebrisk.kernels.streamed.cox import Part, part, slope, together
from vertebrisk.kernels.streamed.monotone import Reach, Shortfall, further, reach, shortfall, worse
from vertebrisk.kernels.streamed.rises import Rises, risen_together, rises
from vertebrisk.kernels.streamed.sorted_rows import (
    FLOOR,
    Carried,
    Rows,
    Scaling,
    carried,
    continued,
)
from vertebrisk.kernels.survival.cox import (
    CoxFits,
    gathered,
    without_events,
)
from vertebrisk.kernels.survival.leading import EXACT, SAME
from vertebrisk.kernels.survival.maximum import CUTOFF, Beginning, maximised
from vertebrisk.kernels.survival.runaway import runs

PART = 65_536  # patients on whom the search begins where there are many more
MANY = 4  # times as many patients, from which on it does
NEARER = 8  # gradients at most by one covariance
SLOW = 0.04  # of the decrement is left by the next gradient: the information is to be made anew
ROUGHLY = 0.01  # squared step, in standard errors, with which the search in a part of them ends
ONE_ERROR = 0.3  # squared, in standard errors: a step from here ends at the maximum, but for little
COVARIATES = "Covariates"
DERIVATIVES = "Cox regression"
MONOTONE = "Does the likelihood have a maximum?"

S = TypeVar("S")
Share = Callable[[Rows, FloatArray, float, Carried | None, bool, Ties], S]


def fit_cox_sorted(
    patients: SortedPatients, engine: Engine, *, ties: Ties = "efron", begin: bool = True
) -> CoxFits:
    """Fit a Cox model to patients in order; one replicate, as `fit_cox_batch`.

    Where there are many, the search begins at the estimate of some of them, unless `begin` is
    False; the estimate does not depend on that.
    """
    return highest(CoxPasses.of(patients, engine, ties), begin=begin)


def highest(passes: Passes, *, begin: bool = True) -> CoxFits:
    """The maximum of a likelihood; see `fit_cox_sorted`."""
    if passes.centring.events == 0:
        return without_events(1, passes.mask.shape[1], passes.mask)
    beginning = _beginning(passes) if begin else None
    state = maximised(passes, beginning)
    if beginning is not None and not state.use.all():  # elsewhere all columns may vary
        state = maximised(passes)
    return gathered(state, passes, passes.centring.scale)


def centred(patients: SortedPatients, engine: Engine) -> Centring:
    """Centre and spread of the covariates, by one pass."""
    work = partial(_centring, patients)
    return engine.reduce(patients.columns, patients.read, work, pooled, COVARIATES)


def _beginning(passes: Passes) -> Beginning | None:
    """Where the search begins among many patients; None where a part of them does not tell."""
    step = passes.size // PART
    if step < MANY:
        return None
    own = passes.thinned(step)
    if own.centring.events == 0:
        return None
    nothing = Beginning(np.zeros(own.mask.shape), np.array([-np.inf]), ROUGHLY)
    fits = gathered(maximised(own, nothing), own, own.centring.scale)
    if not fits.converged[0] or fits.deficient[0]:
        return None
    scale = passes.centring.scale
    inverse = fits.covariance() * np.outer(scale, scale) / step
    beta, left = _nearer(passes, fits.beta[0] * scale, inverse, passes.aim)
    if left >= passes.rested:
        point = passes.at(beta)
        inverse = inverse_information(point.information, CUTOFF)
        beta, _ = _nearer(passes, beta + inverse @ point.gradient, inverse, passes.rested)
    return Beginning(beta[None], passes.null(), passes.rested)


def _nearer(
    passes: Passes, beta: FloatArray, inverse: FloatArray, aim: float
) -> tuple[FloatArray, float]:
    """Steps by gradients and one covariance, while they lead on, until little is left to gain.

    Each gradient mends the covariance (Broyden, Fletcher, Goldfarb and Shanno). Also gives the
    decrement that is left, as the last steps tell.
    """
    last = after = np.inf
    step = before = np.zeros_like(beta)
    for _ in range(NEARER):
        gradient = passes.gradient(beta)
        inverse = _mended(inverse, step, before - gradient)
        step, before = inverse @ gradient, gradient
        decrement = float(gradient @ step)
        left = decrement / last if np.isfinite(last) else SLOW
        if not left <= SLOW:
            break
        beta, after = beta + step, decrement * left
        if after < aim:
            break
        last = decrement
    return beta, after


def _mended(inverse: FloatArray, step: FloatArray, bent: FloatArray) -> FloatArray:
    """A covariance that tells of a step what it did to the gradient."""
    curved = float(step @ bent)
    if not curved > 0.0:
        return inverse
    rest = np.eye(step.size) - np.outer(step, bent) / curved
    return rest @ inverse @ rest.T + np.outer(step, step) / curved


def _thinned(chunk: Chunk, step: int) -> dict[str, Values]:
    rows = slice(-chunk.first % step, None, step)
    return {name: np.array(values[rows]) for name, values in chunk.values.items()}


@dataclass(slots=True, eq=False)
class CoxPasses(Passes):
    """The partial likelihood as Newton's method asks for it; a question costs two passes.

    Coefficients are those of covariates in spreads about their means. `patients` are those at
    risk at any event: what others have is no part of the likelihood, nor of its scale.
    """

    patients: SortedPatients
    engine: Engine
    ties: Ties
    centring: Centring
    weights: FloatArray
    mask: BoolArray
    known: list[Point] = field(default_factory=list)

    @classmethod
    def of(
        cls, patients: SortedPatients, engine: Engine, ties: Ties, known: Centring | None = None
    ) -> CoxPasses:
        """After a pass for who is at risk, and one for centre and spread of their covariates.

        These are `known` where all patients are at risk.
        """
        some = patients.at_risk(engine)
        if some is not patients:
            known = None
        found = patients.spread or known or centred(some, engine)
        mask = np.ones((1, found.centre.size), dtype=np.bool_)
        return cls(some, engine, ties, found, np.ones((1, 1)), mask)

    @property
    def scaling(self) -> Scaling | None:
        """What is still to be done to the covariates."""
        return self.centring.scaling if self.patients.spread is None else None

    @property
    def size(self) -> int:
        """Number of patients."""
        return self.patients.columns.size

    @property
    def aim(self) -> float:
        """To within an error: the information costs no more passes than a gradient."""
        return ONE_ERROR

    def thinned(self, step: int) -> CoxPasses:
        """The likelihood of one patient in so many."""
        patients, engine = self.patients, self.engine
        work = partial(_thinned, step=step)
        found = engine.collect(patients.columns, patients.read, work, DERIVATIVES)
        values = {name: np.concatenate([each[name] for each in found]) for name in found[0]}
        some = replace(patients, columns=HeldColumns(values))
        return CoxPasses.of(some, LocalEngine(), self.ties)

    def runs_away(self, step: FloatArray, gain: FloatArray, *, nearly: bool = False) -> BoolArray:
        """See `maximum.Likelihood`."""
        patients, engine = self.patients, self.engine
        direction = step[0] if self.scaling is None else step[0] / self.scaling.scale
        work = partial(_reach, patients, direction)
        found = engine.collect(patients.columns, patients.read, work, MONOTONE)
        lack = partial(_shortfall, patients, direction, Carries.of(found, further))
        short = engine.reduce(patients.columns, patients.read, lack, worse, MONOTONE)
        return runs(
            np.array([short.worst]),
            np.array([short.widest]),
            np.array([short.events]),
            gain,
            SAME if nearly else EXACT,
        )

    def moved(self, beta: FloatArray, before: FloatArray) -> float:
        """Largest change of a linear predictor, as far as hazards tell it."""
        patients, engine = self.patients, self.engine
        both = np.column_stack([beta, before])
        tops = partial(_tops, patients, self.scaling, both)
        top = engine.reduce(patients.columns, patients.read, tops, np.maximum, DERIVATIVES)
        work = partial(_moved, patients, self.scaling, both, top)
        return engine.reduce(patients.columns, patients.read, work, max, DERIVATIVES)

    def gradient(self, beta: FloatArray) -> FloatArray:
        """Gradient alone."""
        found = self._summed(self.patients, beta, slope, bare=True)
        return found.gradient - found.spread

    def null(self) -> FloatArray:
        """Log-likelihood without covariates, which are not read."""
        alone = self.patients.without_covariates()
        return np.array([self._summed(alone, np.empty(0), slope, bare=True).log_likelihood])

    def look(self, beta: FloatArray) -> Point:
        """The likelihood with its derivatives."""
        whole = self._summed(self.patients, beta, part)
        return Point(
            beta.copy(),
            whole.log_likelihood,
            whole.gradient,
            whole.spread - whole.means,
            np.diag(whole.spread).copy(),
        )

    def rises(self, beta: FloatArray, grids: Sequence[FloatArray]) -> Rises:
        """How the baseline of each stratum rises, for covariates at their centre."""
        return self._reduced(self.patients, beta, partial(rises, grids=grids), risen_together)

    def _summed(
        self, patients: SortedPatients, beta: FloatArray, share: Share[Part], bare: bool = False
    ) -> Part:
        return self._reduced(patients, beta, share, together, bare)

    def _reduced(
        self,
        patients: SortedPatients,
        beta: FloatArray,
        share: Share[S],
        join: Callable[[S, S], S],
        bare: bool = False,
    ) -> S:
        scaling = self.scaling if patients.names else None
        work = partial(_carried, patients, scaling, beta, bare)
        found = self.engine.collect(patients.columns, patients.read, work, DERIVATIVES)
        top = max(each.top for each in found)
        carries = Carries.of([each.at(top) for each in found], continued)
        work_on = partial(_shared, patients, scaling, beta, top, carries, self.ties, share)
        return self.engine.reduce(patients.columns, patients.read, work_on, join, DERIVATIVES)


def _centring(patients: SortedPatients, chunk: Chunk) -> Centring:
    return centring(patients.rows(chunk))


def _carried(
    patients: SortedPatients, scaling: Scaling | None, beta: FloatArray, bare: bool, chunk: Chunk
) -> Carried:
    return carried(patients.rows(chunk, scaling), beta, bare)


def _shared(
    patients: SortedPatients,
    scaling: Scaling | None,
    beta: FloatArray,
    top: float,
    carries: Carries[Carried],
    ties: Ties,
    share: Share[S],
    chunk: Chunk,
) -> S:
    before, closed = carries.into(chunk)
    return share(patients.rows(chunk, scaling), beta, top, before, closed, ties)


def _linear(rows: Rows, both: FloatArray) -> FloatArray:
    """Linear predictors at two points, shape (2, m)."""
    own = rows.scaled()
    return np.array([own.linear(beta) for beta in both.T])


def _tops(
    patients: SortedPatients, scaling: Scaling | None, both: FloatArray, chunk: Chunk
) -> FloatArray:
    rows = patients.rows(chunk, scaling)
    return np.array([rows.highest(each) for each in _linear(rows, both)])


def _moved(
    patients: SortedPatients,
    scaling: Scaling | None,
    both: FloatArray,
    top: FloatArray,
    chunk: Chunk,
) -> float:
    linear = _linear(patients.rows(chunk, scaling), both) - top[:, None]
    one, other = np.clip(linear, FLOOR, 0.0)
    return float(np.abs(one - other).max(initial=0.0))


def _reach(patients: SortedPatients, direction: FloatArray, chunk: Chunk) -> Reach:
    return reach(patients.rows(chunk), direction)


def _shortfall(
    patients: SortedPatients, direction: FloatArray, carries: Carries[Reach], chunk: Chunk
) -> Shortfall:
    before, closed = carries.into(chunk)
    return shortfall(patients.rows(chunk), direction, before, closed)
