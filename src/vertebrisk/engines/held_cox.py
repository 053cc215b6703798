"""Cox regression of many patients in memory, in the order they come in.

Only what sums over risk sets need is by time: hazards, one number a patient. Covariates are read
as they lie and never copied, chunk by chunk for products, column by column for sums at event
times.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, Ties
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.cox import DERIVATIVES, highest
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.engines.points import Passes, Point
from vertebrisk.engines.threads import one_thread, side_by_side
from vertebrisk.kernels.products import product
from vertebrisk.kernels.streamed.centring import Centring, centring
from vertebrisk.kernels.streamed.sorted_rows import FLOOR, Rows, pieces
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.kernels.survival.placed_rows import PlacedRows
from vertebrisk.kernels.survival.runaway import proves_monotone
from vertebrisk.kernels.survival.spread import mean_products
from vertebrisk.kernels.survival.ties import Hazards, TiedTerms
from vertebrisk.kernels.survival.times import SurvivalTimes

MANY = 100_000  # patients from which on chunks are faster than whole columns
ENOUGH = 16_384  # patients who tell where covariates lie
FAR = 1e4  # spreads from zero to a mean, beyond which products with a column lose digits


def fit_cox_held(
    columns: FloatArray,
    times: SurvivalTimes,
    engine: Engine,
    *,
    weights: FloatArray | None = None,
    ties: Ties = "efron",
) -> CoxFits:
    """Fit a Cox model, as `fit_cox_batch` of one replicate.

    Parameters
    ----------
    columns : array, shape (n, p)
        The fastest where each column lies together.
    times : SurvivalTimes
        Without late entry.
    engine : Engine
    weights : array, shape (n,), optional
        Case weights as those of ``coxph``.
    ties : {"efron", "breslow"}
    """
    columns = np.asarray(columns, dtype=np.float64)
    sets = _placed(times, weights)
    spread = _spread(columns, sets.present if weights is None else sets.present * weights)
    if (np.abs(spread.centre) > FAR * spread.scale).any():
        columns = columns - spread.centre
        spread = replace(spread, centre=np.zeros_like(spread.centre))
    return highest(HeldPasses.of(columns, times, weights, ties, engine, spread, sets))


def _placed(times: SurvivalTimes, mass: FloatArray | None) -> PlacedRows:
    """Risk sets of the events that have any weight."""
    return PlacedRows.of(times, times.event if mass is None else times.event & (mass > 0))


def _spread(columns: FloatArray, weights: FloatArray | BoolArray) -> Centring:
    """Centre and spread of the covariates of some rows: near enough to those of all."""
    step = max(1, columns.shape[0] // ENOUGH)
    some = np.asfortranarray(columns[::step])
    none = np.zeros(some.shape[0])
    mass = np.asarray(weights[::step], np.float64)
    return centring(Rows(some, none, none > 0, weights=mass))


@dataclass(frozen=True, slots=True, eq=False)
class _AtRisk:
    """Hazards at a point: of each patient, and of those at risk and those dying at each moment.

    Attributes
    ----------
    hazard : array, shape (n,)
    whole, dying : array, shape (1, g)
    gain : float
        Linear predictors of the events, weighted and summed.
    """

    hazard: FloatArray
    whole: FloatArray
    dying: FloatArray
    gain: float


@dataclass(slots=True, eq=False)
class HeldPasses(Passes):
    """The partial likelihood as Newton's method asks for it, see `cox.CoxPasses`.

    Attributes
    ----------
    columns : array, shape (n, p)
    times : SurvivalTimes
    mass : array, shape (n,), or None
        Case weights.
    centring : Centring
        A centre near which the covariates lie, and spreads; events are those that count.
    sets : PlacedRows
    event : array, shape (n,)
        Weight of each event, 0 for others.
    """

    columns: FloatArray
    times: SurvivalTimes
    mass: FloatArray | None
    ties: Ties
    engine: Engine
    centring: Centring
    sets: PlacedRows
    event: FloatArray
    terms: TiedTerms
    weights: FloatArray
    mask: BoolArray
    known: list[Point] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        columns: FloatArray,
        times: SurvivalTimes,
        mass: FloatArray | None,
        ties: Ties,
        engine: Engine,
        near: Centring,
        sets: PlacedRows,
    ) -> HeldPasses:
        """Of patients with covariates near a centre."""
        event = times.event.astype(np.float64) if mass is None else times.event * mass
        own = event[None, sets.deaths]
        terms = TiedTerms.counted(sets.dying(own), sets.dying(np.ones_like(own)), ties)
        counted = replace(near, events=sets.deaths.size)
        mask, one = np.ones((1, columns.shape[1]), dtype=np.bool_), np.ones((1, 1))
        return cls(columns, times, mass, ties, engine, counted, sets, event, terms, one, mask)

    @property
    def size(self) -> int:
        """Number of patients."""
        return self.times.size

    @property
    def aim(self) -> float:
        """All the way: the information costs as much as some gradients."""
        return self.rested

    def thinned(self, step: int) -> HeldPasses:
        """The likelihood of one patient in so many."""
        times = self.times.take(np.arange(0, self.size, step))
        mass = None if self.mass is None else self.mass[::step]
        return HeldPasses.of(
            np.asfortranarray(self.columns[::step]),
            times,
            mass,
            self.ties,
            self.engine,
            self.centring,
            _placed(times, mass),
        )

    def runs_away(self, step: FloatArray, gain: FloatArray, *, nearly: bool = False) -> BoolArray:
        """See `maximum.Likelihood`."""
        own = step / self.centring.scale
        mass = np.ones((1, self.size)) if self.mass is None else self.mass[None]
        return proves_monotone(
            own, self.columns.T, gain, mass, self.sets, self.sets.deaths, nearly=nearly
        )

    def moved(self, beta: FloatArray, before: FloatArray) -> float:
        """Largest change of a linear predictor, as far as hazards tell it."""
        change = self._bounded(self._linear(beta)) - self._bounded(self._linear(before))
        return float(np.abs(change, out=change).max(where=self._counted(), initial=0.0))

    def null(self) -> FloatArray:
        """Log-likelihood without covariates, which are not read."""
        return np.array([self._log_likelihood(self._at_risk(np.zeros(self.size)))])

    def gradient(self, beta: FloatArray) -> FloatArray:
        """Gradient alone."""
        found = self._at_risk(self._linear(beta))
        rises = self.terms.rises(found.whole, found.dying)
        return self._gradient(self._expected(found, *rises))

    def look(self, beta: FloatArray) -> Point:
        """The likelihood with its derivatives."""
        found = self._at_risk(self._linear(beta))
        sums = Hazards.of(self.terms, found.whole, found.dying)
        expected = self._expected(found, sums.increment, sums.returned)
        held = HeldColumns({"x": self.columns, "weights": expected})
        work = partial(_products, self.centring.centre)
        squares = self.engine.reduce(held, held.names, work, np.add, DERIVATIVES)
        means, scale = self._means(found.hazard, sums), self.centring.scale
        return Point(
            beta.copy(),
            self._log_likelihood(found),
            self._gradient(expected),
            (squares - means) / np.outer(scale, scale),
            np.diag(squares) / scale**2,
        )

    def _linear(self, beta: FloatArray) -> FloatArray:
        """Linear predictors, up to a constant."""
        found = np.empty(self.size)
        held = HeldColumns({"x": self.columns, "linear": found})
        work = partial(_predicted, beta / self.centring.scale)
        self.engine.collect(held, held.names, work, DERIVATIVES)
        return found

    def _counted(self) -> BoolArray:
        """Patients who are at risk at an event."""
        present = self.sets.present
        return present if self.mass is None else present & (self.mass > 0)

    def _bounded(self, linear: FloatArray) -> FloatArray:
        """Linear predictors below the highest, in their place."""
        linear -= linear.max(where=self._counted(), initial=-np.inf)
        return np.clip(linear, FLOOR, 0.0, out=linear)

    def _at_risk(self, linear: FloatArray) -> _AtRisk:
        """Of linear predictors, which are lost."""
        mass, sets = self.mass, self.sets
        linear = self._bounded(linear)
        gain = float((self.event[sets.deaths] * linear[sets.deaths]).sum())
        hazard = np.exp(linear, out=linear)
        if mass is not None:
            hazard *= mass
        return _AtRisk(
            hazard, sets.at_risk(hazard[None]), sets.dying(hazard[None, sets.deaths]), gain
        )

    def _log_likelihood(self, found: _AtRisk) -> float:
        return found.gain - float(self.terms.log_sum(found.whole, found.dying)[0])

    def _expected(self, found: _AtRisk, increment: FloatArray, returned: FloatArray) -> FloatArray:
        """Events expected of each patient, in the place of the hazards."""
        expected: FloatArray = self.sets.lived(increment)[0]
        if self.terms.tied:
            expected[self.sets.deaths] -= returned[0, self.sets.own]
        expected *= found.hazard
        return expected

    def _gradient(self, expected: FloatArray) -> FloatArray:
        held = HeldColumns({"x": self.columns, "event": self.event, "expected": expected})
        found = self.engine.reduce(held, held.names, _residual, np.add, DERIVATIVES)
        return np.asarray(found / self.centring.scale)

    def _means(self, hazard: FloatArray, sums: Hazards) -> FloatArray:
        """Products of mean covariates, some event times after the other."""
        whole, dying = self._by_moment(hazard)
        found = np.zeros((whole.shape[0], whole.shape[0]))
        with one_thread():
            for part in pieces(0, self.sets.count, whole.shape[0]):
                some = whole[None, :, part], dying[None, :, part]
                found += mean_products(self.terms, sums.between(part), *some)[0]
        return found

    def _by_moment(self, hazard: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Covariates by hazard, of those at risk and of those who die, shape (p, g) each."""
        size, sets = self.columns.shape[1], self.sets
        whole = np.empty((size, sets.count))
        dying = np.empty((size, sets.count)) if self.terms.tied else whole

        def fill(place: int) -> None:
            weighted = self.columns[:, place] - self.centring.centre[place]
            weighted *= hazard
            whole[place] = sets.at_risk(weighted[None])[0]
            if self.terms.tied:
                dying[place] = sets.dying(weighted[None, sets.deaths])[0]

        side_by_side(fill, range(size))
        return whole, dying


def _predicted(beta: FloatArray, chunk: Chunk) -> None:
    columns, found = chunk.values["x"], chunk.values["linear"]
    for part in pieces(0, chunk.size, beta.size):
        np.dot(columns[part], beta, out=found[part])


def _residual(chunk: Chunk) -> FloatArray:
    values = chunk.values
    return product(values["event"] - values["expected"], values["x"])


def _products(centre: FloatArray, chunk: Chunk) -> FloatArray:
    """Weighted products of the covariates about a centre, summed over the rows."""
    table, weights = chunk.values["x"].T, chunk.values["weights"]
    found = np.zeros((centre.size, centre.size))
    for part in pieces(0, chunk.size, centre.size):
        about = table[:, part] - centre[:, None]
        found += product(weights[part] * about, about.T)
    return found
