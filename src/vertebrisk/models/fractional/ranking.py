"""Which shapes come nearest to the best, without fitting each of them.

Around a fitted model the log-likelihood is a quadratic in the coefficients of all candidate
columns at once. Its maximum over the columns of any shape is then algebra with small matrices,
so that of the 44 shapes only the nearest need a fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.powers import SHAPE_COLUMNS, SHAPES
from vertebrisk.kernels.scaling import Scaling
from vertebrisk.kernels.steps import pair_products, unpacked
from vertebrisk.kernels.survival.cox import CoxProblem, lowered, standardised
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.models.likelihoods import BinaryLikelihood, PartialLikelihood

ALIKE = 1e-9  # two columns that share more than all but this of their information are one
SINGLES = [
    int(np.flatnonzero(SHAPE_COLUMNS[at])[0])
    for at, each in enumerate(SHAPES)
    if each[1:] == () and each
]
PAIRS = np.array(
    [np.flatnonzero(SHAPE_COLUMNS[at]) for at, each in enumerate(SHAPES) if len(each) == 2]
)


@dataclass(frozen=True, slots=True, eq=False)
class Expansion:
    """The log-likelihood near a model: b'target - b'information b / 2, but for a constant.

    Columns are scaled; where there is an intercept it stands first. Shapes (replicates, p) and
    (replicates, p, p).
    """

    target: FloatArray
    information: FloatArray


def expanded(
    likelihood: BinaryLikelihood | PartialLikelihood,
    columns: FloatArray,
    weights: FloatArray,
    beta: FloatArray,
) -> Expansion:
    """The expansion at coefficients `beta`, shape (replicates, intercept and columns)."""
    if isinstance(likelihood, BinaryLikelihood):
        return _expanded_binary(likelihood, columns, weights, beta)
    return _expanded_partial(likelihood, columns, weights, beta)


def _expanded_binary(
    likelihood: BinaryLikelihood, columns: FloatArray, weights: FloatArray, beta: FloatArray
) -> Expansion:
    rows = np.column_stack([np.ones(columns.shape[0]), columns])
    scaling = Scaling.of(rows, weights)
    scaled = scaling.apply(rows)
    eta = beta @ rows.T
    risk = 1.0 / (1.0 + np.exp(-np.clip(eta, -35.0, 35.0)))
    spread = weights * risk * (1.0 - risk)
    information = unpacked(spread @ pair_products(scaled), rows.shape[1])
    target = (weights * (likelihood.event - risk) + spread * eta) @ scaled
    return Expansion(target, information)


def _expanded_partial(
    likelihood: PartialLikelihood, columns: FloatArray, weights: FloatArray, beta: FloatArray
) -> Expansion:
    case = likelihood.case_weights
    mass = weights if case is None else weights * case
    sets = RiskSets.of(likelihood.times)
    rows = sets.rows
    scaled, scale = standardised(columns[rows], mass[:, rows])
    problem = CoxProblem.of(
        sets,
        scaled,
        mass[:, rows],
        np.zeros((1, rows.size)),
        np.ones((weights.shape[0], columns.shape[1]), dtype=np.bool_),
        likelihood.ties,
        weights[:, rows[sets.deaths]],
    )
    own = beta * scale
    gradient, information = problem.derivatives(lowered(own @ scaled, mass[:, rows]))
    return Expansion(gradient + np.einsum("rpq,rq->rp", information, own), information)


def shape_gains(expansion: Expansion, use: BoolArray, part: slice) -> FloatArray:
    """Likelihood-ratio statistic of each shape over none, shape (replicates, shapes).

    Parameters
    ----------
    expansion : Expansion
    use : bool array, shape (replicates, p)
        Columns of the other terms in use, the intercept with them.
    part : slice
        Columns of the term's shapes.
    """
    own = np.arange(part.start, part.stop)
    others = np.flatnonzero(use.any(axis=0))
    target, information = expansion.target[:, own], expansion.information[:, own][:, :, own]
    if others.size:
        kept = use[:, others]
        inner = expansion.information[:, others][:, :, others] * (kept[:, :, None] & kept[:, None])
        across = expansion.information[:, own][:, :, others] * kept[:, None]
        inverse = np.linalg.pinv(inner, rcond=1e-12, hermitian=True)
        solved = across @ inverse
        held = np.einsum("rco,ro->rc", solved, expansion.target[:, others] * kept)
        target, information = target - held, information - solved @ across.transpose(0, 2, 1)
    size = np.einsum("rcc->rc", expansion.information[:, own][:, :, own])
    return _gains(target, information, size)


def _gains(target: FloatArray, information: FloatArray, size: FloatArray) -> FloatArray:
    """Statistics of nothing, of single columns and of pairs."""
    diagonal = np.einsum("rcc->rc", information)
    known = diagonal > ALIKE * np.maximum(size, 1e-300)
    safe = np.where(known, diagonal, 1.0)
    alone = np.where(known, target**2 / safe, 0.0)
    first, second = PAIRS.T
    cross = information[:, first, second]
    left, right = target[:, first], target[:, second]
    product = safe[:, first] * safe[:, second]
    determinant = product - cross**2
    regular = known[:, first] & known[:, second] & (determinant > ALIKE * product)
    both = left**2 * safe[:, second] - 2 * left * right * cross + right**2 * safe[:, first]
    larger = np.maximum(alone[:, first], alone[:, second])
    pairs = np.where(regular, both / np.where(regular, determinant, 1.0), larger)
    return np.hstack([np.zeros((target.shape[0], 1)), alone[:, SINGLES], pairs])
