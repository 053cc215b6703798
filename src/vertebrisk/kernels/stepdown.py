"""Wald tests of smaller models from the fit of the whole one, for many replicates at once.

Near its maximum a log-likelihood is quadratic, so that one fit gives the estimates of every
model with some columns left out, without a refit: those that the information weighs against
the columns that stay (Lawless and Singhal 1978, Biometrics 34:318-327).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.newton import LogisticFits
from vertebrisk.kernels.steps import equilibrated
from vertebrisk.kernels.survival.cox import CoxFits


@dataclass(frozen=True, slots=True, eq=False)
class WholeFits:
    """Fits of one model, one a replicate, the intercept taken out.

    Attributes
    ----------
    beta : array, shape (replicates, p)
        Slopes, each in a unit in which its information in the model of all columns is 1.
    covariance : array, shape (replicates, p, p)
        Zero for columns that were left out.
    """

    beta: FloatArray
    covariance: FloatArray

    @classmethod
    def of_logistic(cls, fits: LogisticFits, replicates: IntArray) -> WholeFits:
        """Of some fits, whose first column is the intercept's."""
        information = fits.scaled_information[replicates]
        cross = information[:, 0, 1:]
        within = cross[:, :, None] * cross[:, None, :] / information[:, :1, :1]
        slopes = fits.beta[replicates, 1:] * fits.scaling.scale[1:]
        return cls._of(slopes, information[:, 1:, 1:] - within)

    @classmethod
    def of_cox(cls, fits: CoxFits, replicates: IntArray) -> WholeFits:
        """Of some fits, which have no intercept."""
        return cls._of(fits.beta[replicates], fits.information[replicates])

    @classmethod
    def _of(cls, beta: FloatArray, information: FloatArray) -> WholeFits:
        scaled, scale = equilibrated(information)
        return cls(beta * scale, np.asarray(np.linalg.inv(scaled), np.float64))

    def take(self, replicates: IntArray) -> WholeFits:
        """The same of some replicates only."""
        return WholeFits(self.beta[replicates], self.covariance[replicates])

    def statistics(self, parts: Sequence[IntArray]) -> FloatArray:
        """Wald's statistic of the columns of each part; see `wald_statistics`."""
        return wald_statistics(self.beta, self.covariance, parts)

    def without(self, parts: Sequence[IntArray]) -> WholeFits:
        """Fits of the models without some columns, which each replicate has its own."""
        made = WholeFits(self.beta.copy(), self.covariance.copy())
        alike: dict[tuple[int, ...], list[int]] = {}
        for replicate, part in enumerate(parts):
            alike.setdefault(tuple(part.tolist()), []).append(replicate)
        for columns, replicates in alike.items():
            made._leave_out(np.array(columns), np.array(replicates))
        return made

    def _leave_out(self, part: IntArray, replicates: IntArray) -> None:
        beta, covariance = self.beta[replicates], self.covariance[replicates]
        across = covariance[:, :, part]
        own = np.concatenate([beta[:, part, None], across.swapaxes(1, 2)], axis=2)
        solved = np.linalg.solve(covariance[:, part[:, None], part], own)
        beta -= (across @ solved[:, :, :1])[:, :, 0]
        covariance -= across @ solved[:, :, 1:]
        beta[:, part] = 0.0
        covariance[:, part] = 0.0
        covariance[:, :, part] = 0.0
        self.beta[replicates], self.covariance[replicates] = beta, covariance


def wald_statistics(
    beta: FloatArray, covariance: FloatArray, parts: Sequence[IntArray]
) -> FloatArray:
    """Wald's statistic of the columns of each part, shape (replicates, parts).

    Zero where the covariance of the part is zero: its columns are not in the model.

    Parameters
    ----------
    beta : array, shape (replicates, p)
    covariance : array, shape (replicates, p, p)
    parts : sequence of int arrays
    """
    diagonal = np.einsum("rpp->rp", covariance)
    used = diagonal > 0.0
    single = np.where(used, beta**2 / np.where(used, diagonal, 1.0), 0.0)
    found = np.empty((beta.shape[0], len(parts)))
    for position, part in enumerate(parts):
        if part.size == 1:
            found[:, position] = single[:, part[0]]
            continue
        own = beta[:, part, None]
        block = covariance[:, part[:, None], part] + np.eye(part.size) * ~used[:, part, None]
        found[:, position] = np.einsum(
            "rp,rp->r", beta[:, part], np.linalg.solve(block, own)[:, :, 0]
        )
    return found
