"""Wald tests of smaller models from the fit of the whole one, for many replicates at once.

Near its maximum a log-likelihood is quadratic, so that one fit gives the estimates of every
model with some columns left out, without a refit: those that the information weighs against
the columns that stay (Lawless and Singhal 1978, Biometrics 34:318-327).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.newton import LogisticFits
from vertebrisk.kernels.steps import equilibrated
from vertebrisk.kernels.survival.cox import CoxFits


@dataclass(frozen=True, slots=True, eq=False)
class WholeFits:
    """Fits of all columns, one a replicate, the intercept taken out.

    Attributes
    ----------
    beta : array, shape (replicates, p)
        Slopes, each in a unit in which its information is 1.
    information : array, shape (replicates, p, p)
        Inverse of their covariance, with a unit diagonal.
    """

    beta: FloatArray
    information: FloatArray

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
        return cls(beta * scale, scaled)

    def take(self, replicates: IntArray) -> WholeFits:
        """The same of some replicates only."""
        return WholeFits(self.beta[replicates], self.information[replicates])

    def statistics(self, columns: IntArray, parts: list[IntArray]) -> FloatArray:
        """Wald's statistic of each part in the model of some columns, shape (replicates, parts).

        Parameters
        ----------
        columns : int array, shape (k,)
            Columns of the model.
        parts : list of int arrays
            Columns that are tested together, as positions among `columns`.
        """
        score = np.einsum("rpq,rq->rp", self.information, self.beta)[:, columns]
        covariance = np.linalg.inv(self.information[:, columns[:, None], columns])
        beta = np.einsum("rpq,rq->rp", covariance, score)
        found = np.empty((beta.shape[0], len(parts)))
        for position, part in enumerate(parts):
            own = beta[:, part]
            solved = np.linalg.solve(covariance[:, part[:, None], part], own[:, :, None])
            found[:, position] = np.einsum("rp,rp->r", own, solved[:, :, 0])
        return found
