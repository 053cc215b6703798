"""Logistic regression of categories, unordered and ordered, in many chains at once.

Rows are augmented as White, Daniel and Royston 2010 do (doi:10.1016/j.csda.2010.04.005): a
few of small weight around the means of the predictors, so that a category that the others
determine has finite coefficients and is still drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.imputation.regressions import Rows, Streams, spread

STEPS = 30
HALVINGS = 8
CLOSE = 1e-8  # gain of log-likelihood promised by a step that is not worth another
TINY = 1e-12


def polytomous(
    rows: Rows, levels: int, streams: Streams, start: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Categories by multinomial logistic regression; with two levels, plain logistic.

    Codes from 0 in, codes out, shape (chains, unknown), and the estimate. The last one of the
    chains, where there is one, is where the search for it may start.
    """
    sample = _augmented(rows, levels)
    beta, information = fit_polytomous(
        sample.columns.transpose(0, 2, 1), sample.codes, sample.weights, levels, start=start
    )
    drawn = beta + _drawn(information, streams.at(1))
    risks = _multinomial(rows.asked, drawn, levels)
    return _picked(risks, streams.at(2).shares_at(rows.unknown)), beta


def ordered(
    rows: Rows, levels: int, streams: Streams, start: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Ordered categories by the proportional-odds model, as `polytomous`."""
    sample = _augmented(rows, levels)
    theta, information = fit_ordered(
        sample.columns[:, 1:].transpose(0, 2, 1), sample.codes, sample.weights, levels, start=start
    )
    drawn = theta + _drawn(information, streams.at(1))
    drawn[:, : levels - 1] = np.sort(drawn[:, : levels - 1], axis=1)
    below = _cumulative(rows.asked[:, 1:].transpose(0, 2, 1), drawn, levels)
    risks = np.diff(below, axis=2).transpose(2, 0, 1)
    return _picked(risks, streams.at(2).shares_at(rows.unknown)), theta


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """Columns of shape (chains, q, n); codes and weights, (1, n), are those of all chains."""

    columns: FloatArray
    codes: IntArray
    weights: FloatArray


def _augmented(rows: Rows, levels: int) -> _Sample:
    """The known rows with weight 1, and two around each mean for every level."""
    q, count = rows.design.shape[1:]
    added = 2 * (q - 1) * levels
    codes = np.concatenate([rows.values, np.tile(np.arange(levels), 2 * (q - 1))])
    weights = np.concatenate([np.ones(count), np.full(added, q / max(added, 1))])
    mean = rows.design.mean(axis=2)
    square = np.einsum("cqn,cqn->cq", rows.design, rows.design) / count
    sd = np.sqrt(np.maximum(square - mean**2, 0.0))
    moved = np.repeat(mean[:, :, None], 2 * (q - 1), axis=2)
    place = np.arange(q - 1)
    moved[:, place + 1, 2 * place] -= sd[:, 1:]
    moved[:, place + 1, 2 * place + 1] += sd[:, 1:]
    columns = np.concatenate([rows.design, np.repeat(moved, levels, axis=2)], axis=2)
    return _Sample(columns, codes.astype(np.int64)[None], weights[None])


def fit_polytomous(
    design: FloatArray,
    codes: IntArray,
    weights: FloatArray,
    levels: int,
    penalty: FloatArray | None = None,
    start: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Maximum likelihood against level 0: coefficients (chains, (levels - 1) q), information.

    `penalty`, shape (q,), takes half of it times the squared coefficient off the likelihood.
    The search begins at `start`, or at zero; at zero, too, where it does not end from there.
    """
    chains, _, q = design.shape
    columns = np.ascontiguousarray(design.transpose(0, 2, 1))
    heavy = np.tile(np.zeros(q) if penalty is None else penalty, levels - 1)
    beta = np.zeros((chains, heavy.size))
    if start is not None:
        beta += start
    member = np.array([codes == level for level in range(1, levels)])
    reach = np.full(chains, -np.inf)
    step = np.zeros_like(beta)
    information = np.zeros((chains, beta.shape[1], beta.shape[1]))
    for _ in range(STEPS):
        beta, risks, reach = _climbed(
            beta,
            step,
            reach,
            _penalised(lambda b: _polytomous_likelihood(columns, member, weights, b), heavy),
        )
        residual = weights * (member - risks[1:])
        gradient = residual.transpose(1, 0, 2) @ columns.transpose(0, 2, 1)
        gradient = gradient.reshape(chains, -1) - heavy * beta
        information = _polytomous_information(columns, weights, risks[1:]) + np.diag(heavy)
        step, gain = _step(information, gradient)
        if gain < CLOSE:
            return beta + step, information
    if start is not None:
        return fit_polytomous(design, codes, weights, levels, penalty)
    return beta, information


def _step(information: FloatArray, gradient: FloatArray) -> tuple[FloatArray, float]:
    """Of Newton's method, and the most that it gains in a chain."""
    step = np.asarray(np.linalg.solve(information, gradient[:, :, None])[:, :, 0], np.float64)
    return step, float(np.max(np.sum(gradient * step, axis=1), initial=0.0))


def _polytomous_likelihood(
    columns: FloatArray, member: BoolArray, weights: FloatArray, beta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    risks = _multinomial(columns, beta, member.shape[0] + 1)
    own = risks[0]
    for has, risk in zip(member, risks[1:], strict=True):
        own = np.where(has, risk, own)
    return risks, np.sum(weights * np.log(np.maximum(own, 1e-300)), axis=1)


def _multinomial(columns: FloatArray, beta: FloatArray, levels: int) -> FloatArray:
    """Risk of each level, shape (levels, chains, n), from columns of shape (chains, q, n)."""
    chains, q, n = columns.shape
    risks = np.zeros((levels, chains, n))
    risks[1:] = (beta.reshape(chains, levels - 1, q) @ columns).transpose(1, 0, 2)
    risks -= risks.max(axis=0)
    np.exp(risks, out=risks)
    risks /= risks.sum(axis=0)
    return risks


def _polytomous_information(
    columns: FloatArray, weights: FloatArray, risks: FloatArray
) -> FloatArray:
    chains, q, _ = columns.shape
    blocks = risks.shape[0]
    information = np.empty((chains, blocks * q, blocks * q))
    for a in range(blocks):
        for b in range(a + 1):
            share = weights * risks[a] * ((a == b) - risks[b])
            block = (columns * share[:, None]) @ columns.transpose(0, 2, 1)
            information[:, a * q : (a + 1) * q, b * q : (b + 1) * q] = block
            information[:, b * q : (b + 1) * q, a * q : (a + 1) * q] = block.transpose(0, 2, 1)
    return _firm(information)


def fit_ordered(
    design: FloatArray,
    codes: IntArray,
    weights: FloatArray,
    levels: int,
    penalty: FloatArray | None = None,
    start: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Proportional odds, P(y <= k) = expit(theta_k - x beta): thresholds, then coefficients.

    `design` has no column of ones. As ``MASS::polr`` (McCullagh 1980, JRSS B 42:109);
    `penalty`, shape (q,), as in `fit_polytomous`. Without a `start`, or where the search
    does not end from there, the thresholds are first those of the shares.
    """
    chains, _, q = design.shape
    cuts = levels - 1
    counts = (weights[:, None, :] @ (codes[:, :, None] <= np.arange(cuts)))[:, 0]
    share = np.clip(counts / weights.sum(axis=1)[:, None], 1e-4, 1 - 1e-4)
    theta = np.zeros((chains, cuts + q))
    theta[:, :cuts] = special.logit(share) + 1e-3 * np.arange(cuts)
    theta = theta if start is None else start
    heavy = np.concatenate([np.zeros(cuts), np.zeros(q) if penalty is None else penalty])
    reach, step = np.full(chains, -np.inf), np.zeros_like(theta)
    information = np.zeros((chains, cuts + q, cuts + q))
    for _ in range(STEPS):
        theta, below, reach = _climbed(
            theta,
            step,
            reach,
            _penalised(lambda t: _ordered_likelihood(design, codes, weights, t, levels), heavy),
        )
        gradient, information = _ordered_moments(design, codes, weights, below)
        gradient, information = gradient - heavy * theta, information + np.diag(heavy)
        step, gain = _step(information, gradient)
        if gain < CLOSE:
            return theta + step, information
    if start is not None:
        return fit_ordered(design, codes, weights, levels, penalty)
    return theta, information


def _cumulative(design: FloatArray, theta: FloatArray, levels: int) -> FloatArray:
    """Probability of lower levels, from 0 to 1, shape (chains, n, levels + 1)."""
    chains, n, _ = design.shape
    below = np.zeros((chains, n, levels + 1))
    linear = (design @ theta[:, levels - 1 :, None])[:, :, 0]
    below[:, :, 1:levels] = special.expit(theta[:, None, : levels - 1] - linear[:, :, None])
    below[:, :, levels] = 1.0
    return below


def _ordered_likelihood(
    design: FloatArray, codes: IntArray, weights: FloatArray, theta: FloatArray, levels: int
) -> tuple[FloatArray, FloatArray]:
    below = _cumulative(design, theta, levels)
    own = np.take_along_axis(np.diff(below, axis=2), codes[:, :, None], axis=2)[:, :, 0]
    likely = np.sum(weights * np.log(np.maximum(own, 1e-300)), axis=1)
    crossed = (np.diff(theta[:, : levels - 1], axis=1) <= 0).any(axis=1)
    return below, np.where(crossed, -np.inf, likely)


def _ordered_moments(
    design: FloatArray, codes: IntArray, weights: FloatArray, below: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Score and Fisher information of thresholds and coefficients."""
    chains, _, q = design.shape
    cuts = below.shape[2] - 2
    risks = np.maximum(np.diff(below, axis=2), TINY)
    density = below * (1.0 - below)  # zero at both ends
    rise = np.diff(density, axis=2)
    member = codes[:, :, None] == np.arange(cuts + 1)
    per_risk = np.where(member, 1.0 / risks, 0.0) * weights[:, :, None]
    inner = density[:, :, 1:-1]
    gradient = np.concatenate([
        np.sum(inner * (per_risk[:, :, :-1] - per_risk[:, :, 1:]), axis=1),
        -(np.sum(per_risk * rise, axis=2)[:, None, :] @ design)[:, 0],
    ], axis=1)  # fmt: skip
    information = np.zeros((chains, cuts + q, cuts + q))
    shared = weights[:, :, None]
    at = np.arange(cuts)
    own = shared * inner**2 * (1.0 / risks[:, :, :-1] + 1.0 / risks[:, :, 1:])
    information[:, at, at] = own.sum(axis=1)
    if cuts > 1:
        beside = np.sum(-shared * inner[:, :, :-1] * inner[:, :, 1:] / risks[:, :, 1:-1], axis=1)
        information[:, at[:-1], at[1:]] = information[:, at[1:], at[:-1]] = beside
    turned = rise / risks
    cross = -shared * inner * (turned[:, :, :-1] - turned[:, :, 1:])
    information[:, :cuts, cuts:] = cross.transpose(0, 2, 1) @ design
    information[:, cuts:, :cuts] = information[:, :cuts, cuts:].transpose(0, 2, 1)
    share = weights * np.sum(rise**2 / risks, axis=2)
    information[:, cuts:, cuts:] = (design * share[:, :, None]).transpose(0, 2, 1) @ design
    return gradient, _firm(information)


Evaluated = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


def _penalised(evaluate: Evaluated, heavy: FloatArray) -> Evaluated:
    """Likelihoods less their penalties."""

    def evaluated(beta: FloatArray) -> tuple[FloatArray, FloatArray]:
        risks, likely = evaluate(beta)
        return risks, likely - 0.5 * (beta**2 @ heavy)

    return evaluated


def _climbed(
    beta: FloatArray, step: FloatArray, reach: FloatArray, evaluate: Evaluated
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A step in every chain, halved where the likelihood would fall."""
    factor = np.ones(beta.shape[0])
    for _ in range(HALVINGS):
        moved = beta + factor[:, None] * step
        risks, likely = evaluate(moved)
        falls = ~(likely >= reach - CLOSE)
        if not falls.any():
            break
        factor = np.where(falls, factor / 2.0, factor)
    return moved, risks, likely


def _firm(information: FloatArray) -> FloatArray:
    """With a trace more on the diagonal, so that dependent columns can be solved; in place."""
    diagonal = np.einsum("cqq->cq", information)  # a view
    diagonal += 1e-9 * np.maximum(diagonal, TINY)
    return information


def _drawn(information: FloatArray, streams: Streams) -> FloatArray:
    return spread(information, streams.normals(information.shape[1]))


def _picked(risks: FloatArray, picks: FloatArray) -> FloatArray:
    """Levels drawn by numbers from 0 to 1; `risks` has their shape for every level."""
    passed, below = np.zeros_like(picks), np.zeros_like(picks)
    for risk in risks[:-1]:
        below += risk
        passed += below < picks
    return passed
